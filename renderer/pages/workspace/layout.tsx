// The frame of the pages about a workspace itself: people, projects, groups, settings. What each shows depends on the role.
import { Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { createContext, useContext } from 'react'
import { ApiError, call } from '../../api.ts'
import { TextLink } from '../../parts/link.tsx'
import { Side } from '../../parts/side.tsx'
import { Failure, Waiting } from '../../parts/states.tsx'
import { type Workspace, workspaceQuery } from '../../queries.ts'
import { NotFound } from '../not-found.tsx'

const Current = createContext<Workspace | null>(null)

export function useWorkspace(): Workspace {
  const workspace = useContext(Current)
  if (!workspace) throw new Error('This page stands in a workspace.')
  return workspace
}

interface Change {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  body?: unknown
}

/**
 * A change of the workspace or of something in it; all that is known of it is asked for again after it.
 * `before` that runs once the change is made: whoever loses the page by it has to leave first.
 */
export function useWorkspaceChange(before?: (change: Change) => unknown) {
  const client = useQueryClient()
  const { slug } = useWorkspace()
  return useMutation({
    mutationFn: ({ method, path, body }: Change) => call(method, path, body),
    onSuccess: async (_answer, change) => {
      await before?.(change)
      const old = [['workspaces'], ['workspace', slug], ['members', slug], ['projects', slug]]
      await Promise.all(old.map((queryKey) => client.invalidateQueries({ queryKey })))
    },
  })
}

export function WorkspaceLayout() {
  const { workspace = '' } = useParams({ strict: false })
  const { data, error, refetch } = useQuery(workspaceQuery(workspace))
  if (error)
    return error instanceof ApiError && error.status === 404 ? <NotFound /> : <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={6} />
  const root = `/workspaces/${data.slug}`
  const owner = data.role === 'owner'
  const pages = [
    [`${root}/members`, 'People'],
    [`${root}/projects`, 'Projects'],
    [`${root}/activity`, 'Activity'],
    ...(owner
      ? [
          [`${root}/groups`, 'Groups'],
          [`${root}/webhooks`, 'Webhooks'],
          [`${root}/oauth-consumers`, 'OAuth consumers'],
          [`${root}/settings`, 'Settings'],
        ]
      : []),
  ] as [string, string][]
  return (
    <Current value={data}>
      <Text size="lg" mb="md">
        <TextLink to={`/${data.slug}`} fw={650}>
          {data.name}
        </TextLink>
        {data.name !== data.slug && (
          <Text span c="dimmed">
            {' '}
            {data.slug}
          </Text>
        )}
      </Text>
      <Side label={`Workspace ${data.name}`} pages={pages} />
    </Current>
  )
}
