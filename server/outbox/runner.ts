// Works the job table off: a few jobs at once, each under a lease that is renewed while it runs, with retries.
import type { Db, Tx } from '../db/open.ts'
import type { Log } from '../kit/log.ts'
import type { Bus } from './bus.ts'
import { claim, extendLease, finishJob, type Job, LEASE_MS, nextDue, retryJob } from './queue.ts'

export interface JobRun {
  job: Job
  /** Aborted when the runner stops or the job is cancelled. */
  signal: AbortSignal
  progress: (text: string) => void
}

export type JobHandler = (run: JobRun) => Promise<void>

export interface Runner {
  /** Takes no new job, aborts what runs, and resolves when it has ended. */
  stop(): Promise<void>
}

const IDLE_MS = 5000
const MOST_ATTEMPTS = 5
const PARALLEL = 2

interface Parts {
  db: Db
  bus: Bus
  log: Log
}

export function startRunner(parts: Parts, handlers: Record<string, JobHandler>): Runner {
  const { db, bus, log } = parts
  const kinds = Object.keys(handlers)
  const running = new Map<number, { abort: AbortController; end: Promise<void> }>()
  const state = { stopped: false }
  let timer: NodeJS.Timeout | undefined
  const silence = bus.listen((news) => {
    if (news.kind === 'jobs') wake()
    if (news.kind === 'cancel') running.get(news.job)?.abort.abort(new Error('cancelled'))
  })
  wake()

  function wake(ms = 0): void {
    if (state.stopped) return
    clearTimeout(timer)
    timer = setTimeout(() => void fill(), ms)
    timer.unref()
  }

  async function fill(): Promise<void> {
    try {
      while (!state.stopped && running.size < PARALLEL) {
        // Looks with the reader first: an idle runner takes no write lock.
        const due = await nextDue(db.read, kinds)
        const now = Date.now()
        if (due === undefined || due > now) return wake(Math.min(IDLE_MS, (due ?? Infinity) - now))
        const job = await db.write((tx) => claim(tx, kinds))
        if (!job) break
        begin(job)
      }
    } catch (error) {
      log.error({ err: error }, 'jobs could not be claimed')
    }
    wake(IDLE_MS)
  }

  function begin(job: Job): void {
    const abort = new AbortController()
    const end = work(parts, { job, abort, state, handler: handlers[job.kind] }).finally(() => {
      running.delete(job.id)
      wake()
    })
    running.set(job.id, { abort, end })
  }

  return {
    async stop() {
      state.stopped = true
      silence()
      clearTimeout(timer)
      for (const { abort } of running.values()) abort.abort(new Error('the server stops'))
      await Promise.allSettled([...running.values()].map(({ end }) => end))
    },
  }
}

interface Work {
  job: Job
  abort: AbortController
  state: { stopped: boolean }
  handler: JobHandler | undefined
}

async function work({ db, log }: Parts, { job, abort, state, handler }: Work): Promise<void> {
  let progress: string | undefined
  const renew = (): void => {
    db.write((tx) => extendLease(tx, job.id, progress)).catch((error: unknown) => {
      log.warn({ job: job.id, err: error }, 'the lease of a job was not renewed')
    })
  }
  const beat = setInterval(renew, LEASE_MS / 60)
  try {
    await handler?.({ job, signal: abort.signal, progress: (text) => (progress = text) })
    await db.write((tx) => finishJob(tx, job.id, { state: 'done' }))
  } catch (error) {
    log.warn({ job: job.id, kind: job.kind, attempt: job.attempts, err: error }, 'a job failed')
    // What a stopping server interrupts is taken up again by the next one when the lease runs out.
    if (!state.stopped) await db.write((tx) => settleFailure(tx, job, error, abort.signal.aborted))
  } finally {
    clearInterval(beat)
  }
}

async function settleFailure(tx: Tx, job: Job, error: unknown, cancelled: boolean): Promise<void> {
  const text = error instanceof Error ? error.message : String(error)
  const last = job.attempts >= MOST_ATTEMPTS || error instanceof FinalFailure
  if (cancelled) await finishJob(tx, job.id, { state: 'cancelled', error: text })
  else if (last) await finishJob(tx, job.id, { state: 'failed', error: text })
  else await retryJob(tx, job.id, text, 1000 * 4 ** job.attempts * (0.5 + Math.random()))
}

/** A failure that trying again cannot mend. */
export class FinalFailure extends Error {}
