// Background work as it stands: what runs, waits, is parked or has ended, and what an admin can do about it.
import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { JobEntry, JobList, JobState } from '../../../server/contract/jobs.ts'
import { call, OWN } from '../../api.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { TextLink } from '../../parts/link.tsx'
import { useChange } from '../../parts/own.ts'
import { Empty, Failure, FormFailure, Waiting } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'
import { PageTitle } from '../../parts/title.tsx'

/** News come by themselves, but how far a job is does not. */
const PROGRESS_MS = 2000
const REFRESH_MS = 15_000

const KINDS: Record<string, string> = {
  upkeep: 'Upkeep of a repository',
  import: 'Import',
  webhook: 'Webhook',
  purge: 'Purge of kept tips',
  move: 'Move to another disk',
  copies: 'Remove old copies',
  check: 'Check of a repository',
  night: 'Nightly care',
  audit: 'Let old events go',
  mail: 'Mail',
  prune: 'Forget old jobs and tokens',
}

const GROUPS = [
  ['parked', 'Parked', 'Tried as often as they may. They wait for you.'],
  ['running', 'Running', ''],
  ['waiting', 'Waiting', ''],
  ['recent', 'Ended lately', ''],
] as const

const COLOURS: Record<JobState, string> = {
  waiting: 'gray',
  running: 'blue',
  done: 'pine',
  failed: 'red',
  parked: 'red',
  cancelled: 'gray',
}

interface Asked {
  job: JobEntry
  action: 'discard' | 'cancel'
}

const WORDS = {
  discard: { title: 'Discard this job?', button: 'Discard' },
  cancel: { title: 'Cancel this job?', button: 'Cancel the job' },
}

export function Jobs() {
  const { data, error, refetch } = useQuery({
    queryKey: ['own', 'admin/jobs'],
    queryFn: ({ signal }) => call<JobList>('GET', `${OWN}/admin/jobs`, undefined, signal),
    refetchInterval: ({ state }) => ((state.data?.running.length ?? 0) > 0 ? PROGRESS_MS : REFRESH_MS),
  })
  const change = useChange('admin/jobs')
  const [asked, setAsked] = useState<Asked>()
  const act = (job: JobEntry, action: 'resume' | Asked['action']): void =>
    change.mutate({ method: 'POST', path: `/${job.id}/${action}` }, { onSuccess: () => setAsked(undefined) })
  return (
    <>
      <PageTitle title="Jobs" />
      <Stack gap="lg">
        {error && !data && <Failure error={error} retry={refetch} />}
        {!data && !error && <Waiting />}
        {!asked && <FormFailure error={change.error} />}
        {data && (
          <Lists
            data={data}
            onResume={(job) => act(job, 'resume')}
            onAsk={(job, action) => setAsked({ job, action })}
          />
        )}
      </Stack>
      <Confirm
        opened={asked !== undefined}
        {...WORDS[asked?.action ?? 'cancel']}
        busy={change.isPending}
        error={asked ? change.error : null}
        onConfirm={() => asked && act(asked.job, asked.action)}
        onClose={() => setAsked(undefined)}
      >
        {asked && <Consequence {...asked} />}
      </Confirm>
    </>
  )
}

interface ListsProps {
  data: JobList
  onResume: (job: JobEntry) => void
  onAsk: (job: JobEntry, action: Asked['action']) => void
}

function Lists({ data, onResume, onAsk }: ListsProps) {
  const groups = GROUPS.filter(([key]) => data[key].length > 0)
  if (groups.length === 0) {
    return (
      <Empty title="No background work">
        <Text c="dimmed">Upkeep after pushes, imports and webhooks show here.</Text>
      </Empty>
    )
  }
  return groups.map(([key, title, words]) => (
    <section key={key} aria-label={title}>
      <Group gap="xs" mb="xs" align="baseline">
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text size="sm" c="dimmed">
          {key === 'recent' ? '' : data.counts[key]} {words}
        </Text>
      </Group>
      <Paper className="card">
        {data[key].map((job) => (
          <Row key={job.id} job={job} onResume={() => onResume(job)} onAsk={(action) => onAsk(job, action)} />
        ))}
      </Paper>
    </section>
  ))
}

function nameOf(job: JobEntry): string {
  return KINDS[job.kind] ?? job.kind
}

function Consequence({ job, action }: Asked) {
  if (job.kind === 'import' && action === 'cancel') return 'The half-filled repository goes away.'
  return `${nameOf(job)}${job.repository === '' ? '' : ` (${job.repository})`} will not be done.`
}

interface RowProps {
  job: JobEntry
  onResume: () => void
  onAsk: (action: Asked['action']) => void
}

function Row({ job, onResume, onAsk }: RowProps) {
  const label = `${nameOf(job)} ${job.id}`
  return (
    <Group className="row" px="md" py="sm" gap="sm" align="flex-start">
      <Stack gap={2} style={{ flex: 1, minWidth: 220 }}>
        <Group gap="xs">
          <Text fw={600}>{nameOf(job)}</Text>
          {job.repository !== '' && <TextLink to={`/${job.repository}`}>{job.repository}</TextLink>}
          <Badge size="sm" color={COLOURS[job.state]} variant="light" tt="none">
            {job.state}
          </Badge>
        </Group>
        <Text size="sm" c="dimmed">
          <When job={job} />
        </Text>
        {job.state === 'running' && job.progress !== '' && <Text size="sm">{job.progress}</Text>}
        {job.error !== null && (
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {job.error}
          </Text>
        )}
      </Stack>
      <Group gap="xs">
        {job.state === 'parked' && (
          <>
            <Button size="xs" variant="default" onClick={onResume} aria-label={`Resume ${label}`}>
              Resume
            </Button>
            <Button
              size="xs"
              variant="subtle"
              color="red"
              onClick={() => onAsk('discard')}
              aria-label={`Discard ${label}`}
            >
              Discard
            </Button>
          </>
        )}
        {(job.state === 'waiting' || job.state === 'running') && (
          <Button size="xs" variant="subtle" color="red" onClick={() => onAsk('cancel')} aria-label={`Cancel ${label}`}>
            Cancel
          </Button>
        )}
      </Group>
    </Group>
  )
}

function When({ job }: { job: JobEntry }) {
  const tries = job.attempts > 0 && (job.attempts === 1 ? ' · 1 attempt' : ` · ${job.attempts} attempts`)
  if (job.state === 'waiting')
    return (
      <>
        due <Time iso={job.next_on ?? job.created_on} />
        {tries}
      </>
    )
  const running = job.state === 'running'
  return (
    <>
      {running ? 'since ' : 'ended '}
      <Time iso={(running ? job.started_on : job.finished_on) ?? job.created_on} />
      {tries}
    </>
  )
}
