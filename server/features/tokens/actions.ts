// What can be done with time-limited tokens: make, renew, revoke; and with their keys: rotate, withdraw.
import { LIFE, OLDEST_DAYS } from '../../contract/lives.ts'
import type { Scope } from '../../contract/names.ts'
import type { Tx } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { newId } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import type { Actor, Rooms, User } from '../../rooms.ts'
import { endSignedTokens, findUserById } from '../accounts/actions.ts'
import { derive, rotateKeys, signingKid } from '../accounts/keyring.ts'
import { type Claims, sign } from '../accounts/signed.ts'
import * as store from './store.ts'

type Parts = Pick<Rooms, 'db' | 'key'>

export interface WantedToken {
  label: string
  scopes: readonly Scope[]
  repositoryId: string | null
  /** Seconds. */
  life: number
  address: string
}

const DAY_MS = 86_400_000

export async function createToken(
  { db, key }: Parts,
  userId: string,
  wanted: WantedToken,
): Promise<{ jti: string; secret: string }> {
  const now = Date.now()
  const jti = newId()
  const row = {
    jti,
    user_id: userId,
    label: wanted.label,
    scopes: [...new Set(wanted.scopes)].join(' '),
    repository_id: wanted.repositoryId,
    life: wanted.life,
    created_at: new Date(now).toISOString(),
    expires_at: new Date(now + wanted.life * 1000).toISOString(),
    ends_at: new Date(now + OLDEST_DAYS * DAY_MS).toISOString(),
    last_used_at: null,
  }
  const secret = await db.write(async (tx) => {
    const kid = await signingKid(tx)
    await store.insertSigned(tx, { ...row, kid })
    await record(tx, {
      kind: 'token:created',
      actorId: userId,
      address: wanted.address,
      data: { id: jti, label: wanted.label },
    })
    return signFor(tx, key, { ...row, kid })
  })
  return { jti, secret }
}

/** The text of a token, good until the row's expiry. */
async function signFor(tx: Tx, key: Buffer, row: Omit<store.SignedRow, 'last_used_at'>): Promise<string> {
  const user = await findUserById(tx, row.user_id)
  if (!user) throw new Fault('not-found')
  const claims: Claims = {
    kid: row.kid,
    user: user.id,
    scopes: row.scopes.split(' ') as Scope[],
    issued: Math.floor(Date.now() / 1000),
    expires: Math.floor(Date.parse(row.expires_at) / 1000),
    epoch: user.token_epoch,
    jti: row.jti,
    ...(row.repository_id === null ? {} : { repository: row.repository_id }),
  }
  return sign(derive(key, row.kid), claims)
}

/**
 * A fresh text of the token that the caller came with, signed by the newest key. The old text holds until its own end,
 * so that whoever works with it meanwhile is not cut off; revoking ends both.
 */
export async function renewToken(
  { db, key }: Parts,
  actor: Actor,
  address: string,
): Promise<{ jti: string; user: User; secret: string }> {
  if (actor.kind !== 'user' || actor.via !== 'signed-token') {
    const detail = 'Only a time-limited token is renewed, and only by itself.'
    throw new Fault(actor.kind === 'guest' ? 'auth.needed' : 'auth.forbidden', { detail })
  }
  const secret = await db.write(async (tx) => {
    const row = await store.findSigned(tx, actor.credential)
    if (!row) throw new Fault('auth.wrong', { detail: 'The token was revoked.' })
    const end = Math.min(Date.now() + row.life * 1000, Date.parse(row.ends_at))
    if (row.expires_at >= row.ends_at) {
      throw new Fault('conflict', { detail: `A token lives for at most ${OLDEST_DAYS} days. Make a new one.` })
    }
    const next = { ...row, kid: await signingKid(tx), expires_at: new Date(end).toISOString() }
    await store.updateSigned(tx, row.jti, { kid: next.kid, expires_at: next.expires_at })
    await record(tx, { kind: 'token:renewed', actorId: actor.id, address, data: { id: row.jti, label: row.label } })
    return signFor(tx, key, next)
  })
  return { jti: actor.credential, user: actor, secret }
}

/** False when there is none of this id that is theirs. */
export function revokeToken({ db }: Parts, user: User, jti: string, address: string): Promise<boolean> {
  return db.write(async (tx) => {
    const label = await store.deleteSigned(tx, user.id, jti)
    if (label === undefined) return false
    await record(tx, { kind: 'token:revoked', actorId: user.id, address, data: { id: jti, label } })
    return true
  })
}

export function revokeAll({ db }: Parts, user: User, address: string): Promise<void> {
  return db.write(async (tx) => {
    await endSignedTokens(tx, user.id)
    await record(tx, { kind: 'token:revoked', actorId: user.id, address, data: { all: true } })
  })
}

/** `actorId`: null at the shell. */
export function rotate({ db }: Pick<Parts, 'db'>, by: { actorId: string | null; address: string }): Promise<string> {
  return db.write(async (tx) => {
    const kid = await rotateKeys(tx)
    await record(tx, { kind: 'token-key:rotated', ...by, data: { kid } })
    return kid
  })
}

/** Ends at once whatever a retired key has signed. */
export function withdrawKey({ db }: Parts, by: { actorId: string; address: string }, kid: string): Promise<void> {
  return db.write(async (tx) => {
    const key = (await store.listKeys(tx, new Date().toISOString())).find((one) => one.kid === kid)
    if (!key) throw new Fault('not-found')
    if (key.retired_at === null)
      throw new Fault('conflict', { detail: 'This key signs now. Rotate first, then withdraw it.' })
    await store.deleteKey(tx, kid)
    await record(tx, { kind: 'token-key:withdrawn', ...by, data: { kid } })
  })
}

/** What can open nothing any more is forgotten. */
export function pruneTokens({ db }: Pick<Parts, 'db'>, now = Date.now()): Promise<void> {
  const before = new Date(now - LIFE.longest * 1000).toISOString()
  return db.write((tx) => store.prune(tx, new Date(now).toISOString(), before))
}
