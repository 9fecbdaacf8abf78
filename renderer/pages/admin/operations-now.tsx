// The parts of the operations page that tell of now: classes, processes, git, jobs, caches, disks.
import { Group, Paper, Progress, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { ClassState, GitEntry, Operations, ProcessEntry } from '../../../server/contract/operations.ts'
import { duration, type Fact, Facts } from '../../parts/facts.tsx'
import { TextLink } from '../../parts/link.tsx'
import { sizeText } from '../../parts/size.ts'
import { Time } from '../../parts/time.tsx'

const CLASSES: Record<string, string> = {
  web: 'Pages',
  api: 'API',
  git: 'Git',
  archive: 'Archives',
  lfs: 'Large files',
  live: 'Live updates',
}

const JOBS: Record<string, string> = {
  upkeep: 'Upkeep of a repository',
  import: 'Import',
  webhook: 'Webhook',
  purge: 'Purge of kept tips',
  prune: 'Forget old jobs',
}

const CACHES: Record<string, string> = {
  packs: 'Packs for clones and fetches',
  refs: 'Lists of refs',
  database: 'Look-ups in the database',
  passwords: 'Passwords that were checked before',
}

function Row({ name, note, facts, children }: { name: string; note?: ReactNode; facts: Fact[]; children?: ReactNode }) {
  return (
    <Stack className="row" px="md" py="sm" gap={6}>
      <Group gap="xs" align="baseline">
        <Text fw={600}>{name}</Text>
        {note !== undefined && (
          <Text size="sm" c="dimmed">
            {note}
          </Text>
        )}
      </Group>
      <Facts facts={facts} />
      {children}
    </Stack>
  )
}

function Nothing({ children }: { children: string }) {
  return (
    <Paper className="card" px="md" py="sm">
      <Text size="sm" c="dimmed">
        {children}
      </Text>
    </Paper>
  )
}

const ms = (value: number | null): string => (value === null ? '–' : duration(value))
const number = (value: number): string => value.toLocaleString()

export function Classes({ classes }: { classes: ClassState[] }) {
  if (classes.length === 0) return <Nothing>No request was counted yet.</Nothing>
  return (
    <Paper className="card">
      {classes.map((one) => (
        <Row key={one.name} name={CLASSES[one.name] ?? one.name} facts={[...placesOf(one), ...timesOf(one)]} />
      ))}
    </Paper>
  )
}

function placesOf({ running, waiting, places, refused, late }: ClassState): Fact[] {
  if (running === null) return []
  return [
    ['at work', `${running} of ${places}`],
    ['in line', number(waiting ?? 0), (waiting ?? 0) > 0],
    ['refused', number(refused ?? 0), (refused ?? 0) > 0],
    ['too late', number(late ?? 0), (late ?? 0) > 0],
  ]
}

function timesOf({ name, requests, failed, p50, p95, p99 }: ClassState): Fact[] {
  // Those stay open for as long as a page does.
  if (name === 'live') return []
  return [
    ['requests', number(requests)],
    ['failed', number(failed), failed > 0],
    ['half under', ms(p50)],
    ['95 % under', ms(p95)],
    ['99 % under', ms(p99)],
  ]
}

export function Processes({ data }: { data: Operations }) {
  const { supervisor, processes } = data
  return (
    <Paper className="card">
      <Row
        name="supervisor"
        note={
          <>
            process {supervisor.pid}, since <Time iso={supervisor.since} />
          </>
        }
        facts={[['memory', sizeText(supervisor.memory)]]}
      />
      {processes.map((one) => (
        <Row
          key={`${one.name} ${one.pid}`}
          name={one.name}
          note={
            <>
              process {one.pid}, {one.state === 'ready' ? '' : `${one.state}, `}since <Time iso={one.since} />
            </>
          }
          facts={factsOf(one)}
        />
      ))}
    </Paper>
  )
}

function factsOf({ role, connections, deaths, vitals }: ProcessEntry): Fact[] {
  const died: Fact[] = deaths > 0 ? [['died before', number(deaths), true]] : []
  if (!vitals) return [['answer', 'none', true], ...died]
  const serves: Fact[] = role === 'jobs' ? [] : [['connections', number(connections)]]
  return [
    ['memory', sizeText(vitals.memory)],
    ['busy', `${Math.round(vitals.busy * 100)} %`],
    ['processor', duration(vitals.cpu * 1000)],
    ['late by (99 %)', duration(vitals.loop_p99)],
    ['late by at most', duration(vitals.loop_max), vitals.loop_max > 1000],
    ...serves,
    ['sockets', number(vitals.sockets)],
    ...(vitals.files === null ? [] : [['open files', number(vitals.files)] as const]),
    ...died,
  ]
}

export function Git({ running }: { running: GitEntry[] }) {
  if (running.length === 0) return <Nothing>None runs.</Nothing>
  return (
    <Paper className="card">
      {running.map((one) => (
        <Group key={one.pid} className="row" px="md" py={8} gap="xs" align="baseline">
          <Text span className="mono">
            git {one.command}
          </Text>
          {one.repository !== '' && <TextLink to={`/${one.repository}`}>{one.repository}</TextLink>}
          <Text size="sm" c="dimmed" ml="auto">
            process {one.pid}, since <Time iso={one.since} />
          </Text>
        </Group>
      ))}
    </Paper>
  )
}

export function Jobs({ jobs }: { jobs: Operations['jobs'] }) {
  if (jobs.length === 0) return <Nothing>There was no background work yet.</Nothing>
  return (
    <Paper className="card">
      {jobs.map(({ kind, waiting, running, parked, lag, done, p95 }) => (
        <Row
          key={kind}
          name={JOBS[kind] ?? kind}
          facts={[
            ['running', number(running)],
            ['waiting', number(waiting)],
            ['late by', duration(lag), lag > 300_000],
            ['parked', number(parked), parked > 0],
            ['done', number(done)],
            ['95 % under', ms(p95)],
          ]}
        />
      ))}
    </Paper>
  )
}

export function Caches({ data: { caches, bcrypt } }: { data: Operations }) {
  return (
    <Paper className="card">
      {caches.map(({ name, hits, misses }) => (
        <Row
          key={name}
          name={CACHES[name] ?? name}
          facts={[
            ['found there', hits + misses === 0 ? '–' : `${Math.floor((hits / (hits + misses)) * 100)} %`],
            ['hits', number(hits)],
            ['misses', number(misses)],
          ]}
        />
      ))}
      <Row
        name="bcrypt"
        facts={[
          ['in line', number(bcrypt.waiting), bcrypt.waiting > 20],
          ['computed', number(bcrypt.computed)],
        ]}
      />
    </Paper>
  )
}

export function Storage({ data: { disks, database, backup, log_dropped: dropped } }: { data: Operations }) {
  const ended = backup === null ? 'never' : <Time iso={backup} />
  return (
    <Paper className="card">
      {disks.map(({ volume, free, total, ms: write, error }) => (
        <Row
          key={volume}
          name={`Volume ${volume}`}
          note={error ?? undefined}
          facts={[
            ['free', sizeText(free)],
            ['of', sizeText(total)],
            ['a small write', ms(write), error !== null],
          ]}
        >
          <Progress
            value={total === 0 ? 0 : ((total - free) / total) * 100}
            color={free < total / 20 ? 'red' : 'pine'}
            aria-label={`Volume ${volume} is used`}
          />
        </Row>
      ))}
      <Row
        name="Database"
        facts={[
          ['size', sizeText(database.size)],
          ['write-ahead log', sizeText(database.wal)],
          ['transactions', number(database.writes)],
          ['95 % under', ms(database.p95)],
        ]}
      />
      <Row name="Last backup" facts={[['ended', ended]]} />
      {dropped > 0 && <Row name="Log" facts={[['lines lost', number(dropped), true]]} />}
    </Paper>
  )
}
