// SQL of time-limited tokens and of the keys that sign them.
import { type Insertable, type Selectable, sql, type Updateable } from 'kysely'
import type { Handle } from '../../db/open.ts'
import type { SignedTokenTable, TokenKeyTable } from '../../db/tables/accounts.ts'

export type SignedRow = Selectable<SignedTokenTable>
export type KeyRow = Selectable<TokenKeyTable>

export async function insertSigned(db: Handle, row: Insertable<SignedTokenTable>): Promise<void> {
  await db.insertInto('signed_tokens').values(row).execute()
}

export function findSigned(db: Handle, jti: string): Promise<SignedRow | undefined> {
  return db.selectFrom('signed_tokens').selectAll().where('jti', '=', jti).executeTakeFirst()
}

export async function updateSigned(db: Handle, jti: string, change: Updateable<SignedTokenTable>): Promise<void> {
  await db.updateTable('signed_tokens').set(change).where('jti', '=', jti).execute()
}

/** With the name of the repository that each is for; those that can still be renewed, the newest first. */
export function listSigned(
  db: Handle,
  userId: string,
  now: string,
): Promise<(SignedRow & { full_name: string | null })[]> {
  return db
    .selectFrom('signed_tokens as t')
    .leftJoin('repositories as r', 'r.id', 't.repository_id')
    .leftJoin('workspaces as w', 'w.id', 'r.workspace_id')
    .selectAll('t')
    .select(sql<string | null>`w.slug || '/' || r.slug`.as('full_name'))
    .where('t.user_id', '=', userId)
    .where('t.expires_at', '>', now)
    .orderBy('t.created_at', 'desc')
    .execute()
}

/** Gives its label; undefined when it is not theirs. */
export async function deleteSigned(db: Handle, userId: string, jti: string): Promise<string | undefined> {
  const gone = db.deleteFrom('signed_tokens').where('jti', '=', jti).where('user_id', '=', userId)
  return (await gone.returning('label').executeTakeFirst())?.label
}

/** Each key with the number of tokens that it keeps alive. */
export function listKeys(db: Handle, now: string): Promise<(KeyRow & { tokens: number })[]> {
  return db
    .selectFrom('token_keys as k')
    .selectAll('k')
    .select(
      sql<number>`(select count(*) from signed_tokens t where t.kid = k.kid and t.expires_at > ${now})`.as('tokens'),
    )
    .orderBy('k.created_at', 'desc')
    .execute()
}

export async function deleteKey(db: Handle, kid: string): Promise<boolean> {
  const gone = await db.deleteFrom('token_keys').where('kid', '=', kid).executeTakeFirst()
  return gone.numDeletedRows > 0n
}

/** Tokens that have expired, and keys that signed nothing since `before`, so that nothing of theirs can hold. */
export async function prune(db: Handle, now: string, before: string): Promise<void> {
  await db.deleteFrom('signed_tokens').where('expires_at', '<=', now).execute()
  await db.deleteFrom('token_keys').where('retired_at', '<', before).execute()
}
