// Whether a signed request is what it claims: the server allows such, the signature is right, it is of now, and it is new.
import type { IncomingMessage } from 'node:http'
import type { Db } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { hashSecret, mac, sameSecret } from '../../kit/secret.ts'
import type { User } from '../../rooms.ts'
import { actor, scopesOf } from './bearers.ts'
import { noteFailure } from './failures.ts'
import type { Gate } from './identify.ts'
import { type Secrets, type Signed, signatureOf, WINDOW_S } from './oauth1.ts'
import { readSettings } from './settings.ts'
import { takeNonce, userByOAuth1 } from './store.ts'
import { throttleKey } from './throttle.ts'

/** A token that nobody has used for so long has ended. */
export const IDLE_MS = 90 * 86_400_000
/** Their nonces are known to be new; who is asked for again while a request goes on does not ask twice. */
const proven = new WeakSet<IncomingMessage>()

/** Derived from the key of the installation, so that a copy of the database holds none. Undefined for one without. */
export function secretOf(key: Buffer, consumer: { key: string; salt: string | null }): string | undefined {
  return consumer.salt === null ? undefined : mac(key, `oauth-consumer\0${consumer.key}\0${consumer.salt}`)
}

/** Of a token: derived like that of its consumer. */
export function tokenSecret(key: Buffer, kind: 'request' | 'access', token: string): string {
  return mac(key, `oauth1-${kind}\0${token}`)
}

export function needSwitchedOn(db: Db): void {
  if (!readSettings(db).oauth1) throw new Fault('auth.oauth1')
}

interface Signer {
  actor: User
  secrets: Secrets
  usedAt: string | null
}

/** For whom a request is signed, by its token. */
export function signerOf(gate: Gate, asked: Signed, address: string): Signer {
  needSwitchedOn(gate.db)
  const { token = '' } = asked
  const row = userByOAuth1(gate.db, hashSecret(token))
  const secret = row && row.consumer === asked.consumer ? secretOf(gate.key, { ...row, key: row.consumer }) : undefined
  const holds = row?.state === 'active' && Date.parse(row.since) > Date.now() - IDLE_MS
  if (!row || secret === undefined || !holds)
    throw failed(gate, { secret: token, address, user: row?.id }, 'The oauth_token is not known, or it has ended.')
  const { credential, used_at: usedAt } = row
  return {
    actor: actor(row, { via: 'oauth', scopes: scopesOf(row.scopes), onlyRepository: null, credential }),
    secrets: { consumer: secret, token: tokenSecret(gate.key, 'access', token) },
    usedAt,
  }
}

interface Proof {
  asked: Signed
  request: IncomingMessage
  secrets: Secrets
  address: string
  actor?: User
}

/** A nonce counts as used only with a right signature: nobody can use up those of others. */
export async function prove(gate: Gate, { asked, request, secrets, address, actor: who }: Proof): Promise<void> {
  const { signature, timestamp, nonce, consumer, token = '' } = asked
  if (!sameSecret(signature, signatureOf(asked, secrets)))
    throw failed(gate, { secret: signature, address, user: who?.id }, 'The oauth_signature is wrong.')
  if (proven.has(request)) return
  const now = Math.floor(Date.now() / 1000)
  if (Math.abs(now - timestamp) > WINDOW_S) {
    const detail = `The oauth_timestamp is more than ${WINDOW_S / 60} minutes off. The clock here stands at ${now}.`
    throw new Fault('auth.signed', { detail })
  }
  const hash = hashSecret(JSON.stringify([consumer, token, timestamp, nonce]))
  const isNew = await gate.db.write((tx) => takeNonce(tx, { hash, at: timestamp }, now - 2 * WINDOW_S))
  if (!isNew) throw new Fault('auth.signed', { detail: 'This oauth_nonce was used before. Sign each request anew.' })
  proven.add(request)
}

interface Attempt {
  secret: string
  address: string
  user?: string | undefined
}

/** Counted and noted like a wrong token. */
export function failed(gate: Gate, { secret, address, user }: Attempt, detail: string): Fault {
  gate.throttle.begin([throttleKey('token', address)], secret).failed()
  noteFailure(gate, { user, address, how: 'token' })
  return new Fault('auth.signed', { detail })
}
