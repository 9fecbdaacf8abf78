// Who calls: a session cookie, a token, or a password on Basic. Disabled accounts are refused last, always.
import type { IncomingMessage } from 'node:http'
import { peerOf } from '../../kit/peer.ts'
import { Fault } from '../../kit/fault.ts'
import { hashSecret, mac } from '../../kit/secret.ts'
import type { Actor, Rooms } from '../../rooms.ts'
import { actor, APP_PASSWORD_PREFIX, isToken, openBearer, TOKEN_USER } from './bearers.ts'
import { noteFailure } from './failures.ts'
import { isSigned, readSigned } from './oauth1.ts'
import { prove, signerOf } from './oauth1-proof.ts'
import { owesFactor, readSettings } from './settings.ts'
import { throttleKey } from './throttle.ts'
import { touchGrant, touchSession, updateUser, userByName, userBySession, type UserRow } from './store.ts'

const SESSION_COOKIE = 'gitstead_session'
const TOUCH_MS = 60_000
const IN_ADDRESS = /[?&](?:access_token|oauth_token|private_token)=/
const OWES_FACTOR =
  'This server asks for a second factor. Set it up in the browser, then use an app password from your account page.'
const GUEST: Actor = { kind: 'guest' }

/** The part of the rooms that decides who somebody is. */
export type Gate = Pick<Rooms, 'db' | 'log' | 'passwords' | 'throttle' | 'key'>

/** Throws `auth.wrong` for credentials that do not hold; without any the caller is a guest. */
export async function identify(gate: Gate, request: IncomingMessage, address: string): Promise<Actor> {
  if (IN_ADDRESS.test(request.url ?? '')) {
    throw new Fault('request.invalid', {
      detail: 'A token is never taken from an address, as logs keep those. Revoke it, and send one as Bearer token.',
    })
  }
  const { authorization } = request.headers
  if (authorization !== undefined) {
    return isSigned(authorization)
      ? fromSignature(gate, request, address)
      : fromAuthorization(gate, authorization, address)
  }
  const session = sessionSecret(request)
  return session === undefined ? GUEST : fromSession(gate, session)
}

/** Cookies know neither port nor scheme. With this name a browser keeps one that came over plain HTTP from being taken. */
export function cookieName(secure: boolean): string {
  return secure ? `__Host-${SESSION_COOKIE}` : SESSION_COOKIE
}

/** The secret of the session that the browser's cookie names. */
export function sessionSecret(request: IncomingMessage): string | undefined {
  const { cookie } = request.headers
  if (cookie === undefined) return undefined
  const wanted = cookieName(peerOf(request).secure)
  for (const part of cookie.split(';')) {
    const [name, value] = part.trim().split('=', 2)
    if (name === wanted && value) return value
  }
  return undefined
}

/** A session that has ended makes a guest: the page then shows the sign-in form. */
function fromSession(gate: Gate, secret: string): Actor {
  const row = userBySession(gate.db, hashSecret(secret))
  if (!row || row.state !== 'active' || row.expires_at < new Date().toISOString()) return GUEST
  touch(gate, row.used_at, async (at) => {
    await gate.db.write(async (tx) => {
      await touchSession(tx, row.credential, at)
      await updateUser(tx, row.id, { last_seen_at: at })
    })
  })
  const { credential } = row
  return actor(row, {
    via: 'session',
    scopes: null,
    onlyRepository: null,
    credential,
    owesFactor: owesFactor(gate.db, row),
  })
}

async function fromAuthorization(gate: Gate, header: string, address: string): Promise<Actor> {
  const [scheme = '', value = ''] = header.split(' ', 2)
  if (/^bearer$/i.test(scheme)) return fromToken(gate, value, undefined, address)
  if (!/^basic$/i.test(scheme)) throw new Fault('auth.wrong', { detail: 'Use Basic or Bearer credentials.' })
  const text = Buffer.from(value, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) throw new Fault('auth.wrong')
  const name = text.slice(0, colon).toLowerCase()
  const secret = text.slice(colon + 1)
  if (isToken(secret)) return fromToken(gate, secret, name, address)
  return fromPassword(gate, name, secret, address)
}

/** Behind a name of its own or `x-token-auth`, or alone. */
function fromToken(gate: Gate, secret: string, name: string | undefined, address: string): Actor {
  const found = openBearer(gate, secret)
  const person = found?.actor.kind === 'user' ? found.actor : undefined
  if (!found?.holds || (name !== undefined && name !== TOKEN_USER && name !== person?.name)) {
    // A right one is never refused for the guesses of others: 256 random bits cannot be guessed.
    gate.throttle.begin([throttleKey('token', address)], secret).failed()
    noteFailure(gate, { user: person?.id, address, how: 'token' })
    throw new Fault('auth.wrong', { detail: `The ${nameOf(secret)} is wrong, has expired or was revoked.` })
  }
  touch(gate, found.usedAt, (at) => gate.db.write((tx) => found.note(tx, at)))
  return found.actor
}

/** A request that an application has signed, for somebody who has let it in (OAuth 1.0a). */
async function fromSignature(gate: Gate, request: IncomingMessage, address: string): Promise<Actor> {
  const asked = readSigned(request)
  const signer = signerOf(gate, asked, address)
  await prove(gate, { asked, request, address, ...signer })
  touch(gate, signer.usedAt, (at) => gate.db.write((tx) => touchGrant(tx, signer.actor.credential, at)))
  return signer.actor
}

function nameOf(secret: string): string {
  return secret.startsWith(APP_PASSWORD_PREFIX) ? 'app password' : 'token'
}

async function fromPassword(gate: Gate, name: string, password: string, address: string): Promise<Actor> {
  // Asked first: an answer that differs for a right password would tell which one is right.
  if (!readSettings(gate.db).basic_passwords) {
    throw new Fault('auth.wrong', {
      detail: 'This server takes no passwords here. Use an app password from your account page.',
    })
  }
  const row = await verifyPassword(gate, name, password, address)
  // Said to who knows the password only: to all others this account looks like any.
  if (row.factor_since !== null || owesFactor(gate.db, row)) {
    throw new Fault('auth.wrong', {
      detail:
        row.factor_since === null
          ? OWES_FACTOR
          : 'This account has a second factor, so its password opens nothing here. Use an app password from your account page.',
    })
  }
  return actor(row, { via: 'password', scopes: null, onlyRepository: null, credential: '' })
}

/** Checks name and password under the throttle; the same work and the same answer whether or not the name exists. */
export async function verifyPassword(gate: Gate, name: string, password: string, address: string): Promise<UserRow> {
  const keys = [throttleKey('account', name), throttleKey('address', address)]
  const known = gate.throttle.isQuiet(keys) ? remembered(gate, name, password) : undefined
  if (known) return known
  const attempt = gate.throttle.begin(keys, hashSecret(`${name}\0${password}`))
  const row = userByName(gate.db, name)
  const right = await gate.passwords.verify(row?.id ?? '', row?.password_hash, password).catch((error: unknown) => {
    attempt.dropped()
    throw error
  })
  if (!right || !row || row.state !== 'active') {
    attempt.failed()
    noteFailure(gate, { user: row?.id, address, how: 'password' })
    throw new Fault('auth.wrong')
  }
  attempt.succeeded()
  return row
}

/** Whoever was verified in the last minutes, where there is nothing to slow down: all other ways lead to the same answer. */
function remembered(gate: Gate, name: string, password: string): UserRow | undefined {
  const row = userByName(gate.db, name)
  const known = row?.state === 'active' && gate.passwords.remembers(row.id, row.password_hash, password)
  return known ? row : undefined
}

/** Notes the last use at most once a minute, beside the request: reading must not wait for writing. */
function touch(gate: Gate, last: string | null, write: (at: string) => Promise<void>): void {
  if (last !== null && Date.now() - Date.parse(last) < TOUCH_MS) return
  write(new Date().toISOString()).catch((error: unknown) => gate.log.warn({ err: error }, 'last use was not noted'))
}

/** The token that our own pages send with each change: bound to the session, nothing to store. */
export function csrfToken(gate: Pick<Gate, 'key'>, who: Actor): string {
  return mac(gate.key, `csrf\0${who.kind === 'user' ? who.credential : 'guest'}`)
}
