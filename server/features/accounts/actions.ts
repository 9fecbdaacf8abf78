// What can be done with accounts: create, sign in, change a password, hand out app passwords, disable.
import { DisplayName, Password, RESERVED, Slug, type Scope } from '../../contract/names.ts'
import type { Db, Handle, Tx } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { hashSecret, newId, newSecret } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import type { User } from '../../rooms.ts'
import { bestMatches } from './directory.ts'
import { APP_PASSWORD_PREFIX } from './bearers.ts'
import { deleteSignIns, insertSignIn } from './factor-store.ts'
import { type Gate, verifyPassword } from './identify.ts'
import type { Passwords } from './passwords.ts'
import { unbraced } from './present.ts'
import * as store from './store.ts'

export const SESSION_DAYS = 30

export interface NewUser {
  name: string
  displayName: string
  password: string
  isAdmin: boolean
}

/** Checks the fields and hashes the password: all that takes time happens before the transaction. */
export async function prepareUser(passwords: Passwords, wanted: NewUser): Promise<store.UserRow> {
  const fields: Record<string, string[]> = {}
  const check = (field: string, result: { success: boolean; error?: { issues: { message: string }[] } }): void => {
    if (!result.success) fields[field] = [result.error?.issues[0]?.message ?? 'is not valid']
  }
  check('username', Slug.safeParse(wanted.name))
  check('display_name', DisplayName.safeParse(wanted.displayName))
  check('password', Password.safeParse(wanted.password))
  if (RESERVED.has(wanted.name)) fields['username'] = ['This name belongs to the program. Choose another.']
  const [problem] = Object.entries(fields).map(([field, [text]]) => `${field}: ${text}`)
  if (problem !== undefined) throw new Fault('request.invalid', { detail: problem, fields })
  return {
    id: newId(),
    name: wanted.name,
    display_name: wanted.displayName.trim(),
    password_hash: await passwords.hash(wanted.password),
    is_admin: wanted.isAdmin ? 1 : 0,
    state: 'active',
    created_at: new Date().toISOString(),
    last_seen_at: null,
    token_epoch: 0,
    factor_since: null,
  }
}

/** Adds the prepared account with its personal workspace, whose slug is the user name. */
export async function addUser(tx: Tx, user: store.UserRow, address: string): Promise<void> {
  const taken = await tx.selectFrom('workspaces').select('id').where('slug', '=', user.name).executeTakeFirst()
  if (taken || (await store.findUser(tx, user.name))) {
    throw new Fault('name.taken', { name: user.name, fields: { username: ['This name is already taken.'] } })
  }
  await store.insertUser(tx, user)
  await store.insertPersonalWorkspace(tx, { id: newId(), projectId: newId(), user })
  await record(tx, {
    kind: 'user:created',
    actorId: user.id,
    address,
    data: { username: user.name, admin: user.is_admin === 1 },
  })
}

export interface NewSession {
  user: store.UserRow
  secret: string
  expires: Date
}

const TICKET_MS = 5 * 60_000

/** Opens the second step alone: it tells this server, for some minutes, whose password was right. */
export interface Ticket {
  ticket: string
  expires_on: string
}

/**
 * Checks the password and opens a session, or the second step where the account has one. The session's secret goes into
 * the cookie and is stored as a hash only.
 */
export async function signIn(
  gate: Gate,
  who: { name: string; password: string },
  from: Visit,
): Promise<NewSession | Ticket> {
  const seen = await verifyPassword(gate, who.name.trim().toLowerCase(), who.password, from.address)
  return gate.db.write(async (tx) => {
    // As it stands now: bcrypt takes a while, in which a password or a second factor may have been set.
    const user = await store.findUserById(tx, seen.id)
    if (user?.state !== 'active' || user.password_hash !== seen.password_hash) throw new Fault('auth.wrong')
    return user.factor_since === null ? openSession(tx, user, from) : openTicket(tx, user.id)
  })
}

async function openTicket(tx: Tx, userId: string): Promise<Ticket> {
  const ticket = newSecret('')
  const now = Date.now()
  const expires = new Date(now + TICKET_MS).toISOString()
  await insertSignIn(tx, {
    id: hashSecret(ticket),
    user_id: userId,
    created_at: new Date(now).toISOString(),
    expires_at: expires,
  })
  return { ticket, expires_on: expires }
}

export interface Visit {
  address: string
  userAgent: string
  /** The session that this browser had before: it ends with a new sign-in. */
  before?: string | undefined
}

export async function openSession(tx: Tx, user: store.UserRow, from: Visit): Promise<NewSession> {
  const secret = newSecret('')
  const now = new Date()
  const expires = new Date(now.getTime() + SESSION_DAYS * 86_400_000)
  await store.deleteExpiredSessions(tx, now.toISOString())
  if (from.before !== undefined) await store.endSession(tx, hashSecret(from.before))
  await store.insertSession(tx, {
    id: hashSecret(secret),
    user_id: user.id,
    address: from.address,
    user_agent: from.userAgent.slice(0, 300),
    created_at: now.toISOString(),
    last_used_at: now.toISOString(),
    expires_at: expires.toISOString(),
  })
  await record(tx, { kind: 'session:opened', actorId: user.id, address: from.address })
  return { user, secret, expires }
}

/** False when the session is not theirs, or has ended already. `other`: of another browser than the one that asks. */
export function endSession(
  db: Db,
  by: { userId: string; address: string },
  session: { id: string; other: boolean },
): Promise<boolean> {
  return db.write(async (tx) => {
    const found = await store.deleteSession(tx, by.userId, session.id)
    const data = { other: session.other }
    if (found) await record(tx, { kind: 'session:ended', actorId: by.userId, address: by.address, data })
    return found
  })
}

/** A new password ends all other sessions; tokens stay unless asked for, as they are revoked one by one. */
export async function changePassword(
  gate: Gate,
  who: User,
  change: { current: string; password: string; address: string; revoke_app_passwords: boolean },
): Promise<void> {
  const { current, address } = change
  const user = await needPassword(gate, who, { field: 'current', password: current, address })
  await setPassword(gate, user, {
    password: change.password,
    address,
    keep: who.credential,
    revoke: change.revoke_app_passwords,
  })
}

/** Who is signed in proves that it is them; `field`: where the form shows that it is not. */
export async function needPassword(
  gate: Gate,
  who: User,
  { field, password, address }: { field: string; password: string; address: string },
): Promise<store.UserRow> {
  return verifyPassword(gate, who.name, password, address).catch((error: unknown) => {
    if (error instanceof Fault && error.code === 'auth.wrong') {
      throw new Fault('request.invalid', {
        detail: 'The current password is wrong.',
        fields: { [field]: ['This is not your current password.'] },
      })
    }
    throw error
  })
}

interface PasswordSet {
  address: string
  /** Whether a reset link opened the way to it. */
  byLink?: boolean
  /** The session that goes on. */
  keep: string | null
  /** Whether app passwords and tokens end too. */
  revoke: boolean
}

export async function setPassword(
  gate: Pick<Gate, 'db' | 'passwords'>,
  user: store.UserRow,
  change: PasswordSet & { password: string },
): Promise<void> {
  const hash = await hashPassword(gate.passwords, change.password)
  await gate.db.write((tx) => applyPassword(tx, user.id, hash, change))
}

/** What takes time happens before the transaction. */
export function hashPassword(passwords: Passwords, password: string): Promise<string> {
  const checked = Password.safeParse(password)
  if (checked.success) return passwords.hash(password)
  const detail = checked.error.issues[0]?.message ?? ''
  throw new Fault('request.invalid', { detail, fields: { password: [detail] } })
}

/** Reset links that were made before are worthless from here on: one of them may be why the password changes. */
export async function applyPassword(tx: Tx, userId: string, hash: string, change: PasswordSet): Promise<void> {
  await store.updateUser(tx, userId, { password_hash: hash })
  await store.deleteSessions(tx, userId, change.keep)
  await deleteSignIns(tx, userId)
  await store.withdrawResetLinks(tx, userId, new Date().toISOString())
  if (change.revoke) await store.deleteTokens(tx, userId)
  const data = { revoked: change.revoke, ...(change.byLink === true && { by: 'link' }) }
  await record(tx, { kind: 'user:password', actorId: userId, address: change.address, data })
}

export interface WantedAppPassword {
  label: string
  scopes: readonly Scope[]
  repositoryId: string | null
  expiresAt: string | null
  address: string
}

export async function createAppPassword(
  db: Db,
  userId: string,
  wanted: WantedAppPassword,
): Promise<{ id: string; secret: string }> {
  if (wanted.expiresAt !== null && Date.parse(wanted.expiresAt) < Date.now()) {
    throw new Fault('request.invalid', {
      detail: 'The expiry lies in the past.',
      fields: { expires_on: ['This lies in the past.'] },
    })
  }
  const secret = newSecret(APP_PASSWORD_PREFIX)
  const id = newId()
  await db.write(async (tx) => {
    await store.insertAppPassword(tx, {
      id,
      user_id: userId,
      label: wanted.label,
      secret_hash: hashSecret(secret),
      scopes: [...new Set(wanted.scopes)].join(' '),
      repository_id: wanted.repositoryId,
      created_at: new Date().toISOString(),
      expires_at: wanted.expiresAt,
      last_used_at: null,
    })
    await record(tx, {
      kind: 'app-password:created',
      actorId: userId,
      address: wanted.address,
      data: { label: wanted.label },
    })
  })
  return { id, secret }
}

/** Makes or unmakes an admin, disables or enables; the last active admin cannot go. */
export async function changePerson(
  db: Db,
  by: User,
  name: string,
  change: { isAdmin?: boolean | undefined; state?: 'active' | 'disabled' | undefined; address: string },
): Promise<store.UserRow> {
  return db.write(async (tx) => {
    const user = await store.findUser(tx, name)
    if (!user) throw new Fault('not-found')
    const next = {
      is_admin: change.isAdmin === undefined ? user.is_admin : Number(change.isAdmin),
      state: change.state ?? user.state,
    }
    await store.updateUser(tx, user.id, next)
    if ((await store.countActiveAdmins(tx)) === 0) {
      throw new Fault('conflict', { detail: 'This is the last admin. Make somebody else an admin first.' })
    }
    if (next.state === 'disabled') await store.deleteSessions(tx, user.id)
    await record(tx, {
      kind: 'user:changed',
      actorId: by.id,
      address: change.address,
      data: { username: name, user: user.id, ...next },
    })
    return { ...user, ...next }
  })
}

const MOST_CANDIDATES = 8

/** Active accounts whose name holds what was typed: a few to choose from, never everybody. */
export async function findPeople(
  db: Db,
  typed: string,
): Promise<Pick<store.UserRow, 'id' | 'name' | 'display_name'>[]> {
  return bestMatches(await store.listActiveNames(db.read), typed, MOST_CANDIDATES)
}

export { countUsers, endSignedTokens, findUser, findUserById, listUsers } from './store.ts'
export type { UserRow } from './store.ts'

/** By name, or by UUID with or without braces. */
export async function needUser(db: Handle, named: string): Promise<store.UserRow> {
  const id = unbraced(named)
  const user = await (id === undefined ? store.findUser(db, named.toLowerCase()) : store.findUserById(db, id))
  if (!user) throw new Fault('not-found')
  return user
}
