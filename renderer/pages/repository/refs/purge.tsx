// Removing kept tips for good: asked for with the typed name of the repository, and followed until it is done.
import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Purge } from '../../../../server/contract/gitstead.ts'
import { call } from '../../../api.ts'
import { Confirm } from '../../../parts/confirm.tsx'
import { Failure } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { ownOf } from '../data.ts'
import { purgesQuery } from './data.ts'
import { useRepository } from '../layout.tsx'

interface Props {
  chosen: readonly string[]
  /** How many tips there are. */
  size: number
  onAsked: () => void
}

export function Purging({ chosen, size, onAsked }: Props) {
  const { id, repository } = useRepository()
  const [asking, setAsking] = useState<'all' | 'chosen'>()
  const client = useQueryClient()
  const { data = [], error, refetch } = useQuery(purgesQuery(id))
  const last = data[0]
  const runs = last !== undefined && isUnderWay(last)
  useEffect(() => {
    // What it removed is no longer there to be shown.
    if (!runs) void client.invalidateQueries({ queryKey: ['kept', id.workspace, id.repo] })
  }, [client, runs, id.workspace, id.repo])
  const purge = useMutation({
    mutationFn: () => {
      const kept = asking === 'all' ? 'all' : chosen
      return call<Purge>('POST', `${ownOf(id)}/purges`, { confirm: repository.full_name, kept })
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['purges', id.workspace, id.repo] })
      setAsking(undefined)
      onAsked()
    },
  })
  const few = chosen.length === 1 ? 'the chosen commit' : `the ${chosen.length} chosen commits`
  const what = asking === 'all' ? `all ${size} of the list` : few
  return (
    <Stack gap="sm" mt="sm">
      {error && <Failure error={error} retry={refetch} />}
      {last && <Job job={last} />}
      {size > 0 && !runs && (
        <Group gap="sm">
          <Button
            variant="outline"
            color="red"
            size="xs"
            disabled={chosen.length === 0}
            onClick={() => setAsking('chosen')}
          >
            {chosen.length === 0 ? 'Remove the chosen for good' : `Remove ${chosen.length} for good`}
          </Button>
          <Button variant="subtle" color="red" size="xs" onClick={() => setAsking('all')}>
            Remove all for good
          </Button>
        </Group>
      )}
      <Confirm
        key={asking ?? ''}
        opened={asking !== undefined}
        title="Remove for good?"
        button="Remove for good"
        typed={repository.full_name}
        busy={purge.isPending}
        error={purge.error}
        onConfirm={purge.mutate}
        onClose={() => setAsking(undefined)}
      >
        This removes {what} from this server, with all that no branch, no tag and no other row of the list leads to.
        There is no way back, and pushes wait until it is done. Clones and forks that others have still hold them:
        change a leaked password all the same.
      </Confirm>
    </Stack>
  )
}

function isUnderWay({ state }: Purge): boolean {
  return state === 'waiting' || state === 'running'
}

function Job({ job }: { job: Purge }) {
  if (isUnderWay(job))
    return (
      <Stack gap={4}>
        <Progress value={100} animated striped aria-label="Removing for good" />
        <Text size="sm" c="dimmed" role="status">
          {job.state === 'waiting' && job.error !== null ? job.error : job.progress || 'Waiting for its turn …'}
        </Text>
      </Stack>
    )
  if (job.state === 'done')
    return (
      <Text size="sm" c="dimmed" role="status">
        {job.progress} <Time iso={job.created_on} />.
      </Text>
    )
  return (
    <Alert color="red" title="This could not be removed for good">
      <Text size="sm">{job.error} Whatever is left goes with the next try.</Text>
    </Alert>
  )
}
