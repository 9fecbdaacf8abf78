// What one minute was like, as small as it can be kept: counts of what happened in it, and measures at its end.
import { BOUNDS, type Reading } from '../../meters/meters.ts'
import { countOf } from '../../meters/sum.ts'
import type { Everybody } from './everybody.ts'
import type { Disk, Written } from './disks.ts'
import type { KindOfJobs } from './store.ts'

/** Counts of a histogram by their place, without those that are zero. */
export type Sparse = Record<number, number>

export interface Sample {
  /** Per class of requests: their times, and how many failed through us. */
  classes: Record<string, { times: Sparse; failed: number; refused: number; waiting: number }>
  /** Transactions of the database. */
  writes: Sparse
  git: number
  /** The latest loop of all processes, the busiest one, and the memory of all. */
  loop: number
  busy: number
  memory: number
  sockets: number
  jobs: { waiting: number; parked: number; lag: number }
  disks: Record<string, { free: number; ms: number | null }>
  database: number
  wal: number
}

export interface Measured {
  /** What was counted in the minute. */
  readings: readonly Reading[]
  everybody: Pick<Everybody, 'processes' | 'supervisor'>
  disks: readonly Disk[]
  written: readonly Written[]
  jobs: readonly KindOfJobs[]
  sizes: { database: number; wal: number }
}

export function sampleOf(minute: Measured): Sample {
  const { readings, everybody, jobs, sizes } = minute
  const vitals = everybody.processes.flatMap(({ state }) => (state ? [state.vitals] : []))
  const writes = readings.find(({ name }) => name === 'database_write_seconds')
  return {
    classes: classesOf(readings),
    writes: writes?.kind === 'histogram' ? sparse(writes.counts) : {},
    git: valueOf(readings, 'git_processes_total'),
    loop: round(Math.max(0, ...vitals.map(({ loop }) => loop.max))),
    busy: round(Math.max(0, ...vitals.map(({ busy }) => busy)), 1000),
    memory: sumOf(vitals.map(({ rss }) => rss)) + everybody.supervisor.rss,
    sockets: sumOf(vitals.map(({ sockets }) => sockets)),
    jobs: {
      waiting: sumOf(jobs.map(({ waiting }) => waiting)),
      parked: sumOf(jobs.map(({ parked }) => parked)),
      lag: Math.max(0, ...jobs.map(({ lag }) => lag)),
    },
    disks: Object.fromEntries(
      minute.disks.map(({ volume, free }) => {
        const ms = minute.written.find((one) => one.volume === volume)?.ms
        return [volume, { free, ms: ms === undefined ? null : round(ms) }]
      }),
    ),
    ...sizes,
  }
}

function sumOf(numbers: number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0)
}

function classesOf(readings: readonly Reading[]): Sample['classes'] {
  const names = new Set(
    readings.flatMap(({ name, labels }) => (name === 'request_seconds' ? [labels['class'] ?? ''] : [])),
  )
  return Object.fromEntries(
    [...names].map((name) => {
      const labels = { class: name }
      const times = readings.find((one) => one.name === 'request_seconds' && one.labels['class'] === name)
      return [
        name,
        {
          times: times?.kind === 'histogram' ? sparse(times.counts) : {},
          failed: valueOf(readings, 'requests_total', { ...labels, status: '5xx' }),
          refused: valueOf(readings, 'class_refused_total', labels),
          waiting: valueOf(readings, 'class_waiting', labels),
        },
      ]
    }),
  )
}

/** Adds up all values of this name that have these labels. */
export function valueOf(readings: readonly Reading[], name: string, labels: Record<string, string> = {}): number {
  let sum = 0
  for (const one of readings) {
    if (one.name !== name || one.kind === 'histogram') continue
    if (Object.entries(labels).every(([label, text]) => one.labels[label] === text)) sum += one.value
  }
  return sum
}

export function sparse(counts: readonly number[]): Sparse {
  return Object.fromEntries(counts.flatMap((count, i) => (count > 0 ? [[i, count]] : [])))
}

/** All of them as one histogram. */
export function dense(all: readonly Sparse[]): number[] {
  const counts = Array.from({ length: BOUNDS.length + 1 }, () => 0)
  for (const one of all) for (const [place, count] of Object.entries(one)) counts[Number(place)]! += count
  return counts
}

export function countSparse(one: Sparse): number {
  return countOf(Object.values(one))
}

function round(value: number, parts = 10): number {
  return Math.round(value * parts) / parts
}
