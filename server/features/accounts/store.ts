// SQL of people, their sessions and their app passwords.
import type { Insertable, Selectable, Updateable } from 'kysely'
import { lookUp } from '../../db/memo.ts'
import type { Db, Handle } from '../../db/open.ts'
import type { AppPasswordTable, DeployTokenTable, SessionTable, UserTable } from '../../db/tables/accounts.ts'

export type UserRow = Selectable<UserTable>
export type SessionRow = Selectable<SessionTable>
export type AppPasswordRow = Selectable<AppPasswordTable>

export function findUser(db: Handle, name: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst()
}

export function findUserById(db: Handle, id: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
}

export function listUsers(db: Handle): Promise<UserRow[]> {
  return db.selectFrom('users').selectAll().orderBy('name').execute()
}

export function listActiveNames(db: Handle): Promise<Pick<UserRow, 'id' | 'name' | 'display_name'>[]> {
  return db
    .selectFrom('users')
    .select(['id', 'name', 'display_name'])
    .where('state', '=', 'active')
    .orderBy('name')
    .execute()
}

export async function countUsers(db: Handle): Promise<number> {
  const { n } = await db
    .selectFrom('users')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return n
}

export async function countActiveAdmins(db: Handle): Promise<number> {
  const { n } = await db
    .selectFrom('users')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('is_admin', '=', 1)
    .where('state', '=', 'active')
    .executeTakeFirstOrThrow()
  return n
}

export async function insertUser(db: Handle, user: Insertable<UserTable>): Promise<void> {
  await db.insertInto('users').values(user).execute()
}

export async function updateUser(db: Handle, id: string, change: Updateable<UserTable>): Promise<void> {
  await db.updateTable('users').set(change).where('id', '=', id).execute()
}

export async function insertSession(db: Handle, session: Insertable<SessionTable>): Promise<void> {
  await db.insertInto('sessions').values(session).execute()
}

export function listSessions(db: Handle, userId: string): Promise<SessionRow[]> {
  return db.selectFrom('sessions').selectAll().where('user_id', '=', userId).orderBy('last_used_at', 'desc').execute()
}

export async function touchSession(db: Handle, id: string, at: string): Promise<void> {
  await db.updateTable('sessions').set({ last_used_at: at }).where('id', '=', id).execute()
}

/** Ends one session of the user; false when it is not theirs. */
export async function deleteSession(db: Handle, userId: string, id: string): Promise<boolean> {
  const gone = await db.deleteFrom('sessions').where('id', '=', id).where('user_id', '=', userId).executeTakeFirst()
  return gone.numDeletedRows > 0n
}

/** Ends a session by its secret's hash, whosever it is. */
export async function endSession(db: Handle, id: string): Promise<void> {
  await db.deleteFrom('sessions').where('id', '=', id).execute()
}

export async function deleteSessions(db: Handle, userId: string, but: string | null = null): Promise<void> {
  let query = db.deleteFrom('sessions').where('user_id', '=', userId)
  if (but !== null) query = query.where('id', '!=', but)
  await query.execute()
}

export async function deleteExpiredSessions(db: Handle, now: string): Promise<void> {
  await db.deleteFrom('sessions').where('expires_at', '<', now).execute()
}

export async function insertAppPassword(db: Handle, row: Insertable<AppPasswordTable>): Promise<void> {
  await db.insertInto('app_passwords').values(row).execute()
}

export function listAppPasswords(
  db: Handle,
  userId: string,
): Promise<(AppPasswordRow & { full_name: string | null })[]> {
  return db
    .selectFrom('app_passwords')
    .leftJoin('repositories', 'repositories.id', 'app_passwords.repository_id')
    .leftJoin('workspaces', 'workspaces.id', 'repositories.workspace_id')
    .selectAll('app_passwords')
    .select((eb) =>
      eb
        .fn<string | null>('nullif', [
          eb(eb.ref('workspaces.slug'), '||', eb(eb.val('/'), '||', eb.ref('repositories.slug'))),
          eb.val(''),
        ])
        .as('full_name'),
    )
    .where('user_id', '=', userId)
    .orderBy('app_passwords.created_at', 'desc')
    .execute()
}

/** Gives what it was called; undefined when it is not theirs. */
export async function deleteAppPassword(db: Handle, userId: string, id: string): Promise<string | undefined> {
  const theirs = db.deleteFrom('app_passwords').where('id', '=', id).where('user_id', '=', userId)
  return (await theirs.returning('label').executeTakeFirst())?.label
}

export async function withdrawResetLinks(db: Handle, userId: string, at: string): Promise<void> {
  await db
    .updateTable('links')
    .set({ withdrawn_at: at })
    .where('kind', '=', 'reset')
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .execute()
}

/** Of every kind: nothing but the account's own password opens it after this. */
export async function deleteTokens(db: Handle, userId: string): Promise<void> {
  await db.deleteFrom('app_passwords').where('user_id', '=', userId).execute()
  // Who holds the secret of a consumer would get a token for them by it at any time.
  await db.updateTable('oauth_consumers').set({ secret_by: null }).where('secret_by', '=', userId).execute()
  for (const table of ['oauth_grants', 'oauth_codes', 'oauth1_requests'] as const)
    await db.deleteFrom(table).where('user_id', '=', userId).execute()
  await endSignedTokens(db, userId)
}

export async function touchAppPassword(db: Handle, id: string, at: string): Promise<void> {
  await db.updateTable('app_passwords').set({ last_used_at: at }).where('id', '=', id).execute()
}

export async function touchSigned(db: Handle, jti: string, at: string): Promise<void> {
  await db.updateTable('signed_tokens').set({ last_used_at: at }).where('jti', '=', jti).execute()
}

/** All time-limited tokens of the account end: those that are stored, and whatever was signed before. */
export async function endSignedTokens(db: Handle, userId: string): Promise<void> {
  await db
    .updateTable('users')
    .set((eb) => ({ token_epoch: eb('token_epoch', '+', 1) }))
    .where('id', '=', userId)
    .execute()
  await db.deleteFrom('signed_tokens').where('user_id', '=', userId).execute()
}

export async function touchDeploy(db: Handle, id: string, at: string): Promise<void> {
  await db.updateTable('deploy_tokens').set({ last_used_at: at }).where('id', '=', id).execute()
}

export async function touchGrant(db: Handle, id: string, at: string): Promise<void> {
  await db.updateTable('oauth_grants').set({ last_used_at: at }).where('id', '=', id).execute()
}

export type UserWithCredential<C> = UserRow & C

const BY_SECRET = `select u.*, a.id as credential, a.scopes, a.repository_id, a.expires_at, a.last_used_at as used_at
  from app_passwords a join users u on u.id = a.user_id where a.secret_hash = :hash`
const BY_SESSION = `select u.*, s.id as credential, s.expires_at, s.last_used_at as used_at
  from sessions s join users u on u.id = s.user_id where s.id = :hash`
const BY_JTI = `select u.*, t.last_used_at as used_at
  from signed_tokens t join users u on u.id = t.user_id where t.jti = :jti`
const DEPLOY = `select * from deploy_tokens where secret_hash = :hash`
const BY_ACCESS = `select u.*, g.id as credential, t.scopes, t.expires_at, g.last_used_at as used_at
  from oauth_tokens t join oauth_grants g on g.id = t.grant_id join users u on u.id = g.user_id
  where t.hash = :hash and t.kind = 'access'`
const BY_OAUTH1 = `select u.*, g.id as credential, g.scopes, coalesce(g.last_used_at, g.created_at) as since,
  g.last_used_at as used_at, c.key as consumer, c.salt
  from oauth1_tokens t join oauth_grants g on g.id = t.grant_id join oauth_consumers c on c.id = g.consumer_id
  join users u on u.id = g.user_id where t.hash = :hash`
const BY_NAME = `select * from users where name = :name`

/** The look-ups that every request makes: synchronous, one index each, remembered until the database changes. */
export function userByAppPassword(
  db: Db,
  secretHash: string,
):
  | UserWithCredential<{
      credential: string
      scopes: string
      repository_id: string | null
      expires_at: string | null
      used_at: string | null
    }>
  | undefined {
  return lookUp(db, BY_SECRET, { hash: secretHash }) as never
}

export function userBySession(
  db: Db,
  sessionHash: string,
): UserWithCredential<{ credential: string; expires_at: string; used_at: string }> | undefined {
  return lookUp(db, BY_SESSION, { hash: sessionHash }) as never
}

export function userBySigned(db: Db, jti: string): UserWithCredential<{ used_at: string | null }> | undefined {
  return lookUp(db, BY_JTI, { jti }) as never
}

export function deployToken(db: Db, secretHash: string): Selectable<DeployTokenTable> | undefined {
  return lookUp(db, DEPLOY, { hash: secretHash }) as never
}

export function userByAccess(
  db: Db,
  hash: string,
): UserWithCredential<{ credential: string; scopes: string; expires_at: string; used_at: string | null }> | undefined {
  return lookUp(db, BY_ACCESS, { hash }) as never
}

export function userByOAuth1(
  db: Db,
  hash: string,
):
  | UserWithCredential<{
      credential: string
      scopes: string
      since: string
      used_at: string | null
      consumer: string
      salt: string | null
    }>
  | undefined {
  return lookUp(db, BY_OAUTH1, { hash }) as never
}

/** False when it is there already. What is too old to be let in at all is forgotten on the way. */
export async function takeNonce(db: Handle, nonce: { hash: string; at: number }, oldest: number): Promise<boolean> {
  await db.deleteFrom('oauth1_nonces').where('at', '<', oldest).execute()
  const add = db.insertInto('oauth1_nonces').values(nonce)
  const { numInsertedOrUpdatedRows: added } = await add.onConflict((on) => on.doNothing()).executeTakeFirstOrThrow()
  return added === 1n
}

export function userByName(db: Db, name: string): UserRow | undefined {
  return lookUp(db, BY_NAME, { name }) as never
}

/** Every person has a workspace of their own with one project in it, so that they can start at once. */
export async function insertPersonalWorkspace(
  db: Handle,
  { id, projectId, user }: { id: string; projectId: string; user: UserRow },
): Promise<void> {
  const at = user.created_at
  await db
    .insertInto('workspaces')
    .values({
      id,
      slug: user.name,
      name: user.display_name,
      owner_id: user.id,
      member_permission: 'write',
      created_at: at,
      updated_at: at,
    })
    .execute()
  await db.insertInto('members').values({ workspace_id: id, user_id: user.id, role: 'owner', created_at: at }).execute()
  await db
    .insertInto('projects')
    .values({
      id: projectId,
      workspace_id: id,
      key: 'MAIN',
      name: 'Main',
      description: '',
      is_private: 1,
      created_at: at,
      updated_at: at,
    })
    .execute()
}
