// The operations page: what every part of the server is at now, and how the classes of requests went lately.
import { basename } from 'node:path'
import type { ClassState, GitEntry, Operations, ProcessEntry } from '../../contract/operations.ts'
import type { Reading } from '../../meters/meters.ts'
import { countOf, quantile } from '../../meters/sum.ts'
import type { Rooms } from '../../rooms.ts'
import { databaseSizes } from './disks.ts'
import type { Everybody } from './everybody.ts'
import { healthOf, type Looked, look } from './health.ts'
import { dense, type Sample, valueOf } from './sample.ts'
import { namesOf, samplesSince } from './store.ts'

/** How far the percentiles look back. */
const LATELY_SECONDS = 15 * 60
/** In the order in which people look for them; of the rest, those that were ever asked for. */
const CLASSES = ['web', 'api', 'git', 'archive', 'lfs', 'live']
const ALWAYS = new Set(['web', 'api', 'git', 'live'])

export async function readOperations(rooms: Rooms): Promise<Operations> {
  const now = Date.now()
  const [looked, sizes, rows, git] = await Promise.all([
    look(rooms),
    databaseSizes(rooms),
    samplesSince(rooms.db.read, now / 1000 - LATELY_SECONDS),
    gitRunning(rooms),
  ])
  const { everybody } = looked
  const { readings } = everybody
  const minutes = rows.map(({ data }) => JSON.parse(data) as Sample)
  const writes = timesOf(readings, 'database_write_seconds')
  return {
    at: new Date(now).toISOString(),
    health: healthOf(looked),
    classes: classes(readings, minutes),
    processes: everybody.processes.map(processEntry),
    supervisor: {
      pid: everybody.supervisor.pid,
      since: new Date(everybody.supervisor.since).toISOString(),
      memory: everybody.supervisor.rss,
    },
    caches: caches(readings),
    bcrypt: { waiting: valueOf(readings, 'bcrypt_waiting'), computed: valueOf(readings, 'bcrypt_computed_total') },
    git,
    jobs: jobs(looked, readings),
    disks: disks(looked),
    database: {
      size: sizes.database,
      wal: sizes.wal,
      writes: countOf(writes),
      p95: quantile(dense(minutes.map((minute) => minute.writes)), 0.95) ?? null,
    },
    log_dropped: valueOf(readings, 'log_dropped_total'),
    backup: null,
  }
}

function classes(readings: readonly Reading[], minutes: readonly Sample[]): ClassState[] {
  const known = new Set(readings.flatMap(({ labels }) => labels['class'] ?? []))
  const isShown = (name: string): boolean =>
    known.has(name) && (ALWAYS.has(name) || valueOf(readings, 'class_entered_total', { class: name }) > 0)
  return CLASSES.filter(isShown).map((name): ClassState => {
    const labels = { class: name }
    const bounded = readings.some((one) => one.name === 'class_places' && one.labels['class'] === name)
    const now = (meter: string): number | null => (bounded ? valueOf(readings, meter, labels) : null)
    const lately = minutes.flatMap((minute) => minute.classes[name] ?? [])
    const times = dense(lately.map((one) => one.times))
    const part = (wanted: number): number | null => quantile(times, wanted) ?? null
    return {
      name,
      running: now('class_running'),
      waiting: now('class_waiting'),
      places: now('class_places'),
      refused: now('class_refused_total'),
      late: now('class_late_total'),
      requests: countOf(times),
      failed: lately.reduce((sum, one) => sum + one.failed, 0),
      p50: part(0.5),
      p95: part(0.95),
      p99: part(0.99),
    }
  })
}

function processEntry({ known, state }: Everybody['processes'][number]): ProcessEntry {
  const { name, role, pid, connections, deaths } = known
  const vitals = state?.vitals
  return {
    name,
    role,
    state: known.state,
    pid,
    since: new Date(known.since).toISOString(),
    connections,
    deaths,
    vitals: vitals
      ? {
          memory: vitals.rss,
          cpu: vitals.cpu,
          busy: vitals.busy,
          loop_p99: vitals.loop.p99,
          loop_max: vitals.loop.max,
          sockets: vitals.sockets,
          files: vitals.files,
        }
      : null,
  }
}

function caches(readings: readonly Reading[]): Operations['caches'] {
  const names = new Set(
    readings.flatMap(({ name, labels }) => (name === 'cache_hits_total' ? (labels['cache'] ?? []) : [])),
  )
  return [...names].map((name) => {
    const labels = { cache: name }
    return {
      name,
      hits: valueOf(readings, 'cache_hits_total', labels),
      misses: valueOf(readings, 'cache_misses_total', labels),
    }
  })
}

async function gitRunning(rooms: Rooms): Promise<GitEntry[]> {
  const running = await rooms.git.everywhere().catch(() => [])
  const ids = running.map(({ cwd }) => basename(cwd, '.git'))
  const names = await namesOf(rooms.db.read, ids)
  return running.map(({ command, pid, since }, i) => ({
    command,
    pid,
    since: new Date(since).toISOString(),
    repository: names.get(ids[i] ?? '') ?? '',
  }))
}

function jobs({ jobs }: Looked, readings: readonly Reading[]): Operations['jobs'] {
  const ran = readings.flatMap(({ name, labels }) => (name === 'jobs_total' ? (labels['kind'] ?? []) : []))
  const kinds = [...new Set([...jobs.map(({ kind }) => kind), ...ran])].toSorted((a, b) => (a < b ? -1 : 1))
  return kinds.map((kind) => {
    const { waiting, running, parked, lag } = jobs.find((one) => one.kind === kind) ?? NO_JOBS
    const p95 = quantile(timesOf(readings, 'job_seconds', { kind }), 0.95) ?? null
    return {
      kind,
      waiting,
      running,
      parked,
      lag,
      done: valueOf(readings, 'jobs_total', { kind, outcome: 'done' }),
      p95,
    }
  })
}

const NO_JOBS = { waiting: 0, running: 0, parked: 0, lag: 0 }

function disks({ disks, written }: Looked): Operations['disks'] {
  return written.map(({ volume, ms, error }) => {
    const { free, total } = disks.find((one) => one.volume === volume) ?? { free: 0, total: 0 }
    return { volume, free, total, ms: ms ?? null, error: error ?? null }
  })
}

function timesOf(readings: readonly Reading[], name: string, labels: Record<string, string> = {}): number[] {
  const found = readings.find(
    (one) => one.name === name && Object.entries(labels).every(([label, text]) => one.labels[label] === text),
  )
  return found?.kind === 'histogram' ? found.counts : []
}
