// SQL of one-time links: set-up, invitation, password reset.
import type { Insertable, Selectable } from 'kysely'
import type { Handle } from '../../db/open.ts'
import type { LinkTable } from '../../db/tables/accounts.ts'

export type LinkRow = Selectable<LinkTable>

export async function insertLink(db: Handle, row: Insertable<LinkTable>): Promise<void> {
  await db.insertInto('links').values(row).execute()
}

export function findLink(db: Handle, secretHash: string): Promise<LinkRow | undefined> {
  return db.selectFrom('links').selectAll().where('secret_hash', '=', secretHash).executeTakeFirst()
}

/** Marks the link used, if nobody was faster; false otherwise. */
export async function takeLink(db: Handle, id: string, userId: string, at: string): Promise<boolean> {
  const taken = await db
    .updateTable('links')
    .set({ used_at: at, used_by: userId })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('withdrawn_at', 'is', null)
    .where('expires_at', '>', at)
    .executeTakeFirst()
  return taken.numUpdatedRows > 0n
}

export type InvitationRow = LinkRow & { workspace: string | null; by_name: string | null; used_name: string | null }

/** Invitations of one person, or of everybody for null. */
export function listInvitations(db: Handle, createdBy: string | null): Promise<InvitationRow[]> {
  let query = db
    .selectFrom('links')
    .leftJoin('workspaces', 'workspaces.id', 'links.workspace_id')
    .leftJoin('users as maker', 'maker.id', 'links.created_by')
    .leftJoin('users as taker', 'taker.id', 'links.used_by')
    .selectAll('links')
    .select(['workspaces.slug as workspace', 'maker.name as by_name', 'taker.name as used_name'])
    .where('links.kind', '=', 'invitation')
    .orderBy('links.created_at', 'desc')
    .limit(500)
  if (createdBy !== null) query = query.where('links.created_by', '=', createdBy)
  return query.execute()
}

export async function countInvitations(db: Handle, createdBy: string, since: string): Promise<number> {
  const { n } = await db
    .selectFrom('links')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('kind', '=', 'invitation')
    .where('created_by', '=', createdBy)
    .where('created_at', '>', since)
    .executeTakeFirstOrThrow()
  return n
}

export function withdrawLink(
  db: Handle,
  id: string,
  createdBy: string | null,
  at: string,
): Promise<Pick<LinkRow, 'workspace_id'> | undefined> {
  let query = db.updateTable('links').set({ withdrawn_at: at }).where('id', '=', id).where('used_at', 'is', null)
  if (createdBy !== null) query = query.where('created_by', '=', createdBy)
  return query.returning('workspace_id').executeTakeFirst()
}

/** Makes earlier links of the kind (for the person, if one is named) worthless. */
export async function withdrawLinks(
  db: Handle,
  kind: LinkRow['kind'],
  userId: string | null,
  at: string,
): Promise<void> {
  let query = db.updateTable('links').set({ withdrawn_at: at }).where('kind', '=', kind).where('used_at', 'is', null)
  if (userId !== null) query = query.where('user_id', '=', userId)
  await query.execute()
}
