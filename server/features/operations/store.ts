// What the operations page reads of the database.
import type { Insertable } from 'kysely'
import type { Handle, Tx } from '../../db/open.ts'
import type { SlowRequestTable } from '../../db/tables/events.ts'

export interface KindOfJobs {
  kind: string
  waiting: number
  running: number
  parked: number
  /** Milliseconds by which the oldest job that is due is late. */
  lag: number
}

export async function jobsByKind(db: Handle, now = Date.now()): Promise<KindOfJobs[]> {
  const due = new Date(now).toISOString()
  const rows = await db
    .selectFrom('jobs')
    .select(({ fn, eb }) => [
      'kind',
      'state',
      fn.countAll<number>().as('n'),
      fn.min(eb.case().when('run_at', '<=', due).then(eb.ref('run_at')).end()).as('oldest'),
    ])
    .where('state', 'in', ['waiting', 'running', 'parked'])
    .groupBy(['kind', 'state'])
    .execute()
  const kinds = [...new Set(rows.map(({ kind }) => kind))].toSorted((a, b) => (a < b ? -1 : 1))
  return kinds.map((kind) => {
    const of = (state: string) => rows.find((row) => row.kind === kind && row.state === state)
    const oldest = of('waiting')?.oldest
    return {
      kind,
      waiting: of('waiting')?.n ?? 0,
      running: of('running')?.n ?? 0,
      parked: of('parked')?.n ?? 0,
      lag: oldest === undefined || oldest === null ? 0 : Math.max(0, now - Date.parse(oldest)),
    }
  })
}

const KEPT_SLOW = 1000
const KEPT_SECONDS = 25 * 3600

export async function addSlow(tx: Tx, rows: Insertable<SlowRequestTable>[]): Promise<void> {
  await tx.insertInto('slow_requests').values(rows).execute()
  const oldest = tx.selectFrom('slow_requests').select('id').orderBy('id', 'desc').offset(KEPT_SLOW).limit(1)
  await tx.deleteFrom('slow_requests').where('id', '<=', oldest).execute()
}

/** The newest, with the names that people know the repositories by. */
export function listSlow(db: Handle, limit: number) {
  return db
    .selectFrom('slow_requests')
    .leftJoin('repositories', 'repositories.id', 'slow_requests.repository_id')
    .leftJoin('workspaces', 'workspaces.id', 'repositories.workspace_id')
    .selectAll('slow_requests')
    .select(['repositories.slug as repository_slug', 'workspaces.slug as workspace_slug'])
    .orderBy('slow_requests.id', 'desc')
    .limit(limit)
    .execute()
}
export type ListedSlow = Awaited<ReturnType<typeof listSlow>>[number]

export async function addSample(tx: Tx, sample: { at: number; data: string }): Promise<void> {
  const { at, data } = sample
  await tx
    .insertInto('samples')
    .values(sample)
    .onConflict((conflict) => conflict.column('at').doUpdateSet({ data }))
    .execute()
  await tx
    .deleteFrom('samples')
    .where('at', '<', at - KEPT_SECONDS)
    .execute()
}

export function samplesSince(db: Handle, at: number): Promise<{ at: number; data: string }[]> {
  return db.selectFrom('samples').selectAll().where('at', '>=', at).orderBy('at').execute()
}

export async function writePulse(tx: Tx): Promise<void> {
  const at = new Date().toISOString()
  await tx
    .insertInto('pulses')
    .values({ name: 'health', at })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ at }))
    .execute()
}

/** The full names of these repositories by their ids. */
export async function namesOf(db: Handle, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('repositories')
    .innerJoin('workspaces', 'workspaces.id', 'repositories.workspace_id')
    .select(['repositories.id', 'repositories.slug', 'workspaces.slug as workspace'])
    .where('repositories.id', 'in', ids)
    .execute()
  return new Map(rows.map(({ id, slug, workspace }) => [id, `${workspace}/${slug}`]))
}
