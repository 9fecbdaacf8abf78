// SQL of where repositories lie: their volumes, what a move left, and what keeps ref updates out for the moment.
import type { Insertable, Selectable } from 'kysely'
import type { Handle } from '../../db/open.ts'
import type { GateTable, OldCopyTable } from '../../db/tables/repositories.ts'
import { Fault } from '../../kit/fault.ts'

export type Shut = 'repository.purging' | 'repository.moving'

/**
 * What keeps ref updates out now: a purge from its claim on, or a job that has shut the gate. One that died lets go with
 * its lease.
 */
export async function shutBy(db: Handle, repositoryId: string): Promise<Shut | undefined> {
  const holder = await db
    .selectFrom('jobs')
    .leftJoin('gates', (join) => join.onRef('gates.job', '=', 'jobs.id').onRef('gates.lease', '=', 'jobs.lease'))
    .select('jobs.kind')
    .where('jobs.repository_id', '=', repositoryId)
    .where('jobs.state', '=', 'running')
    .where('jobs.lease_until', '>', new Date().toISOString())
    .where((eb) => eb.or([eb('jobs.kind', '=', 'purge'), eb('gates.repository_id', '=', repositoryId)]))
    .executeTakeFirst()
  if (!holder) return undefined
  return holder.kind === 'move' ? 'repository.moving' : 'repository.purging'
}

export async function putGate(db: Handle, gate: Insertable<GateTable>): Promise<void> {
  const { job, lease } = gate
  await db
    .insertInto('gates')
    .values(gate)
    .onConflict((conflict) => conflict.column('repository_id').doUpdateSet({ job, lease }))
    .execute()
}

export async function removeGate(db: Handle, repositoryId: string, job: number): Promise<void> {
  await db.deleteFrom('gates').where('repository_id', '=', repositoryId).where('job', '=', job).execute()
}

/** The volume that a repository lies on now; undefined when it is gone. */
export async function volumeOf(db: Handle, repositoryId: string): Promise<string | undefined> {
  const row = await db.selectFrom('repositories').select('volume').where('id', '=', repositoryId).executeTakeFirst()
  return row?.volume
}

/** A volume may go while something is being made on it: then what is made must not be recorded. */
export async function needVolume(tx: Handle, id: string): Promise<void> {
  const row = await tx.selectFrom('volumes').select('id').where('id', '=', id).executeTakeFirst()
  if (!row) throw new Fault('conflict', { detail: 'The disk was removed in the meantime. Try again.' })
}

export type OldCopyRow = Selectable<OldCopyTable>

export function listOldCopies(db: Handle, repositoryId: string): Promise<OldCopyRow[]> {
  return db.selectFrom('old_copies').selectAll().where('repository_id', '=', repositoryId).execute()
}

export function listDueCopies(db: Handle, now: string): Promise<OldCopyRow[]> {
  return db.selectFrom('old_copies').selectAll().where('remove_at', '<=', now).execute()
}

export async function insertOldCopy(db: Handle, row: Insertable<OldCopyTable>): Promise<void> {
  await db.insertInto('old_copies').values(row).execute()
}

export async function removeOldCopyOn(db: Handle, repositoryId: string, volume: string): Promise<void> {
  await db.deleteFrom('old_copies').where('repository_id', '=', repositoryId).where('volume', '=', volume).execute()
}

export async function removeOldCopy(db: Handle, id: number): Promise<void> {
  await db.deleteFrom('old_copies').where('id', '=', id).execute()
}

/** Whether a job other than a purge has shut the gate. */
export async function isGated(db: Handle, repositoryId: string): Promise<boolean> {
  const holder = db
    .selectFrom('gates')
    .innerJoin('jobs', (join) => join.onRef('jobs.id', '=', 'gates.job').onRef('jobs.lease', '=', 'gates.lease'))
    .select('jobs.id')
    .where('gates.repository_id', '=', repositoryId)
    .where('jobs.state', '=', 'running')
    .where('jobs.lease_until', '>', new Date().toISOString())
  return (await holder.executeTakeFirst()) !== undefined
}
