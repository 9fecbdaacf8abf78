// OAuth 1.0a as the first Bitbucket had it: a request token, a person's answer, and an access token for both (RFC 5849).
import type { IncomingMessage } from 'node:http'
import { isCallback, type Question } from '../../contract/oauth.ts'
import type { SignedNext } from '../../contract/oauth1.ts'
import type { Tx } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { hashSecret, mac, newDigits, newId, newSecret, sameSecret } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import type { Rooms, User } from '../../rooms.ts'
import { findUserById } from '../accounts/actions.ts'
import { scopesOf } from '../accounts/bearers.ts'
import { readSigned, type Signed } from '../accounts/oauth1.ts'
import { failed, IDLE_MS, needSwitchedOn, prove, secretOf, tokenSecret } from '../accounts/oauth1-proof.ts'
import { addressed, back, leadsTo } from './authorize.ts'
import * as requests from './oauth1-store.ts'
import * as store from './store.ts'

const REQUEST_MS = 10 * 60_000
const VERIFIER_DIGITS = 10
const BY_HAND = 'oob'

interface Call {
  raw: IncomingMessage
  address: string
}

type Form = Record<string, string>

/** The consumer that signs, and its secret. */
async function signing(rooms: Rooms, asked: Signed, address: string) {
  const consumer = await store.findConsumer(rooms.db.read, asked.consumer)
  const secret = consumer && secretOf(rooms.key, consumer)
  if (!consumer || secret === undefined)
    throw failed(rooms, { secret: asked.consumer, address }, 'The oauth_consumer_key is not known, or has no secret.')
  return { consumer, secret }
}

export async function requestToken(rooms: Rooms, { raw, address }: Call): Promise<Form> {
  needSwitchedOn(rooms.db)
  const asked = readSigned(raw)
  if (asked.token !== undefined)
    throw new Fault('request.invalid', { detail: 'A request token is asked for without an oauth_token.' })
  const { consumer, secret } = await signing(rooms, asked, address)
  await prove(rooms, { asked, request: raw, address, secrets: { consumer: secret, token: '' } })
  const callback = asked.callback ?? consumer.callback_url
  if (callback !== BY_HAND && !leadsBack(consumer.callback_url, callback))
    throw new Fault('request.invalid', { detail: 'The oauth_callback is not the callback address of this consumer.' })
  const token = newSecret('')
  const row = { hash: hashSecret(token), consumer_id: consumer.id, callback, scopes: consumer.scopes }
  const expires_at = new Date(Date.now() + REQUEST_MS).toISOString()
  await rooms.db.write((tx) => requests.insertRequest(tx, { ...row, expires_at, user_id: null, verifier: null }))
  const oauth_token_secret = tokenSecret(rooms.key, 'request', token)
  return { oauth_token: token, oauth_token_secret, oauth_callback_confirmed: 'true' }
}

/** As registered, or with more in its query: clients of that time kept there what OAuth 2 has a `state` for. */
export function leadsBack(registered: string, asked: string): boolean {
  if (leadsTo(registered, asked)) return true
  const [bare = '', ...query] = registered.split('?')
  const [askedBare = '', ...askedQuery] = asked.split('?')
  if (!isCallback(asked) || !leadsTo(bare, askedBare)) return false
  const given = new URLSearchParams(askedQuery.join('?'))
  return [...new URLSearchParams(query.join('?'))].every(([name, value]) => sameList(given.getAll(name), value))
}

function sameList(values: readonly string[], only: string): boolean {
  return values.length === 1 && values[0] === only
}

/** The one that a person is asked about; once answered, there is nothing to ask any more. */
async function open(rooms: Rooms, db: Parameters<typeof requests.findRequest>[0], token: string) {
  needSwitchedOn(rooms.db)
  const found = await requests.findRequest(db, hashSecret(token), new Date().toISOString())
  if (found && found.verifier === null) return found
  const detail = 'This request is not known, has expired, or was answered. Start again from the application.'
  throw new Fault('not-found', { detail })
}

export async function question(rooms: Rooms, token: string): Promise<Question> {
  const { name, description, workspace, scopes, callback } = await open(rooms, rooms.db.read, token)
  const where = callback === BY_HAND ? { leads_to: null, loopback: false } : addressed(callback)
  return { name, description, workspace, scopes: scopesOf(scopes), ...where }
}

interface Decision {
  token: string
  allow: boolean
  address: string
}

export async function decide(rooms: Rooms, user: User, { token, allow, address }: Decision): Promise<SignedNext> {
  const verifier = allow ? newDigits(VERIFIER_DIGITS) : null
  const callback = await rooms.db.write(async (tx) => {
    const row = await open(rooms, tx, token)
    if (verifier === null) await requests.deleteRequest(tx, row.hash)
    else {
      await requests.allowRequest(tx, row.hash, { user_id: user.id, verifier: sealed(rooms, token, verifier) })
      const data = { consumer: row.consumer_id, name: row.name, scopes: row.scopes.split(' ') }
      await record(tx, { kind: 'oauth:authorized', actorId: user.id, address, data })
    }
    return row.callback
  })
  if (callback === BY_HAND) return { verifier }
  const answer = verifier === null ? { oauth_problem: 'user_refused' } : { oauth_verifier: verifier }
  return { redirect: back(callback, { oauth_token: token, ...answer }) }
}

function sealed({ key }: Rooms, token: string, verifier: string): string {
  return mac(key, `oauth1-verifier\0${token}\0${verifier}`)
}

export async function accessToken(rooms: Rooms, { raw, address }: Call): Promise<Form> {
  needSwitchedOn(rooms.db)
  const asked = readSigned(raw)
  const { token, verifier } = asked
  if (token === undefined || !verifier)
    throw new Fault('request.invalid', { detail: 'oauth_token and oauth_verifier are needed in the OAuth header.' })
  const { consumer, secret } = await signing(rooms, asked, address)
  await prove(rooms, {
    asked,
    request: raw,
    address,
    secrets: { consumer: secret, token: tokenSecret(rooms.key, 'request', token) },
  })
  const access = newSecret('')
  const given = { token, verifier: sealed(rooms, token, verifier), access, consumer: consumer.id }
  const wrong = await rooms.db.write((tx) => exchange(tx, given))
  if (wrong !== undefined) throw failed(rooms, { secret: token, address }, wrong)
  return { oauth_token: access, oauth_token_secret: tokenSecret(rooms.key, 'access', access) }
}

/** One try: whoever guesses at the verifier does not get another. Gives what is wrong; what it has ended stays ended. */
async function exchange(
  tx: Tx,
  given: { token: string; verifier: string; access: string; consumer: string },
): Promise<string | undefined> {
  const now = new Date().toISOString()
  const row = await requests.findRequest(tx, hashSecret(given.token), now)
  if (row?.consumer_id !== given.consumer) return 'The request token is not known, was used before, or has expired.'
  if (row.user_id === null || row.verifier === null) return 'Nobody has allowed this request token yet.'
  await requests.deleteRequest(tx, row.hash)
  if (!sameSecret(row.verifier, given.verifier)) return 'The oauth_verifier is wrong. Start again.'
  if ((await findUserById(tx, row.user_id))?.state !== 'active') return 'The account is disabled.'
  const grant = { id: newId(), consumer_id: row.consumer_id, user_id: row.user_id, kind: 'code' as const }
  await store.insertGrant(tx, { ...grant, scopes: row.scopes, created_at: now, last_used_at: null })
  await requests.insertSignedToken(tx, { hash: hashSecret(given.access), grant_id: grant.id })
  return undefined
}

/** Everything of OAuth that has expired, and grants that nothing can be got from any more. */
export async function pruneAll(rooms: Rooms): Promise<void> {
  const now = Date.now()
  const at = { now: new Date(now).toISOString(), idle: new Date(now - IDLE_MS).toISOString() }
  await rooms.db.write(async (tx) => {
    await requests.pruneSigned(tx, at)
    await store.prune(tx, at.now)
  })
}
