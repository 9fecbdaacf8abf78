// SQL of OAuth: consumers, grants, codes and tokens.
import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Handle } from '../../db/open.ts'
import type { ConsumerTable, OAuthCodeTable, OAuthGrantTable, OAuthTokenTable } from '../../db/tables/oauth.ts'

export type ConsumerRow = Selectable<ConsumerTable>
export type GrantRow = Selectable<OAuthGrantTable>
export type CodeRow = Selectable<OAuthCodeTable>
export type TokenRow = Selectable<OAuthTokenTable>

export function listConsumers(db: Handle, workspaceId: string): Promise<(ConsumerRow & { maker: string | null })[]> {
  return db
    .selectFrom('oauth_consumers as c')
    .leftJoin('users as u', 'u.id', 'c.secret_by')
    .selectAll('c')
    .select('u.name as maker')
    .where('c.workspace_id', '=', workspaceId)
    .orderBy('c.created_at', 'desc')
    .execute()
}

export function findConsumer(db: Handle, key: string): Promise<(ConsumerRow & { workspace: string }) | undefined> {
  return db
    .selectFrom('oauth_consumers as c')
    .innerJoin('workspaces as w', 'w.id', 'c.workspace_id')
    .selectAll('c')
    .select('w.slug as workspace')
    .where('c.key', '=', key)
    .executeTakeFirst()
}

export async function insertConsumer(db: Handle, row: Insertable<ConsumerTable>): Promise<void> {
  await db.insertInto('oauth_consumers').values(row).execute()
}

export async function updateConsumer(db: Handle, id: string, change: Updateable<ConsumerTable>): Promise<void> {
  await db.updateTable('oauth_consumers').set(change).where('id', '=', id).execute()
}

export async function deleteConsumer(db: Handle, id: string): Promise<void> {
  await db.deleteFrom('oauth_consumers').where('id', '=', id).execute()
}

/** Whatever holds scopes for a consumer, each by the key of its table. */
const SCOPED = { oauth_grants: 'id', oauth_codes: 'hash', oauth_tokens: 'hash', oauth1_requests: 'hash' } as const
type Scoped = keyof typeof SCOPED

export async function listScopes(
  db: Handle,
  consumerId: string,
): Promise<{ table: Scoped; id: string; scopes: string }[]> {
  const ofGrants = db.selectFrom('oauth_grants').select('id').where('consumer_id', '=', consumerId)
  const found = {
    oauth_grants: await ofGrants.select('scopes').execute(),
    oauth_codes: await scopesIn(db, 'oauth_codes', consumerId),
    oauth1_requests: await scopesIn(db, 'oauth1_requests', consumerId),
    oauth_tokens: await db
      .selectFrom('oauth_tokens')
      .select(['hash as id', 'scopes'])
      .where('grant_id', 'in', ofGrants)
      .execute(),
  }
  return Object.entries(found).flatMap(([table, all]) => all.map((one) => ({ ...one, table: table as Scoped })))
}

function scopesIn(db: Handle, table: 'oauth_codes' | 'oauth1_requests', consumerId: string) {
  return db.selectFrom(table).select(['hash as id', 'scopes']).where('consumer_id', '=', consumerId).execute()
}

export async function setScopes(db: Handle, table: Scoped, id: string, scopes: string): Promise<void> {
  await db.updateTable(table).set({ scopes }).where(SCOPED[table], '=', id).execute()
}

export async function deleteScoped(db: Handle, table: Scoped, id: string): Promise<void> {
  await db.deleteFrom(table).where(SCOPED[table], '=', id).execute()
}

export async function insertCode(db: Handle, row: Insertable<OAuthCodeTable>): Promise<void> {
  await db.insertInto('oauth_codes').values(row).execute()
}

export function findCode(db: Handle, hash: string): Promise<CodeRow | undefined> {
  return db.selectFrom('oauth_codes').selectAll().where('hash', '=', hash).executeTakeFirst()
}

/** A code that was used leads to what it gave: who brings it again ends that. */
export async function useCode(db: Handle, hash: string, grantId: string): Promise<void> {
  await db.updateTable('oauth_codes').set({ grant_id: grantId }).where('hash', '=', hash).execute()
}

export async function deleteCode(db: Handle, hash: string): Promise<void> {
  await db.deleteFrom('oauth_codes').where('hash', '=', hash).execute()
}

export async function insertGrant(db: Handle, row: Insertable<OAuthGrantTable>): Promise<void> {
  await db.insertInto('oauth_grants').values(row).execute()
}

export function findGrant(db: Handle, id: string): Promise<GrantRow | undefined> {
  return db.selectFrom('oauth_grants').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Ends it with all codes and tokens. */
export async function deleteGrant(db: Handle, id: string): Promise<void> {
  await db.deleteFrom('oauth_grants').where('id', '=', id).execute()
}

/** The one that client credentials of a consumer work under. */
export function findClientGrant(db: Handle, consumerId: string): Promise<GrantRow | undefined> {
  const all = db.selectFrom('oauth_grants').selectAll().where('consumer_id', '=', consumerId)
  return all.where('kind', '=', 'client').executeTakeFirst()
}

export async function deleteClientGrants(db: Handle, consumerId: string): Promise<void> {
  await db.deleteFrom('oauth_grants').where('consumer_id', '=', consumerId).where('kind', '=', 'client').execute()
}

/** What a person allowed a consumer, all times together, also what it has yet to fetch; false when there was nothing. */
export async function deleteGrantsOf(db: Handle, userId: string, consumerId: string): Promise<boolean> {
  for (const table of ['oauth_codes', 'oauth1_requests'] as const)
    await db.deleteFrom(table).where('user_id', '=', userId).where('consumer_id', '=', consumerId).execute()
  const gone = db.deleteFrom('oauth_grants').where('user_id', '=', userId).where('consumer_id', '=', consumerId)
  return (await gone.where('kind', '=', 'code').executeTakeFirst()).numDeletedRows > 0n
}

export function listGrantsOf(db: Handle, userId: string) {
  return db
    .selectFrom('oauth_grants as g')
    .innerJoin('oauth_consumers as c', 'c.id', 'g.consumer_id')
    .innerJoin('workspaces as w', 'w.id', 'c.workspace_id')
    .selectAll('g')
    .select(['c.name as name', 'w.slug as workspace'])
    .where('g.user_id', '=', userId)
    .where('g.kind', '=', 'code')
    .orderBy('g.created_at')
    .execute()
}

export async function insertToken(db: Handle, row: Insertable<OAuthTokenTable>): Promise<void> {
  await db.insertInto('oauth_tokens').values(row).execute()
}

export function findToken(db: Handle, hash: string): Promise<TokenRow | undefined> {
  return db.selectFrom('oauth_tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
}

export async function spendToken(db: Handle, hash: string, at: string): Promise<void> {
  await db.updateTable('oauth_tokens').set({ used_at: at }).where('hash', '=', hash).execute()
}

/** What has expired, and grants that nothing can be got from any more. */
export async function prune(db: Handle, now: string): Promise<void> {
  await db.deleteFrom('oauth_codes').where('expires_at', '<', now).execute()
  await db.deleteFrom('oauth_tokens').where('expires_at', '<', now).execute()
  await db
    .deleteFrom('oauth_grants')
    .where('id', 'not in', (eb) => eb.selectFrom('oauth_tokens').select('grant_id'))
    .where('id', 'not in', (eb) => eb.selectFrom('oauth1_tokens').select('grant_id'))
    .execute()
}
