// SQL of the event table as it is read back: a stretch of it at a time, and the names of what its rows speak of.
import { type SqlBool, sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { Handle, Tx } from '../../db/open.ts'
import type { EventTable } from '../../db/tables/events.ts'

export type EventRow = Selectable<EventTable>

/** All that is given must hold. */
export interface Wanted {
  /** Who did it, or to whom it was done. */
  person?: { id: string; name: string } | undefined
  kinds?: { prefix: string; kinds: string[] } | undefined
  repositoryId?: string | undefined
  workspaceId?: string | undefined
  address?: string | undefined
}

/** From above `floor` up to below `before`, the newest first. */
export interface Stretch {
  before: number
  floor: number
  limit: number
}

export function listStretch(db: Handle, wanted: Wanted, { before, floor, limit }: Stretch): Promise<EventRow[]> {
  const { person, kinds, repositoryId, workspaceId, address } = wanted
  let query = db.selectFrom('events').selectAll().where('id', '<', before).where('id', '>', floor)
  if (person)
    query = query.where((eb) =>
      eb.or([
        eb('actor_id', '=', person.id),
        sql<SqlBool>`instr(data, ${person.id}) > 0`,
        sql<SqlBool>`json_extract(data, '$.username') = ${person.name}`,
      ]),
    )
  if (kinds)
    query = query.where((eb) =>
      eb.or([eb('kind', 'in', kinds.kinds), sql<SqlBool>`substr(kind, 1, ${kinds.prefix.length}) = ${kinds.prefix}`]),
    )
  if (repositoryId !== undefined) query = query.where('repository_id', '=', repositoryId)
  if (workspaceId !== undefined) query = query.where('workspace_id', '=', workspaceId)
  if (address !== undefined) query = query.where(sql<SqlBool>`instr(address, ${address}) > 0`)
  return query.orderBy('id', 'desc').limit(limit).execute()
}

export function findEvent(db: Handle, id: number): Promise<EventRow | undefined> {
  return db.selectFrom('events').selectAll().where('id', '=', id).executeTakeFirst()
}

export function listAfter(db: Handle, after: number, limit: number): Promise<EventRow[]> {
  return db.selectFrom('events').selectAll().where('id', '>', after).orderBy('id').limit(limit).execute()
}

/** The newest first. What the retention has let go is missing. */
export function listByIds(db: Handle, ids: readonly number[]): Promise<EventRow[]> {
  return db.selectFrom('events').selectAll().where('id', 'in', ids).orderBy('id', 'desc').execute()
}

export async function lastId(db: Handle): Promise<number> {
  const last = await db
    .selectFrom('events')
    .select((eb) => eb.fn.max('id').as('id'))
    .executeTakeFirst()
  return last?.id ?? 0
}

/** The last event before this time, found by halving: ids and times grow together. */
export async function idBefore(db: Handle, time: string): Promise<number> {
  let low = 0
  let high = await lastId(db)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const row = await db
      .selectFrom('events')
      .select(['id', 'created_at'])
      .where('id', '>=', middle)
      .orderBy('id')
      .limit(1)
      .executeTakeFirst()
    if (row && row.created_at < time) low = Math.max(middle, row.id)
    else high = middle - 1
  }
  return low
}

export interface Mentioned {
  users: string[]
  groups: string[]
  repositories: string[]
  workspaces: string[]
}

export async function readNames(db: Handle, ids: Mentioned) {
  const [users, groups, repositories, workspaces] = await Promise.all([
    db.selectFrom('users').select(['id', 'name', 'display_name']).where('id', 'in', ids.users).execute(),
    db.selectFrom('groups').select(['id', 'name']).where('id', 'in', ids.groups).execute(),
    db
      .selectFrom('repositories')
      .innerJoin('workspaces', 'workspaces.id', 'repositories.workspace_id')
      .select(['repositories.id', 'repositories.slug', 'workspaces.slug as workspace'])
      .where('repositories.id', 'in', ids.repositories)
      .execute(),
    db.selectFrom('workspaces').select(['id', 'slug']).where('id', 'in', ids.workspaces).execute(),
  ])
  return { users, groups, repositories, workspaces }
}

/** What repositories that are gone were called last. */
export function readGoneNames(db: Handle, ids: string[]): Promise<Pick<EventRow, 'repository_id' | 'data'>[]> {
  if (ids.length === 0) return Promise.resolve([])
  const deleted = db.selectFrom('events').select(['repository_id', 'data']).where('kind', '=', 'repo:deleted')
  return deleted.where('repository_id', 'in', ids).execute()
}

export async function readRetention(db: Handle): Promise<number | null> {
  return (await db.selectFrom('retention').select('days').executeTakeFirst())?.days ?? null
}

export async function writeRetention(tx: Tx, days: number | null): Promise<void> {
  await tx.updateTable('retention').set({ days }).where('id', '=', 1).execute()
}

/** Lets up to `most` events go that are older than the retention allows; the database checks each of them again. */
export async function pruneEvents(tx: Tx, before: string, most: number): Promise<number> {
  const old = tx.selectFrom('events').select('id').where('created_at', '<', before).where('kind', '!=', 'repo:deleted')
  const gone = await tx.deleteFrom('events').where('id', 'in', old.orderBy('id').limit(most)).executeTakeFirst()
  return Number(gone.numDeletedRows)
}
