// The job table: added to in the transaction of the change that asks for the work, claimed with a lease.
import type { Selectable } from 'kysely'
import type { Handle } from '../db/open.ts'
import type { JobTable } from '../db/schema.ts'

export type Job = Selectable<JobTable>

export interface NewJob {
  kind: string
  repositoryId?: string
  actorId?: string
  data?: Record<string, unknown>
  /** Starts when this long nobody has asked again; each further ask pushes it back, */
  quietMs?: number
  /** but never further than this after the first. */
  latestMs?: number
}

export const LEASE_MS = 60_000

/** Adds the job; one that waits already for the same kind and repository without data serves both. */
export async function enqueue(tx: Handle, job: NewJob): Promise<number> {
  const now = Date.now()
  const waiting = await sameThatWaits(tx, job)
  if (waiting) {
    // What failed before keeps the pause that it was given.
    if (job.quietMs !== undefined && waiting.attempts === 0) await pushBack(tx, waiting, now, job)
    return waiting.id
  }
  const at = new Date(now).toISOString()
  const { id } = await tx
    .insertInto('jobs')
    .values({
      kind: job.kind,
      repository_id: job.repositoryId ?? null,
      actor_id: job.actorId ?? null,
      data: JSON.stringify(job.data ?? {}),
      state: 'waiting',
      attempts: 0,
      run_at: job.quietMs === undefined ? at : new Date(now + job.quietMs).toISOString(),
      lease_until: null,
      progress: '',
      error: null,
      created_at: at,
      finished_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

function sameThatWaits(tx: Handle, job: NewJob): Promise<Job | undefined> {
  if (job.data !== undefined || job.repositoryId === undefined) return Promise.resolve(undefined)
  return tx
    .selectFrom('jobs')
    .selectAll()
    .where('kind', '=', job.kind)
    .where('repository_id', '=', job.repositoryId)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
}

async function pushBack(
  tx: Handle,
  waiting: Job,
  now: number,
  { quietMs = 0, latestMs = quietMs }: NewJob,
): Promise<void> {
  const until = Math.min(now + quietMs, Date.parse(waiting.created_at) + latestMs)
  await tx
    .updateTable('jobs')
    .set({ run_at: new Date(until).toISOString() })
    .where('id', '=', waiting.id)
    .execute()
}

/** When the next job is due, in milliseconds since 1970; undefined when there is none. */
export async function nextDue(db: Handle, kinds: string[]): Promise<number | undefined> {
  const { at } = await db
    .selectFrom('jobs')
    .select((eb) =>
      eb.fn
        .min<string | null>(
          eb.case().when('state', '=', 'waiting').then(eb.ref('run_at')).else(eb.ref('lease_until')).end(),
        )
        .as('at'),
    )
    .where('state', 'in', ['waiting', 'running'])
    .where('kind', 'in', kinds)
    .executeTakeFirstOrThrow()
  return at === null ? undefined : Date.parse(at)
}

/** Takes the next job that is due, or whose runner died with the lease run out. */
export async function claim(tx: Handle, kinds: string[]): Promise<Job | undefined> {
  const now = new Date()
  const due = await tx
    .selectFrom('jobs')
    .selectAll()
    .where('kind', 'in', kinds)
    .where((eb) =>
      eb.or([
        eb.and([eb('state', '=', 'waiting'), eb('run_at', '<=', now.toISOString())]),
        eb.and([eb('state', '=', 'running'), eb('lease_until', '<', now.toISOString())]),
      ]),
    )
    .orderBy('run_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  if (!due) return undefined
  const taken = { state: 'running' as const, attempts: due.attempts + 1, lease_until: leaseFrom(now) }
  await tx.updateTable('jobs').set(taken).where('id', '=', due.id).execute()
  return { ...due, ...taken }
}

/** Takes one job that waits, for whoever works it off by hand; false when a runner was faster. */
export async function claimJob(tx: Handle, id: number): Promise<boolean> {
  const lease_until = leaseFrom(new Date(Date.now() + 3_600_000))
  const taken = await tx
    .updateTable('jobs')
    .set({ state: 'running', attempts: 1, lease_until })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return taken.numUpdatedRows > 0n
}

export async function extendLease(tx: Handle, id: number, progress?: string): Promise<void> {
  const change = { lease_until: leaseFrom(new Date()), ...(progress === undefined ? {} : { progress }) }
  await tx.updateTable('jobs').set(change).where('id', '=', id).where('state', '=', 'running').execute()
}

export async function finishJob(
  tx: Handle,
  id: number,
  outcome: { state: 'done' | 'failed' | 'cancelled'; error?: string },
): Promise<void> {
  await tx
    .updateTable('jobs')
    .set({
      state: outcome.state,
      error: outcome.error ?? null,
      lease_until: null,
      finished_at: new Date().toISOString(),
    })
    .where('id', '=', id)
    .where('state', 'in', ['waiting', 'running'])
    .execute()
}

export async function retryJob(tx: Handle, id: number, error: string, waitMs: number): Promise<void> {
  const run_at = new Date(Date.now() + waitMs).toISOString()
  await tx
    .updateTable('jobs')
    .set({ state: 'waiting', error, run_at, lease_until: null })
    .where('id', '=', id)
    .execute()
}

export function findJob(db: Handle, id: number): Promise<Job | undefined> {
  return db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
}

function leaseFrom(now: Date): string {
  return new Date(now.getTime() + LEASE_MS).toISOString()
}
