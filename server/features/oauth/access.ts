// The token endpoint: a code, a refresh token or the client's own credentials for an access token (RFC 6749).
import { hash } from 'node:crypto'
import type { Tx } from '../../db/open.ts'
import { hashSecret, newId, newSecret, sameSecret } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import type { Rooms } from '../../rooms.ts'
import { findUserById } from '../accounts/actions.ts'
import { ACCESS_PREFIX } from '../accounts/bearers.ts'
import { secretOf } from '../accounts/oauth1-proof.ts'
import * as store from './store.ts'

const REFRESH_PREFIX = 'gsr_'
export const ACCESS_S = 3600
const REFRESH_MS = 90 * 86_400_000

export type Form = Record<string, string>
export interface Refusal {
  error: string
  error_description: string
}
export type Answer = Refusal | Record<string, string | number>

const refuse = (error: string, error_description: string): Refusal => ({ error, error_description })
const badGrant = (words: string): Refusal => refuse('invalid_grant', words)

export interface Call {
  form: Form
  authorization: string | undefined
  address: string
}

export async function access(rooms: Rooms, call: Call): Promise<Answer> {
  const consumer = await clientOf(rooms, call)
  if ('error' in consumer) return consumer
  const { form, address } = call
  const now = new Date()
  if (form['grant_type'] === 'authorization_code')
    return rooms.db.write((tx) => byCode(tx, consumer, { form, address, now }))
  if (form['grant_type'] === 'refresh_token')
    return rooms.db.write((tx) => byRefresh(tx, consumer, { form, address, now }))
  if (form['grant_type'] === 'client_credentials')
    return rooms.db.write((tx) => byCredentials(tx, consumer, { form, address, now }))
  return refuse('unsupported_grant_type', 'Known are authorization_code, refresh_token and client_credentials.')
}

/** Who calls. One that keeps no secret gives its name alone. */
async function clientOf(rooms: Rooms, call: Call): Promise<store.ConsumerRow | Refusal> {
  const given = credentialsOf(call)
  if ('error' in given) return given
  const consumer = await store.findConsumer(rooms.db.read, given.id)
  const right = consumer && secretOf(rooms.key, consumer)
  const proven = right === undefined ? given.secret === '' : sameSecret(given.secret, right)
  return consumer && proven ? consumer : refuse('invalid_client', 'The client is not known, or its secret is wrong.')
}

/** By Basic or in the body, never both ways. */
function credentialsOf({ form, authorization }: Call): { id: string; secret: string } | Refusal {
  const { client_id: id = '', client_secret: secret = '' } = form
  if (authorization === undefined) return { id, secret }
  const given = basicOf(authorization)
  if (!given) return refuse('invalid_client', 'Use Basic credentials.')
  if (secret === '' && (id === '' || id === given.id)) return given
  return refuse('invalid_request', 'Give the credentials of the client in one place.')
}

function basicOf(header: string): { id: string; secret: string } | undefined {
  const [, encoded = ''] = /^basic ([A-Za-z0-9+/=_-]+)$/i.exec(header) ?? []
  const [id, ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  try {
    return id && rest.length > 0
      ? { id: decodeURIComponent(id), secret: decodeURIComponent(rest.join(':')) }
      : undefined
  } catch {
    return undefined
  }
}

type Now = { form: Form; address: string; now: Date }

async function byCode(tx: Tx, consumer: store.ConsumerRow, { form, address, now }: Now): Promise<Answer> {
  const key = hashSecret(form['code'] ?? '')
  const code = await store.findCode(tx, key)
  if (!code || code.consumer_id !== consumer.id) return badGrant('The code is not known.')
  if (code.grant_id !== null) {
    await end(tx, { consumer, grantId: code.grant_id, userId: code.user_id, address })
    return badGrant('The code was used before. What it gave has ended.')
  }
  const wrong = wrongWith(code, form, now)
  if (wrong !== undefined || !(await isActive(tx, code.user_id))) {
    // One try: whoever guesses at the verifier does not get another.
    await store.deleteCode(tx, key)
    return badGrant(wrong ?? 'The account is disabled.')
  }
  const grant = {
    id: newId(),
    consumer_id: consumer.id,
    user_id: code.user_id,
    kind: 'code' as const,
    scopes: code.scopes,
    created_at: now.toISOString(),
    last_used_at: null,
  }
  await store.insertGrant(tx, grant)
  await store.useCode(tx, key, grant.id)
  return issue(tx, grant, { scopes: grant.scopes, refresh: true, state: 'authorization_code', now })
}

function wrongWith(code: store.CodeRow, form: Form, now: Date): string | undefined {
  if (code.expires_at <= now.toISOString()) return 'The code has expired.'
  if ((form['redirect_uri'] ?? null) !== code.redirect_uri) return 'The redirect_uri is not that of the first request.'
  const verifier = form['code_verifier']
  if (code.challenge === null) return verifier === undefined ? undefined : 'There was no code_challenge.'
  const right = verifier !== undefined && sameSecret(hash('sha256', verifier, 'base64url'), code.challenge)
  return right ? undefined : 'The code_verifier does not belong to the code_challenge.'
}

/** A refresh token is good once. One that comes again was stolen, before or now: nobody goes on with its family. */
async function byRefresh(tx: Tx, consumer: store.ConsumerRow, { form, address, now }: Now): Promise<Answer> {
  const key = hashSecret(form['refresh_token'] ?? '')
  const token = await store.findToken(tx, key)
  const grant = token?.kind === 'refresh' ? await store.findGrant(tx, token.grant_id) : undefined
  if (!token || grant?.consumer_id !== consumer.id) return badGrant('The refresh token is not known or was revoked.')
  if (token.used_at !== null) {
    await end(tx, { consumer, grantId: grant.id, userId: grant.user_id, address })
    return badGrant('The refresh token was used before. The authorisation has ended.')
  }
  if (token.expires_at <= now.toISOString()) return badGrant('The refresh token has expired.')
  if (!(await isActive(tx, grant.user_id))) return badGrant('The account is disabled.')
  const scopes = narrowed(form, grant.scopes)
  if (scopes === undefined) return refuse('invalid_scope', 'This is more than was allowed.')
  await store.spendToken(tx, key, now.toISOString())
  return issue(tx, grant, { scopes, refresh: true, state: 'refresh_token', now })
}

/** Acts for whoever made the secret, as nobody else can have given it away. */
async function byCredentials(tx: Tx, consumer: store.ConsumerRow, { form, now }: Now): Promise<Answer> {
  if (consumer.salt === null) return refuse('unauthorized_client', 'A client without a secret has no credentials.')
  const userId = consumer.secret_by
  if (userId === null || !(await isActive(tx, userId)))
    return refuse('unauthorized_client', 'The secret acts for nobody any more. Make a new one.')
  const scopes = narrowed(form, consumer.scopes)
  if (scopes === undefined) return refuse('invalid_scope', 'The consumer does not have this scope.')
  let grant = await store.findClientGrant(tx, consumer.id)
  if (!grant) {
    const row = { id: newId(), consumer_id: consumer.id, user_id: userId, kind: 'client' as const }
    grant = { ...row, scopes: consumer.scopes, created_at: now.toISOString(), last_used_at: null }
    await store.insertGrant(tx, grant)
  }
  return issue(tx, grant, { scopes, refresh: false, state: 'client_credentials', now })
}

async function isActive(tx: Tx, userId: string): Promise<boolean> {
  return (await findUserById(tx, userId))?.state === 'active'
}

function narrowed(form: Form, allowed: string): string | undefined {
  if (form['scope'] === undefined) return allowed
  const wanted = form['scope'].split(' ').filter(Boolean)
  const all = allowed.split(' ')
  return wanted.length > 0 && wanted.every((scope) => all.includes(scope)) ? wanted.join(' ') : undefined
}

interface Ended {
  consumer: store.ConsumerRow
  grantId: string
  userId: string
  address: string
}

async function end(tx: Tx, { consumer, grantId, userId, address }: Ended): Promise<void> {
  await store.deleteGrant(tx, grantId)
  const data = { consumer: consumer.id, name: consumer.name }
  await record(tx, { kind: 'oauth:replayed', actorId: userId, address, data })
}

interface Issue {
  scopes: string
  refresh: boolean
  state: string
  now: Date
}

async function issue(
  tx: Tx,
  grant: Pick<store.GrantRow, 'id'>,
  { scopes, refresh, state, now }: Issue,
): Promise<Answer> {
  const token = newSecret(ACCESS_PREFIX)
  const until = (ms: number): string => new Date(now.getTime() + ms).toISOString()
  const row = { grant_id: grant.id, scopes, used_at: null }
  await store.insertToken(tx, { ...row, hash: hashSecret(token), kind: 'access', expires_at: until(ACCESS_S * 1000) })
  const next = newSecret(REFRESH_PREFIX)
  if (refresh) {
    await store.insertToken(tx, { ...row, hash: hashSecret(next), kind: 'refresh', expires_at: until(REFRESH_MS) })
  }
  return {
    access_token: token,
    token_type: 'bearer',
    expires_in: ACCESS_S,
    scope: scopes,
    // As Bitbucket calls it.
    scopes,
    state,
    ...(refresh ? { refresh_token: next } : {}),
  }
}
