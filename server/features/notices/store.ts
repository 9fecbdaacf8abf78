// SQL of notifications: inbox, choices, watches, and the cursor behind the events that were told.
import type { Selectable } from 'kysely'
import type { Handle, Tx } from '../../db/open.ts'
import type { EventTable, NoticeTable } from '../../db/tables/events.ts'
import type { UserTable } from '../../db/tables/accounts.ts'

export type EventRow = Selectable<EventTable>
export type NoticeRow = Selectable<NoticeTable>
export type UserRow = Selectable<UserTable>

const CURSOR = 'notices'

export async function readCursor(db: Handle): Promise<number> {
  return (await db.selectFrom('cursors').select('at').where('name', '=', CURSOR).executeTakeFirst())?.at ?? 0
}

export function nextEvents(db: Handle, after: number, limit: number): Promise<EventRow[]> {
  return db.selectFrom('events').selectAll().where('id', '>', after).orderBy('id').limit(limit).execute()
}

/** False when somebody else has read on meanwhile: then nothing may be written. */
export async function moveCursor(tx: Tx, from: number, at: number): Promise<boolean> {
  if ((await readCursor(tx)) !== from) return false
  await tx
    .insertInto('cursors')
    .values({ name: CURSOR, at })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ at }))
    .execute()
  return true
}

export type NewNotice = Omit<NoticeRow, 'id' | 'read_at' | 'created_at'>

/** Of these repositories those that are there: what happened may be told when its place is gone. */
export async function repositoriesThere(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await tx.selectFrom('repositories').select('id').where('id', 'in', ids).execute()
  return new Set(rows.map(({ id }) => id))
}

/** Gives its number, or undefined when the person was told of the same before. */
export async function insertNotice(tx: Tx, notice: NewNotice): Promise<number | undefined> {
  const row = await tx
    .insertInto('notices')
    .values({ ...notice, created_at: new Date().toISOString(), read_at: null })
    .onConflict((conflict) => conflict.columns(['user_id', 'kind', 'subject']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id
}

/** Forgets all but the newest of a person. */
export async function trimNotices(tx: Tx, userId: string, keep: number): Promise<void> {
  const oldest = tx
    .selectFrom('notices')
    .select('id')
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .limit(1)
    .offset(keep)
  await tx.deleteFrom('notices').where('user_id', '=', userId).where('id', '<=', oldest).execute()
}

/** The newest first; there are never more than are kept. */
export function listNotices(db: Handle, userId: string): Promise<NoticeRow[]> {
  return db.selectFrom('notices').selectAll().where('user_id', '=', userId).orderBy('id', 'desc').execute()
}

export function findNotice(db: Handle, id: number): Promise<NoticeRow | undefined> {
  return db.selectFrom('notices').selectAll().where('id', '=', id).executeTakeFirst()
}

/** One of the person's own, or all up to `upTo`; gives how many were unread. */
export async function markRead(tx: Tx, userId: string, which: { id: number } | { upTo: number }): Promise<number> {
  const unread = tx
    .updateTable('notices')
    .set({ read_at: new Date().toISOString() })
    .where('user_id', '=', userId)
    .where('read_at', 'is', null)
  const chosen = 'id' in which ? unread.where('id', '=', which.id) : unread.where('id', '<=', which.upTo)
  return Number((await chosen.executeTakeFirst()).numUpdatedRows)
}

export async function markUnread(tx: Tx, userId: string, id: number): Promise<void> {
  await tx.updateTable('notices').set({ read_at: null }).where('user_id', '=', userId).where('id', '=', id).execute()
}

export function listChoices(db: Handle, userId: string): Promise<{ kind: string; choice: string }[]> {
  return db.selectFrom('notice_settings').select(['kind', 'choice']).where('user_id', '=', userId).execute()
}

export async function putChoice(tx: Tx, userId: string, kind: string, choice: string): Promise<void> {
  await tx
    .insertInto('notice_settings')
    .values({ user_id: userId, kind, choice })
    .onConflict((conflict) => conflict.columns(['user_id', 'kind']).doUpdateSet({ choice }))
    .execute()
}

export async function putWatch(tx: Tx, repositoryId: string, userId: string, watching: boolean): Promise<void> {
  const value = Number(watching)
  await tx
    .insertInto('watches')
    .values({ repository_id: repositoryId, user_id: userId, watching: value })
    .onConflict((conflict) => conflict.columns(['repository_id', 'user_id']).doUpdateSet({ watching: value }))
    .execute()
}

/** Active people who watch: those who said so, and the maker unless they said otherwise. */
export function listWatchers(db: Handle, repositoryId: string): Promise<UserRow[]> {
  return db
    .selectFrom('users')
    .leftJoin('watches', (join) =>
      join.onRef('watches.user_id', '=', 'users.id').on('watches.repository_id', '=', repositoryId),
    )
    .selectAll('users')
    .where('users.state', '=', 'active')
    .where((eb) =>
      eb.or([
        eb('watches.watching', '=', 1),
        eb.and([
          eb('watches.watching', 'is', null),
          eb(
            'users.id',
            '=',
            eb.selectFrom('repositories').select('created_by').where('repositories.id', '=', repositoryId),
          ),
        ]),
      ]),
    )
    .orderBy('users.name')
    .execute()
}

export function activeUsers(db: Handle, by: { ids?: string[]; names?: string[] }): Promise<UserRow[]> {
  const active = db.selectFrom('users').selectAll().where('state', '=', 'active')
  return (by.ids ? active.where('id', 'in', by.ids) : active.where('name', 'in', by.names ?? [])).execute()
}

export function activeAdmins(db: Handle): Promise<UserRow[]> {
  return db.selectFrom('users').selectAll().where('state', '=', 'active').where('is_admin', '=', 1).execute()
}

export async function inviterOf(db: Handle, linkId: string): Promise<string | null> {
  const link = await db.selectFrom('links').select('created_by').where('id', '=', linkId).executeTakeFirst()
  return link?.created_by ?? null
}
