// What a request that is signed after OAuth 1.0a says of itself (RFC 5849), and the signature that it should have. Pure.
import { createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import OAuth from 'oauth-1.0a'
import { Fault } from '../../kit/fault.ts'
import { baseOf } from '../../kit/peer.ts'

/** Seconds by which the clocks of client and server may differ. */
export const WINDOW_S = 300
const HASHES = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' } as const
const LONGEST_NONCE = 255
const FORM = /^application\/x-www-form-urlencoded\s*(?:;|$)/i

type Values = Record<string, string | string[]>

/** What is signed: all that stands in the base string. */
export interface Signable {
  method: string
  /** Scheme, host, port unless it is the scheme's own, and path. */
  url: string
  /** Of header, query and form, without realm and signature. */
  values: Values
}

export interface Signed extends Signable {
  consumer: string
  token: string | undefined
  hash: (typeof HASHES)[keyof typeof HASHES]
  signature: string
  /** Seconds since 1970. */
  timestamp: number
  nonce: string
  callback: string | undefined
  verifier: string | undefined
}

export interface Secrets {
  consumer: string
  token: string
}

export function isSigned(authorization: string): boolean {
  return /^oauth(?:\s|$)/i.test(authorization)
}

const invalid = (detail: string): Fault => new Fault('request.invalid', { detail })

/** Throws `request.invalid` for one that is not of the form; whether the signature is right is another question. */
export function readSigned(request: IncomingMessage): Signed {
  const header = headerOf(request.headers.authorization ?? '')
  const { url: at = '/', originalUrl: target = at } = request as { url?: string; originalUrl?: string }
  const [path = '', ...query] = target.split('?')
  const values = valuesOf(header, [...new URLSearchParams(query.join('?')), ...formOf(request)])
  return {
    method: request.method ?? 'GET',
    url: originOf(request) + path,
    values,
    consumer: needed(header, 'oauth_consumer_key'),
    // Left out or empty where there is none yet.
    token: header.get('oauth_token') || undefined,
    hash: hashOf(needed(header, 'oauth_signature_method')),
    signature: needed(header, 'oauth_signature'),
    timestamp: timestampOf(needed(header, 'oauth_timestamp')),
    nonce: nonceOf(needed(header, 'oauth_nonce')),
    callback: header.get('oauth_callback'),
    verifier: header.get('oauth_verifier'),
  }
}

/** Name and value as they stand in the header, decoded; the realm is no part of what is signed. */
export function headerOf(authorization: string): Map<string, string> {
  const found = new Map<string, string>()
  const pair = /\s*([^\s=,"]+)="([^"]*)"\s*(?:,|$)/y
  const [scheme] = /^oauth\s*/i.exec(authorization) ?? ['']
  pair.lastIndex = scheme.length
  while (pair.lastIndex < authorization.length) {
    const [, rawName, rawValue] = pair.exec(authorization) ?? []
    const name = decoded(rawName)
    const value = decoded(rawValue)
    if (name === undefined || value === undefined) throw invalid('The OAuth header cannot be read.')
    if (found.has(name)) throw invalid(`${name} stands twice in the OAuth header.`)
    found.set(name, value)
  }
  const version = found.get('oauth_version')
  if (version !== undefined && version !== '1.0') throw invalid('The oauth_version has to be 1.0.')
  found.delete('realm')
  return found
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** As the handler of the request sees them, so that nothing else is signed than what is done. */
function formOf(request: IncomingMessage): [string, string][] {
  const { body } = request as { body?: unknown }
  if (!FORM.test(request.headers['content-type'] ?? '') || typeof body !== 'object' || body === null) return []
  return Object.entries(body).flatMap(([name, value]) =>
    [value].flat().map((one: unknown): [string, string] => {
      if (typeof one !== 'string') throw invalid(`The form cannot be signed: ${name.slice(0, 40)} stands too often.`)
      return [name, one]
    }),
  )
}

function valuesOf(header: ReadonlyMap<string, string>, elsewhere: readonly [string, string][]): Values {
  const all = new Map<string, string[]>()
  for (const [name, value] of header) if (name !== 'oauth_signature') all.set(name, [value])
  for (const [name, value] of elsewhere) {
    if (name.startsWith('oauth_')) throw invalid(`${name} belongs into the Authorization header.`)
    all.set(name, [...(all.get(name) ?? []), value])
  }
  // The library keeps them in an object, where this name would be lost and so not be signed.
  if (all.has('__proto__')) throw invalid('A parameter cannot be called __proto__.')
  return Object.fromEntries(all)
}

function needed(header: ReadonlyMap<string, string>, name: string): string {
  const value = header.get(name)
  if (!value) throw invalid(`${name} is missing in the OAuth header.`)
  return value
}

function hashOf(method: string): Signed['hash'] {
  if (Object.hasOwn(HASHES, method)) return HASHES[method as keyof typeof HASHES]
  throw invalid(`Sign with HMAC-SHA1 or HMAC-SHA256: this server does not take ${method.slice(0, 40)}.`)
}

function timestampOf(text: string): number {
  if (/^[1-9]\d{0,11}$/.test(text)) return Number(text)
  throw invalid('The oauth_timestamp is a number of seconds since 1970.')
}

function nonceOf(text: string): string {
  if (text.length <= LONGEST_NONCE) return text
  throw invalid(`An oauth_nonce has at most ${LONGEST_NONCE} letters.`)
}

/** In small letters and without the scheme's own port, as clients sign it. */
function originOf(request: IncomingMessage): string {
  const base = baseOf(request)
  if (!URL.canParse(base)) throw invalid('The Host of the request cannot be read.')
  return new URL(base).origin
}

/** Everything is handed over as one set of values: the library reads query and form less strictly than we do. */
export function baseString({ method, url, values }: Signable): string {
  return signer('sha1', '').getBaseString({ method, url, data: {} }, { ...values } as never)
}

export function signatureOf({ hash, method, url, values }: Omit<Signed, 'signature'>, secrets: Secrets): string {
  return signer(hash, secrets.consumer).getSignature({ method, url, data: {} }, secrets.token, { ...values } as never)
}

function signer(hash: Signed['hash'], secret: string): OAuth {
  return new OAuth({
    consumer: { key: '', secret },
    signature_method: 'HMAC',
    hash_function: (text, key) => createHmac(hash, key).update(text).digest('base64'),
  })
}
