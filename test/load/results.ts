// Samples in, figures out: medians with their range, one line of the table per way that our side was measured.
import type { Side } from './servers.ts'

/** One measurement of one contender: `value` in the contest's unit, CPU of the server per request or operation. */
export interface Sample {
  value: number
  cpuMs: number
}

export interface Contender {
  side: Side
  /** Which way of several our side is measured in: `anonymous`, `first`, `repeated`. */
  variant: string
  /** Before the first round: fills caches, makes connections. */
  prepare?: () => Promise<void>
  sample: () => Promise<Sample>
}

/** A row of the table that has not been set up yet. */
export interface Plan {
  repository: string
  what: string
  clients: number
  contest: () => Promise<Contest>
}

export type Unit = 'req/s' | 'ms' | 'commands/s' | 'tx/s' | 'jobs/s' | 'MB'

export interface Contest extends Omit<Plan, 'contest'> {
  unit: Unit
  /** Servers on one core and the load on another, so that the figures are per core. */
  pinned: boolean
  contenders: Contender[]
}

export interface Figure {
  median: number
  min: number
  max: number
}

export interface Measured {
  value: Figure
  cpuMs: Figure
}

export interface Line extends Pick<Contest, 'repository' | 'what' | 'clients' | 'unit'> {
  variant: string
  ours: Measured
  backend?: Measured | undefined
  limit?: Measured | undefined
  /** Our own first variant, to compare the others with. */
  base: Measured
  /** Our own variant that is named so, where a contest has one. */
  without?: Measured | undefined
}

export function figure(values: number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const at = (i: number): number => sorted[i] ?? Number.NaN
  const median = sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2
  return { median, min: at(0), max: at(sorted.length - 1) }
}

/** The variant of a server that computes each password anew. */
export const FORGETFUL = 'password, not remembered'

/** `samples[i]` are those of the i-th contender. */
export function lines(contest: Contest, samples: Sample[][]): Line[] {
  const measured = samples.map((all) => ({
    value: figure(all.map((one) => one.value)),
    cpuMs: figure(all.map((one) => one.cpuMs)),
  }))
  const of = (name: Side['name']): [string, Measured][] =>
    contest.contenders.flatMap(({ side, variant }, i) => {
      const found = measured[i]
      return side.name === name && found ? [[variant, found] as [string, Measured]] : []
    })
  const ours = of('ours')
  const base = ours[0]?.[1]
  if (!base) return []
  const { repository, what, clients, unit } = contest
  const without = ours.find(([variant]) => variant === FORGETFUL)?.[1]
  const [backend, limit] = [of('backend')[0]?.[1], of('limit')[0]?.[1]]
  return ours.map(([variant, found]) => ({
    repository,
    what,
    clients,
    unit,
    variant,
    ours: found,
    backend,
    limit,
    base,
    without,
  }))
}

/** Lines of what nobody else is measured beside: each way with its samples. */
export function alone(
  { repository, what, unit }: Pick<Line, 'repository' | 'what' | 'unit'>,
  ways: ReadonlyMap<string, number[]>,
): Line[] {
  const unmetered = { median: Number.NaN, min: Number.NaN, max: Number.NaN }
  const measured = [...ways].map(([variant, values]) => ({
    variant,
    ours: { value: figure(values), cpuMs: unmetered },
  }))
  const base = measured[0]?.ours
  return base ? measured.map(({ variant, ours }) => ({ repository, what, unit, clients: 1, base, variant, ours })) : []
}
