// What this process counts and times. A record costs a few machine steps and allocates nothing, so that every request can
// afford it; names, words and labels are given once, when the meter is made.

/** Fixed values only, never what comes from outside: each combination is kept for good. */
export type Labels = Readonly<Record<string, string>>

export interface About {
  /** As Prometheus names it, without our prefix: `requests_total`, `request_seconds`. */
  name: string
  help: string
  labels?: Labels
}

export interface Counter {
  add: (by?: number) => void
}

export interface Gauge {
  set: (value: number) => void
}

export interface Histogram {
  record: (ms: number) => void
}

/** What a meter stands at, as plain data that travels between processes. */
export type Reading = { name: string; help: string; labels: Labels } & (
  | { kind: 'counter' | 'gauge'; value: number }
  /** How many fell under each of BOUNDS and not under the one before; the last one counts what lies above all. */
  | { kind: 'histogram'; counts: number[]; sum: number; max: number }
)

export interface Meters {
  /** The same name and labels give the same meter. */
  counter: (about: About) => Counter
  gauge: (about: About) => Gauge
  histogram: (about: About) => Histogram
  /** Asks `read` whenever somebody looks: for what is known elsewhere, such as the length of a queue. */
  watch: (about: About, read: () => number, kind?: 'counter' | 'gauge') => void
  read: () => Reading[]
}

const SMALLEST_MS = 0.25
/** Each bound is the square root of two times the one before: what is read from them is off by a fifth at most. */
const STEPS_PER_DOUBLING = 2
/** Upper bounds in milliseconds, from a quarter of one to four minutes. */
export const BOUNDS: readonly number[] = Array.from(
  { length: 41 },
  (_, i) => SMALLEST_MS * 2 ** (i / STEPS_PER_DOUBLING),
)

export function openMeters(): Meters {
  const known = new Map<string, { meter: unknown; read: () => Reading }>()
  const once = <M>({ name, labels = {} }: About, make: () => { meter: M; read: () => Reading }): M => {
    const key = keyOf(name, labels)
    const found = known.get(key) ?? make()
    known.set(key, found)
    return found.meter as M
  }
  return {
    counter: (about) => once(about, () => openCounter(about)),
    gauge: (about) => once(about, () => openGauge(about)),
    histogram: (about) => once(about, () => openHistogram(about)),
    watch: (about, read, kind = 'gauge') => {
      once(about, () => ({ meter: undefined, read: () => ({ ...plain(about), kind, value: read() }) }))
    },
    read: () => [...known.values()].map((one) => one.read()),
  }
}

export function keyOf(name: string, labels: Labels): string {
  const parts = Object.keys(labels).toSorted((a, b) => (a < b ? -1 : 1))
  return `${name}${JSON.stringify(parts.map((part) => [part, labels[part]]))}`
}

function plain({ name, help, labels = {} }: About): Pick<Reading, 'name' | 'help' | 'labels'> {
  return { name, help, labels }
}

function openCounter(about: About): { meter: Counter; read: () => Reading } {
  let value = 0
  const add = (by = 1): void => {
    value += by
  }
  return { meter: { add }, read: () => ({ ...plain(about), kind: 'counter', value }) }
}

function openGauge(about: About): { meter: Gauge; read: () => Reading } {
  let value = 0
  const set = (to: number): void => {
    value = to
  }
  return { meter: { set }, read: () => ({ ...plain(about), kind: 'gauge', value }) }
}

function openHistogram(about: About): { meter: Histogram; read: () => Reading } {
  const counts = new Float64Array(BOUNDS.length + 1)
  let sum = 0
  let max = 0
  const record = (ms: number): void => {
    counts[placeOf(ms)]! += 1
    sum += ms
    if (ms > max) max = ms
  }
  return { meter: { record }, read: () => ({ ...plain(about), kind: 'histogram', counts: [...counts], sum, max }) }
}

/** The index of the first bound that is not below. */
export function placeOf(ms: number): number {
  if (!(ms > SMALLEST_MS)) return 0
  // The logarithm may miss a bound by its last digit.
  const place = Math.ceil(Math.log2(ms / SMALLEST_MS) * STEPS_PER_DOUBLING - 1e-9)
  return place < BOUNDS.length ? place : BOUNDS.length
}
