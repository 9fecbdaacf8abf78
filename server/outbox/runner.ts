// Works the job table off: so many of each kind at once, each under a lease that is renewed while it runs, with retries.
// Several runners may share one table. One that lost its lease stops its job and writes nothing of it.
import type { Db, Tx } from '../db/open.ts'
import { wordsOf } from '../kit/fault.ts'
import type { Log } from '../kit/log.ts'
import { pauseAfter } from './backoff.ts'
import type { Meters } from '../meters/meters.ts'
import type { Bus } from './bus.ts'
import { record } from './events.ts'
import {
  type Bounds,
  claim,
  endHeld,
  extendLease,
  type Job,
  LEASE_MS,
  nextDue,
  releaseHeld,
  retryHeld,
} from './queue.ts'
import { nextSlot, type Recurring, takeSlots } from './timetable.ts'

export interface JobRun {
  job: Job
  /** Aborted when the runner stops, the job is cancelled, or somebody else has taken it. */
  signal: AbortSignal
  progress: (text: string) => void
}

export type JobHandler = (run: JobRun) => Promise<void>

export interface JobKind extends Bounds {
  run: JobHandler
  /** After the last one the job is parked, and an admin decides. */
  attempts: number
  /** The longest rest after the first failure. */
  pauseMs: number
}

export interface Runner {
  /** Takes no new job, aborts what runs, and resolves when it has ended. */
  stop(): Promise<void>
}

/** What is done at once rather than by a job; it is called after news and now and then, and must be cheap in vain. */
export type Step = () => Promise<void>

export interface Work {
  kinds: Record<string, JobKind>
  timetable?: readonly Recurring[]
  before?: Step
}

const IDLE_MS = 5000
const BEATS_PER_LEASE = 30

interface Parts {
  db: Db
  bus: Bus
  log: Log
  meters?: Meters
}

interface Running {
  job: Job
  abort: AbortController
  /** Why the signal was given. */
  why?: Why
  end: Promise<void>
}

type Why = 'cancelled' | 'lost' | 'stopped'

export function startRunner(parts: Parts, { kinds, timetable = [], before }: Work): Runner {
  const { db, bus, log } = parts
  const names = Object.keys(kinds)
  const running = new Map<number, Running>()
  const rounds = openRounds(log, async () => {
    await before?.()
    return takeAll()
  })
  const silence = bus.listen((news) => {
    if (news.kind === 'jobs' || news.kind === 'recorded') rounds.wake()
    if (news.kind === 'cancel') end(news.job, 'cancelled')
  })
  rounds.wake()

  /** Looks with the reader first: an idle runner takes no write lock. Gives how long there is nothing to do. */
  async function takeAll(): Promise<number> {
    for (;;) {
      const now = Date.now()
      const slot = await nextSlot(db.read, timetable)
      if (slot !== undefined && slot <= now) await db.write((tx) => takeSlots(tx, timetable))
      const due = await nextDue(db.read, names)
      if (due === undefined || due > now) return (due ?? Infinity) - now
      const job = rounds.stopped() ? undefined : await db.write((tx) => claim(tx, kinds))
      if (!job) return IDLE_MS
      begin(job)
    }
  }

  function begin(job: Job): void {
    const one: Running = { job, abort: new AbortController(), end: Promise.resolve() }
    running.set(job.id, one)
    one.end = work(parts, one, kinds[job.kind]).finally(() => {
      running.delete(job.id)
      rounds.wake()
    })
  }

  function end(id: number, why: Why): void {
    const one = running.get(id)
    if (one) abort(one, why)
  }

  return {
    async stop() {
      silence()
      await rounds.stop()
      for (const id of running.keys()) end(id, 'stopped')
      await Promise.allSettled([...running.values()].map((one) => one.end))
    },
  }
}

interface Rounds {
  wake(): void
  stopped(): boolean
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>
}

/** One look at a time; a call that comes meanwhile leads to one more. `look` gives how long to rest after it. */
function openRounds(log: Log, look: () => Promise<number>): Rounds {
  const state = { stopped: false, again: false }
  let round: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  function wake(ms = 0): void {
    clearTimeout(timer)
    if (state.stopped) return
    if (round) state.again = true
    else timer = setTimeout(() => void (round = go()), ms).unref()
  }

  async function go(): Promise<void> {
    let rest = IDLE_MS
    try {
      rest = Math.min(IDLE_MS, await look())
    } catch (error) {
      log.error({ err: error }, 'jobs could not be claimed')
    }
    round = undefined
    const { again } = state
    state.again = false
    wake(again ? 0 : rest)
  }

  return {
    wake: () => wake(),
    stopped: () => state.stopped,
    async stop() {
      state.stopped = true
      clearTimeout(timer)
      await round
    },
  }
}

function abort(one: Running, why: Why): void {
  one.why ??= why
  one.abort.abort(new Error(why === 'stopped' ? 'the server stops' : why))
}

async function work({ db, log, meters }: Parts, one: Running, kind: JobKind | undefined): Promise<void> {
  const { job } = one
  let progress: string | undefined
  const began = performance.now()
  let outcome = 'failed'
  const beat = startHeart(db, one, () => progress)
  try {
    // The attempts of the kind are used up, and nobody came back from the last one: it may be what ends its runner.
    if (job.attempts > (kind?.attempts ?? Infinity)) throw new Error('Whoever was at it ended each time.')
    await kind?.run({ job, signal: one.abort.signal, progress: (text) => (progress = text) })
    await conclude(db, one, (tx) => endHeld(tx, job, { state: 'done' }))
    outcome = 'done'
  } catch (error) {
    log.warn({ job: job.id, kind: job.kind, attempt: job.attempts, why: one.why, err: error }, 'a job failed')
    await conclude(db, one, (tx) => settleFailure(tx, one, kind, error)).catch((failure: unknown) => {
      // Nobody knows how it ended: when the lease has run out, it is begun again.
      log.error({ job: job.id, err: failure }, 'the end of a job could not be written')
    })
  } finally {
    clearInterval(beat)
    count(meters, { kind: job.kind, outcome }, performance.now() - began)
  }
}

function count(meters: Meters | undefined, labels: { kind: string; outcome: string }, ms: number): void {
  const { kind } = labels
  meters?.counter({ name: 'jobs_total', help: 'Attempts at jobs that have ended', labels }).add()
  meters?.histogram({ name: 'job_seconds', help: 'Time that an attempt at a job took', labels: { kind } }).record(ms)
}

async function conclude(db: Db, one: Running, write: (tx: Tx) => Promise<boolean>): Promise<void> {
  if (one.why !== 'lost') await db.write(write)
}

/** Renews the lease, tells the progress, and stops the job when the lease is somebody else's or could not be renewed. */
function startHeart(db: Db, one: Running, progress: () => string | undefined): NodeJS.Timeout {
  let renewed = Date.now()
  let told: string | undefined
  const beat = async (): Promise<void> => {
    const text = progress()
    if (text === told && Date.now() - renewed < LEASE_MS / 3) return
    const at = Date.now()
    if (!(await db.write((tx) => extendLease(tx, one.job, text)))) return abort(one, 'lost')
    renewed = at
    told = text
  }
  return setInterval(() => {
    if (Date.now() - renewed > LEASE_MS) abort(one, 'lost')
    // The next beat tries again.
    beat().catch(() => {})
  }, LEASE_MS / BEATS_PER_LEASE)
}

function settleFailure(tx: Tx, one: Running, kind: JobKind | undefined, error: unknown): Promise<boolean> {
  const { job, why } = one
  const text = wordsOf(error)
  if (why === 'stopped') return releaseHeld(tx, job, job.attempts)
  if (why === 'cancelled') return endHeld(tx, job, { state: 'cancelled', error: text })
  if (error instanceof FinalFailure) return endHeld(tx, job, { state: 'failed', error: text })
  if (job.attempts >= (kind?.attempts ?? 1)) return park(tx, job, text)
  return retryHeld(tx, job, text, pauseAfter(job.attempts, kind?.pauseMs ?? 0))
}

async function park(tx: Tx, job: Job, error: string): Promise<boolean> {
  const held = await endHeld(tx, job, { state: 'parked', error })
  const data = { job: job.id, kind: job.kind, error: error.slice(0, 500) }
  if (held) await record(tx, { kind: 'job:parked', repositoryId: job.repository_id, data })
  return held
}

/** A failure that trying again cannot mend. */
export class FinalFailure extends Error {}
