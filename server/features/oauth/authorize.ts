// The question to a person whether a consumer may act for them, and the code that a yes is worth.
import { type AuthorizeQuery, type Question } from '../../contract/oauth.ts'
import type { Scope } from '../../contract/names.ts'
import { Fault } from '../../kit/fault.ts'
import { hashSecret, newSecret } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import type { Rooms, User } from '../../rooms.ts'
import { scopesOf } from '../accounts/bearers.ts'
import * as store from './store.ts'

const CODE_MS = 5 * 60_000
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

interface Asking {
  consumer: store.ConsumerRow & { workspace: string }
  /** Where the answer goes. */
  uri: string
  scopes: Scope[]
}

type Read = Asking | { redirect: string }

/**
 * A consumer that is not known, or an address that is not its own, is told to the person and leads nowhere; any other
 * mistake leads back with the error (RFC 6749, 4.1.2.1).
 */
async function read(rooms: Rooms, query: AuthorizeQuery): Promise<Read> {
  const consumer = await store.findConsumer(rooms.db.read, query.client_id ?? '')
  if (!consumer) throw new Fault('not-found', { detail: 'There is no application of this client_id.' })
  const uri = query.redirect_uri ?? consumer.callback_url
  if (!leadsTo(consumer.callback_url, uri)) {
    const detail = 'The redirect_uri is not the callback address of this application. Nothing was sent there.'
    throw new Fault('request.invalid', { detail })
  }
  const wrong = wrongIn(query, consumer)
  if (wrong) return { redirect: back(uri, { error: wrong[0], error_description: wrong[1], state: query.state }) }
  return { consumer, uri, scopes: scopesOf(query.scope ?? consumer.scopes) }
}

/** Exactly as registered; on the machine's own loopback the port is free, as a native app takes what it gets (RFC 8252). */
export function leadsTo(registered: string, asked: string): boolean {
  if (registered === asked) return true
  if (!URL.canParse(registered) || !URL.canParse(asked)) return false
  const [one, other] = [new URL(registered), new URL(asked)]
  if (one.protocol !== 'http:' || !LOOPBACK.has(one.hostname)) return false
  other.port = one.port
  return one.href === other.href && !asked.includes('#')
}

function wrongIn(query: AuthorizeQuery, consumer: store.ConsumerRow): [error: string, words: string] | undefined {
  if (query.response_type !== 'code') return ['unsupported_response_type', 'Only response_type=code is known here.']
  const allowed = consumer.scopes.split(' ')
  const unknown = (query.scope ?? '').split(' ').find((scope) => scope !== '' && !allowed.includes(scope))
  if (unknown !== undefined || query.scope === '')
    return ['invalid_scope', 'The application may not ask for this scope.']
  const { code_challenge: challenge, code_challenge_method: method } = query
  if (challenge === undefined)
    return consumer.salt === null ? ['invalid_request', 'PKCE is needed: code_challenge is missing.'] : undefined
  if (method !== 'S256') return ['invalid_request', 'Only the code_challenge_method S256 is known here.']
  return CHALLENGE.test(challenge) ? undefined : ['invalid_request', 'The code_challenge is not valid.']
}

export function back(uri: string, facts: Record<string, string | undefined>): string {
  const url = new URL(uri)
  for (const [name, value] of Object.entries(facts)) if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}

/** What a person is told of where the answer goes. */
export function addressed(uri: string): Pick<Question, 'leads_to' | 'loopback'> {
  const { protocol, host, hostname } = new URL(uri)
  return { leads_to: host === '' ? protocol.replace(/:$/, '') : host, loopback: LOOPBACK.has(hostname) }
}

export async function question(
  rooms: Rooms,
  query: AuthorizeQuery,
): Promise<{ question: Question } | { redirect: string }> {
  const asked = await read(rooms, query)
  if ('redirect' in asked) return asked
  const { consumer, uri, scopes } = asked
  return {
    question: {
      name: consumer.name,
      description: consumer.description,
      workspace: consumer.workspace,
      scopes,
      ...addressed(uri),
    },
  }
}

/** Gives the address that the browser goes to next. */
export async function decide(
  rooms: Rooms,
  user: User,
  query: AuthorizeQuery,
  how: { allow: boolean; address: string },
): Promise<string> {
  const asked = await read(rooms, query)
  if ('redirect' in asked) return asked.redirect
  const { consumer, uri, scopes } = asked
  if (!how.allow) return back(uri, { error: 'access_denied', state: query.state })
  const code = newSecret('')
  await rooms.db.write(async (tx) => {
    await store.insertCode(tx, {
      hash: hashSecret(code),
      consumer_id: consumer.id,
      user_id: user.id,
      scopes: scopes.join(' '),
      redirect_uri: query.redirect_uri ?? null,
      challenge: query.code_challenge ?? null,
      expires_at: new Date(Date.now() + CODE_MS).toISOString(),
      grant_id: null,
    })
    const data = { consumer: consumer.id, name: consumer.name, scopes }
    await record(tx, { kind: 'oauth:authorized', actorId: user.id, address: how.address, data })
  })
  return back(uri, { code, state: query.state })
}
