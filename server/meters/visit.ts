// One request on its way: who asked for what, how long it waited and took, and what git did for it. It only tells; nothing
// is decided by it, and no secret and no path as it came stands in it.
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import type { Counter, Histogram, Meters } from './meters.ts'

/** A git process that ran for a request. */
export interface Ran {
  /** Git's own word, for example `rev-list`. */
  command: string
  began: number
  /** Undefined while it runs. */
  ms?: number
}

export interface Visit {
  /** What the caller named it, or nothing; `idOf` gives its name. */
  given: unknown
  /** Both on the clock of `performance.now()`. */
  began: number
  /** When its answer began to go out; 0 before. */
  answered: number
  kind: string
  method: string
  /** Pattern of its route. */
  route: string
  /** Name of the account, or nothing for a guest. */
  account: string
  address: string
  /** Id of the repository. */
  repository: string
  waitedMs: number
  ran: Ran[] | undefined
  /** A stream without end, whose time says nothing. */
  endless: boolean
  id: string
  /** Whoever counts callers hears how long it took. */
  bill: { ended: (ms: number) => void } | undefined
}

/** A visit that took long, when it had ended. */
export interface Ended {
  visit: Visit
  status: number
  ms: number
}

export interface Visits {
  begin: (method: string | undefined, given: unknown) => Visit
  /** To be called once. */
  end: (visit: Visit, status: number) => void
  onSlow: (slow: SlowLog) => void
  /** Lets the log of slow visits write what it has. */
  close: () => Promise<void>
}

/** Hears of visits that took long. */
export interface SlowLog {
  isSlow: (kind: string, ms: number) => boolean
  hear: (ended: Ended) => void
  close: () => Promise<void>
}

/** Nothing that took less is ever called slow, so that nobody is asked about it. */
const NEVER_SLOW_MS = 50
const MOST_COMMANDS = 20
const TRUSTED_ID = /^[A-Za-z0-9][\w.-]{7,63}$/

const storage = new AsyncLocalStorage<Visit>()

/** The visit that what runs now is done for. */
export function currentVisit(): Visit | undefined {
  return storage.getStore()
}

export function during<T>(visit: Visit, work: () => T): T {
  return storage.run(visit, work)
}

/** The caller's own name for the request where it is of a harmless form, else one of ours. */
export function idOf(visit: Visit): string {
  if (visit.id === '') {
    const { given } = visit
    visit.id = typeof given === 'string' && TRUSTED_ID.test(given) ? given : randomBytes(8).toString('hex')
  }
  return visit.id
}

/** For each line of the log: which request it belongs to. */
export function requestOfNow(): object {
  const visit = storage.getStore()
  return visit ? { request: idOf(visit) } : {}
}

/** Notes a git process for the visit of now; the call tells of its end. */
export function noteCommand(command: string): (() => void) | undefined {
  const visit = storage.getStore()
  if (!visit || (visit.ran?.length ?? 0) >= MOST_COMMANDS) return undefined
  const ran: Ran = { command, began: performance.now() }
  ;(visit.ran ??= []).push(ran)
  return () => {
    ran.ms = performance.now() - ran.began
  }
}

export function noteWaiting(ms: number): void {
  const visit = storage.getStore()
  if (visit) visit.waitedMs += ms
}

/** Does what has to wait for its turn, and notes how long that took. */
export async function waited<T>(turn: () => Promise<T>): Promise<T> {
  const came = performance.now()
  try {
    return await turn()
  } finally {
    noteWaiting(performance.now() - came)
  }
}

export function openVisits(meters: Meters): Visits {
  const kinds = new Map<string, KindMeters>()
  let slow: SlowLog | undefined
  return {
    begin: (method, given) => ({
      given,
      began: performance.now(),
      answered: 0,
      kind: 'web',
      method: method ?? '',
      route: '',
      account: '',
      address: '',
      repository: '',
      waitedMs: 0,
      ran: undefined,
      endless: false,
      id: '',
      bill: undefined,
    }),
    end: (visit, status) => {
      const ms = performance.now() - visit.began
      const kind = kinds.get(visit.kind) ?? metersOf(meters, kinds, visit.kind)
      kind.byStatus[Math.trunc(status / 100)]?.add()
      if (visit.endless) return
      visit.bill?.ended(ms)
      kind.time.record(ms)
      if (ms > NEVER_SLOW_MS && slow?.isSlow(visit.kind, ms)) slow.hear({ visit, status, ms })
    },
    onSlow: (log) => {
      slow = log
    },
    close: async () => slow?.close(),
  }
}

interface KindMeters {
  time: Histogram
  byStatus: (Counter | undefined)[]
}

function metersOf(meters: Meters, kinds: Map<string, KindMeters>, kind: string): KindMeters {
  const counter = (status: string): Counter =>
    meters.counter({ name: 'requests_total', help: 'Requests that were answered', labels: { class: kind, status } })
  const made: KindMeters = {
    time: meters.histogram({
      name: 'request_seconds',
      help: 'Time from a request to the end of its answer',
      labels: { class: kind },
    }),
    // A status of 0 is a caller that went away before its answer began.
    byStatus: [counter('none'), undefined, counter('2xx'), counter('3xx'), counter('4xx'), counter('5xx')],
  }
  kinds.set(kind, made)
  return made
}
