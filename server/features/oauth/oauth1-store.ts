// SQL of OAuth 1.0a: requests that wait for a person and for their application, and tokens.
import type { Insertable } from 'kysely'
import type { Handle } from '../../db/open.ts'
import type { OAuth1RequestTable } from '../../db/tables/oauth.ts'

export async function insertRequest(db: Handle, row: Insertable<OAuth1RequestTable>): Promise<void> {
  await db.insertInto('oauth1_requests').values(row).execute()
}

export async function findRequest(db: Handle, hash: string, now: string) {
  return db
    .selectFrom('oauth1_requests as r')
    .innerJoin('oauth_consumers as c', 'c.id', 'r.consumer_id')
    .innerJoin('workspaces as w', 'w.id', 'c.workspace_id')
    .selectAll('r')
    .select(['c.name as name', 'c.description as description', 'c.key as key', 'w.slug as workspace'])
    .where('r.hash', '=', hash)
    .where('r.expires_at', '>', now)
    .executeTakeFirst()
}

export async function allowRequest(db: Handle, hash: string, by: { user_id: string; verifier: string }): Promise<void> {
  await db.updateTable('oauth1_requests').set(by).where('hash', '=', hash).execute()
}

export async function deleteRequest(db: Handle, hash: string): Promise<void> {
  await db.deleteFrom('oauth1_requests').where('hash', '=', hash).execute()
}

export async function insertSignedToken(db: Handle, row: { hash: string; grant_id: string }): Promise<void> {
  await db.insertInto('oauth1_tokens').values(row).execute()
}

/** `idle`: who has not been heard of since then is let in no more. */
export async function pruneSigned(db: Handle, { now, idle }: { now: string; idle: string }): Promise<void> {
  await db.deleteFrom('oauth1_requests').where('expires_at', '<', now).execute()
  await db
    .deleteFrom('oauth1_tokens')
    .where('grant_id', 'in', (eb) =>
      eb
        .selectFrom('oauth_grants')
        .select('id')
        .where((each) => each(each.fn.coalesce('last_used_at', 'created_at'), '<', idle)),
    )
    .execute()
}
