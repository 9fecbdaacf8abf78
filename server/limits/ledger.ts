// Who asked how much in the last hour, minute by minute, in this process. What it holds is bounded; it forgets first who
// has been quiet longest.
import type { CallerKind, Rated, Spent } from '../contract/limits.ts'

export interface Entry {
  kind: CallerKind
  id: string
  /** The account by name, where there is one. */
  account: string
  /** Of its buckets. */
  keys: Record<Rated, string>
  /** The last minute in which it was seen. */
  seen: number
  /** By class, for each minute of the hour: which minute it is, requests, milliseconds, refused ones. */
  classes: Partial<Record<Rated, Uint32Array>>
}

/** What one process tells of one caller. */
export interface Told {
  kind: CallerKind
  id: string
  account: string
  minutes: Partial<Record<Rated, Spent>>
  hour: Partial<Record<Rated, Spent>>
}

export interface Ledger {
  entry(kind: CallerKind, id: string, account: string): Entry
  /** One request, when it begins; its time, when it ends. */
  count(entry: Entry, rated: Rated, limited: boolean): void
  time(entry: Entry, rated: Rated, ms: number): void
  /** Of each kind those who asked most. */
  tell(most: number): Told[]
}

const MINUTES = 60
const LATELY = 5
const FIELDS = 4
/** Of each kind; at most 3 KB each. */
const MOST = 1000

export function openLedger(now: () => number = Date.now, most = MOST): Ledger {
  const kinds: Record<CallerKind, Map<string, Entry>> = { account: new Map(), token: new Map(), address: new Map() }
  const minuteNow = (): number => Math.floor(now() / 60_000)

  /** Where this minute stands, emptied if an hour has passed since it was used. */
  function slot(entry: Entry, rated: Rated): { all: Uint32Array; at: number } {
    const all = (entry.classes[rated] ??= new Uint32Array(MINUTES * FIELDS))
    const minute = minuteNow()
    const at = (minute % MINUTES) * FIELDS
    if (all[at] !== minute) {
      all.fill(0, at, at + FIELDS)
      all[at] = minute
    }
    return { all, at }
  }

  function add(entry: Entry, rated: Rated, field: 1 | 2 | 3, n: number): void {
    const { all, at } = slot(entry, rated)
    all[at + field] = (all[at + field] ?? 0) + n
  }

  function told({ kind, id, account, classes }: Entry): Told {
    const minute = minuteNow()
    const sums = (minutes: number): Told['hour'] =>
      Object.fromEntries(Object.entries(classes).map(([rated, all]) => [rated, sumOf(all, minute - minutes)]))
    return { kind, id, account, minutes: sums(LATELY), hour: sums(MINUTES) }
  }

  return {
    entry(kind, id, account) {
      const entries = kinds[kind]
      const minute = minuteNow()
      const found = entries.get(id)
      if (found?.seen === minute) return found
      const entry = found ?? { kind, id, account, keys: keysOf(kind, id), seen: minute, classes: {} }
      entry.seen = minute
      // Last in the map is last used, to the minute.
      entries.delete(id)
      entries.set(id, entry)
      if (entries.size > most) entries.delete(entries.keys().next().value ?? '')
      return entry
    },
    count(entry, rated, limited) {
      add(entry, rated, 1, 1)
      if (limited) add(entry, rated, 3, 1)
    },
    time: (entry, rated, ms) => add(entry, rated, 2, Math.round(ms)),
    tell: (most) =>
      Object.values(kinds).flatMap((entries) =>
        Array.from(entries.values(), told)
          .sort((a, b) => requestsOf(b) - requestsOf(a))
          .slice(0, most),
      ),
  }
}

function keysOf(kind: CallerKind, id: string): Entry['keys'] {
  return { web: `${kind}:web:${id}`, api: `${kind}:api:${id}`, git: `${kind}:git:${id}` }
}

function sumOf(all: Uint32Array, after: number): Spent {
  const sum = { requests: 0, ms: 0, limited: 0 }
  for (let at = 0; at < all.length; at += FIELDS) {
    if ((all[at] ?? 0) <= after) continue
    sum.requests += all[at + 1] ?? 0
    sum.ms += all[at + 2] ?? 0
    sum.limited += all[at + 3] ?? 0
  }
  return sum
}

export function requestsOf({ hour }: Pick<Told, 'hour'>): number {
  return Object.values(hour).reduce((sum, { requests }) => sum + requests, 0)
}

/** What several processes tell, as one list. */
export function addUp(told: readonly Told[]): Told[] {
  const sums = new Map<string, Told>()
  for (const one of told) {
    const key = `${one.kind} ${one.id}`
    const sum = sums.get(key)
    if (sum) sums.set(key, { ...sum, minutes: plus(sum.minutes, one.minutes), hour: plus(sum.hour, one.hour) })
    else sums.set(key, one)
  }
  return [...sums.values()].sort((a, b) => requestsOf(b) - requestsOf(a))
}

function plus(a: Told['hour'], b: Told['hour']): Told['hour'] {
  const sum = { ...a }
  for (const [name, spent] of Object.entries(b)) {
    const rated = name as Rated
    const { requests, ms, limited } = sum[rated] ?? { requests: 0, ms: 0, limited: 0 }
    sum[rated] = { requests: requests + spent.requests, ms: ms + spent.ms, limited: limited + spent.limited }
  }
  return sum
}
