// Watching a repository: whoever watches is told of pushes by others.
import { Button, Tooltip } from '@mantine/core'
import { EyeClosedIcon, EyeIcon } from '@primer/octicons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Watch } from '../../server/contract/notices.ts'
import { call, OWN, path } from '../api.ts'
import { reasonOf } from './states.tsx'

export function WatchButton({ workspace, repo }: { workspace: string; repo: string }) {
  const client = useQueryClient()
  const key = ['watch', workspace, repo]
  const at = `${OWN}${path('repositories', workspace, repo, 'watch')}`
  const { data } = useQuery({ queryKey: key, queryFn: ({ signal }) => call<Watch>('GET', at, undefined, signal) })
  const change = useMutation({
    mutationFn: (watching: boolean) => call<Watch>('PUT', at, { watching }),
    onSuccess: (answer) => client.setQueryData(key, answer),
  })
  if (!data) return null
  const { watching } = data
  const words = watching
    ? 'You are told of pushes by others. Click to be told no longer.'
    : 'Be told of pushes by others.'
  return (
    <Tooltip label={change.error ? reasonOf(change.error) : words} opened={change.error ? true : undefined}>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={watching ? <EyeIcon /> : <EyeClosedIcon />}
        loading={change.isPending}
        aria-pressed={watching}
        onClick={() => change.mutate(!watching)}
      >
        {watching ? 'Watching' : 'Watch'}
      </Button>
    </Tooltip>
  )
}
