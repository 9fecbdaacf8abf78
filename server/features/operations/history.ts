// The last day as series for charts: minutes are gathered into points, each the sum or the worst of its minutes. Pure.
import type { History } from '../../contract/operations.ts'
import { quantile } from '../../meters/sum.ts'
import { countSparse, dense, type Sample } from './sample.ts'

const POINT_SECONDS = 300
const POINTS = 288
const CLASSES = ['web', 'api', 'git'] as const

export const HISTORY_SECONDS = POINT_SECONDS * POINTS

type Series = (minutes: readonly Sample[]) => number | null

/** Of minutes there is at least one: where there is none, there is no point. */
const SERIES: Record<string, Series> = {
  ...Object.fromEntries(
    CLASSES.flatMap((name): [string, Series][] => [
      [`requests_${name}`, (minutes) => sum(minutes, (one) => countSparse(one.classes[name]?.times ?? {}))],
      [`p95_${name}`, (minutes) => quantile(dense(minutes.map((one) => one.classes[name]?.times ?? {})), 0.95) ?? null],
    ]),
  ),
  failed: (minutes) => sum(minutes, (one) => Object.values(one.classes).reduce((all, { failed }) => all + failed, 0)),
  refused: (minutes) =>
    sum(minutes, (one) => Object.values(one.classes).reduce((all, { refused }) => all + refused, 0)),
  git: (minutes) => sum(minutes, ({ git }) => git),
  jobs_waiting: (minutes) => worst(minutes, ({ jobs }) => jobs.waiting),
  job_lag: (minutes) => worst(minutes, ({ jobs }) => jobs.lag),
  loop: (minutes) => worst(minutes, ({ loop }) => loop),
  memory: (minutes) => worst(minutes, ({ memory }) => memory),
  disk: (minutes) => worst(minutes, ({ disks }) => Math.max(0, ...Object.values(disks).map(({ ms }) => ms ?? 0))),
  writes_p95: (minutes) => quantile(dense(minutes.map(({ writes }) => writes)), 0.95) ?? null,
}

/** `now`: milliseconds since 1970. The last point is the one that is not over yet. */
export function historyOf(rows: readonly { at: number; data: string }[], now: number): History {
  const end = Math.ceil(now / 1000 / POINT_SECONDS) * POINT_SECONDS
  const from = end - HISTORY_SECONDS
  const points: Sample[][] = Array.from({ length: POINTS }, () => [])
  for (const { at, data } of rows) {
    // A row stands at the end of its minute.
    points[Math.floor((at - 1 - from) / POINT_SECONDS)]?.push(JSON.parse(data) as Sample)
  }
  const series = Object.entries(SERIES).map(([name, value]): [string, (number | null)[]] => [
    name,
    points.map((minutes) => (minutes.length === 0 ? null : value(minutes))),
  ])
  return { seconds: POINT_SECONDS, from: new Date(from * 1000).toISOString(), series: Object.fromEntries(series) }
}

function sum(minutes: readonly Sample[], value: (one: Sample) => number): number {
  return minutes.reduce((all, one) => all + value(one), 0)
}

function worst(minutes: readonly Sample[], value: (one: Sample) => number): number {
  return Math.max(...minutes.map(value))
}
