// The job table: added to in the transaction of the change that asks for the work, claimed with a lease.
import type { Selectable } from 'kysely'
import type { Handle } from '../db/open.ts'
import type { JobTable } from '../db/tables/events.ts'
import { newId } from '../kit/secret.ts'

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

/** A runner that has not been heard of for this long has lost what it was at. */
export const LEASE_MS = 30_000

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
      lease: null,
      lease_until: null,
      progress: '',
      error: null,
      created_at: at,
      started_at: null,
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
    .select((eb) => {
      const when = eb.case().when('state', '=', 'waiting').then(eb.ref('run_at')).else(eb.ref('lease_until')).end()
      return eb.fn.min<string | null>(when).as('at')
    })
    .where('state', 'in', ['waiting', 'running'])
    .where('kind', 'in', kinds)
    .executeTakeFirstOrThrow()
  return at === null ? undefined : Date.parse(at)
}

/**
 * How many of a kind run at once, by all runners together. `alone`: it changes the files of its repository, and is done
 * while no other that does so is at work there.
 */
export interface Bounds {
  parallel: number
  alone?: boolean
}

/** Takes the next job that is due, or whose runner died with the lease run out, where its kind has room. */
export async function claim(tx: Handle, kinds: Record<string, Bounds>): Promise<Job | undefined> {
  const now = new Date().toISOString()
  const held = await tx
    .selectFrom('jobs')
    .select(['kind', 'repository_id'])
    .where('state', '=', 'running')
    .where('lease_until', '>=', now)
    .execute()
  const open = Object.keys(kinds).filter(
    (kind) => held.filter((one) => one.kind === kind).length < (kinds[kind]?.parallel ?? 0),
  )
  if (open.length === 0) return undefined
  const isAlone = (kind: string): boolean => kinds[kind]?.alone === true
  const closed = held.flatMap(({ kind, repository_id: id }) => (id !== null && isAlone(kind) ? [id] : []))
  const due = await dueJob(tx, { open, alone: open.filter(isAlone), closed, now })
  if (!due) return undefined
  const taken = {
    state: 'running' as const,
    attempts: due.attempts + 1,
    lease: newId(),
    lease_until: leaseFromNow(),
    started_at: now,
    progress: '',
  }
  await tx.updateTable('jobs').set(taken).where('id', '=', due.id).execute()
  return { ...due, ...taken }
}

interface Looking {
  open: string[]
  alone: string[]
  /** Repositories that another job has for itself. */
  closed: string[]
  now: string
}

function dueJob(tx: Handle, { open, alone, closed, now }: Looking): Promise<Job | undefined> {
  return tx
    .selectFrom('jobs')
    .selectAll()
    .where('kind', 'in', open)
    .where((eb) =>
      eb.or([
        eb.and([eb('state', '=', 'waiting'), eb('run_at', '<=', now)]),
        eb.and([eb('state', '=', 'running'), eb('lease_until', '<', now)]),
      ]),
    )
    .where((eb) =>
      eb.or([eb('kind', 'not in', alone), eb('repository_id', 'is', null), eb('repository_id', 'not in', closed)]),
    )
    .orderBy('run_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
}

/** Takes one job that waits, for whoever works it off by hand; false when a runner was faster. */
export async function claimJob(tx: Handle, id: number): Promise<boolean> {
  const lease_until = new Date(Date.now() + 3_600_000).toISOString()
  const taken = await tx
    .updateTable('jobs')
    .set({ state: 'running', attempts: 1, lease: newId(), lease_until, started_at: new Date().toISOString() })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return taken.numUpdatedRows > 0n
}

/** What a runner holds: the job under the lease of its claim. */
export type Held = Pick<Job, 'id' | 'lease'>

/** Every change under a lease passes here: false when somebody else has the job by now, and nothing was written. */
async function changeHeld(tx: Handle, { id, lease }: Held, change: Partial<Job>): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('jobs')
    .set(change)
    .where('id', '=', id)
    .where('lease', '=', lease)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export function extendLease(tx: Handle, held: Held, progress?: string): Promise<boolean> {
  return changeHeld(tx, held, { lease_until: leaseFromNow(), ...(progress === undefined ? {} : { progress }) })
}

export interface Ending {
  state: 'done' | 'failed' | 'parked' | 'cancelled'
  error?: string
}

export function endHeld(tx: Handle, held: Held, { state, error }: Ending): Promise<boolean> {
  const finished_at = new Date().toISOString()
  return changeHeld(tx, held, { state, error: error ?? null, lease: null, lease_until: null, finished_at })
}

export function retryHeld(tx: Handle, held: Held, error: string, waitMs: number): Promise<boolean> {
  const run_at = new Date(Date.now() + waitMs).toISOString()
  return changeHeld(tx, held, { state: 'waiting', error, run_at, lease: null, lease_until: null })
}

/** Gives an interrupted job back to be begun anew at once, as if this attempt had not been. */
export function releaseHeld(tx: Handle, held: Held, attempts: number): Promise<boolean> {
  const run_at = new Date().toISOString()
  return changeHeld(tx, held, { state: 'waiting', run_at, attempts: attempts - 1, lease: null, lease_until: null })
}

/** Ends a job whoever has it: for the one who cancels. False when it had ended already. */
export async function finishJob(tx: Handle, id: number, { state, error }: Ending): Promise<boolean> {
  const finished_at = new Date().toISOString()
  const { numUpdatedRows } = await tx
    .updateTable('jobs')
    .set({ state, error: error ?? null, lease: null, lease_until: null, finished_at })
    .where('id', '=', id)
    .where('state', 'in', ['waiting', 'running'])
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** A parked job gets all its attempts anew, at once. False when it is not parked. */
export async function resumeJob(tx: Handle, id: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('jobs')
    .set({ state: 'waiting', attempts: 0, run_at: new Date().toISOString(), finished_at: null })
    .where('id', '=', id)
    .where('state', '=', 'parked')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Gives up on a parked job; its words are still read until it is pruned. */
export async function discardJob(tx: Handle, id: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('jobs')
    .set({ state: 'cancelled', finished_at: new Date().toISOString() })
    .where('id', '=', id)
    .where('state', '=', 'parked')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

const DAY_MS = 86_400_000
const KEPT_DAYS = { ended: 7, parked: 60 }

/** Forgets what ended days ago, and what has been parked for so long that nobody will ask for it. */
export async function pruneJobs(tx: Handle, now = Date.now()): Promise<void> {
  const before = (days: number): string => new Date(now - days * DAY_MS).toISOString()
  await tx
    .deleteFrom('jobs')
    .where('state', 'in', ['done', 'failed', 'cancelled'])
    .where('finished_at', '<', before(KEPT_DAYS.ended))
    .execute()
  await tx
    .deleteFrom('jobs')
    .where('state', '=', 'parked')
    .where('finished_at', '<', before(KEPT_DAYS.parked))
    .execute()
}

export function findJob(db: Handle, id: number): Promise<Job | undefined> {
  return db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Jobs of these states with the names that people know them by, the newest or the next first. */
export function listJobs(db: Handle, states: Job['state'][], limit: number) {
  return db
    .selectFrom('jobs')
    .leftJoin('repositories', 'repositories.id', 'jobs.repository_id')
    .leftJoin('workspaces', 'workspaces.id', 'repositories.workspace_id')
    .selectAll('jobs')
    .select(['repositories.slug as repository_slug', 'workspaces.slug as workspace_slug'])
    .where('jobs.state', 'in', states)
    .orderBy(states.includes('waiting') ? 'jobs.run_at' : 'jobs.id', states.includes('waiting') ? 'asc' : 'desc')
    .limit(limit)
    .execute()
}
export type ListedJob = Awaited<ReturnType<typeof listJobs>>[number]

export async function countJobs(db: Handle): Promise<Partial<Record<Job['state'], number>>> {
  const counted = await db
    .selectFrom('jobs')
    .select((eb) => ['state', eb.fn.countAll<number>().as('n')])
    .groupBy('state')
    .execute()
  return Object.fromEntries(counted.map(({ state, n }) => [state, n]))
}

function leaseFromNow(): string {
  return new Date(Date.now() + LEASE_MS).toISOString()
}
