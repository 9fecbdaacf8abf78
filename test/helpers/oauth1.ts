// OAuth 1.0a from the other end: a client library of that time, and a signer written from RFC 5849 for requests that no
// library would send. Neither shares anything with the server.
import { createHmac, randomBytes } from 'node:crypto'
import { OAuth } from 'oauth'
import type { Client } from './client.ts'
import { raw, type RawAnswer } from './raw.ts'
import type { Server } from './server.ts'

/** Of the consumers of these tests. */
export const CALLBACK = 'https://ci.example.com/cb?from=us'

export interface Consumer {
  id: string
  key: string
  secret: string
}

export interface Keys {
  key: string
  secret: string
  token?: string
  tokenSecret?: string
}

export interface Wish {
  method?: string
  /** Whole, with its query. */
  url: string
  form?: Record<string, string>
  /** Of the header, in place of what would stand there; undefined leaves one out. */
  header?: Record<string, string | undefined>
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)

/** The Authorization header of a request. */
export function signedHeader(keys: Keys, { method = 'GET', url, form = {}, header = {} }: Wish): string {
  const wanted: Record<string, string | undefined> = {
    oauth_consumer_key: keys.key,
    oauth_token: keys.token,
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_nonce: randomBytes(9).toString('hex'),
    oauth_version: '1.0',
    ...header,
  }
  const own = Object.entries(wanted).filter((pair): pair is [string, string] => pair[1] !== undefined)
  const at = new URL(url)
  const all = [...own, ...at.searchParams, ...Object.entries(form)]
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .toSorted(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
  const values = all.map((pair) => pair.join('=')).join('&')
  const base = [method, encoded(at.origin + at.pathname), encoded(values)].join('&')
  const key = `${encoded(keys.secret)}&${encoded(keys.tokenSecret ?? '')}`
  const oauth_signature = header['oauth_signature'] ?? createHmac('sha1', key).update(base).digest('base64')
  const parts = Object.entries({ ...Object.fromEntries(own), oauth_signature })
  return `OAuth ${parts.map(([name, value]) => `${encoded(name)}="${encoded(value)}"`).join(', ')}`
}

export function libraryOf(server: { url: string }, { key, secret }: Keys, callback: string): OAuth {
  const at = `${server.url}/api/1.0/oauth`
  // An end with a slash, as the first documentation had it.
  return new OAuth(`${at}/request_token/`, `${at}/access_token`, key, secret, '1.0', callback, 'HMAC-SHA1')
}

/** Of a call of the library, which ends in a callback; a refusal is thrown with what the server said. */
export function called<T extends unknown[]>(run: (done: (failure: unknown, ...rest: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) =>
    run((failure, ...rest) => (failure ? reject(new Error(JSON.stringify(failure))) : resolve(rest))),
  )
}

type Form = Record<string, string>

export const answered = (text: string): Form => Object.fromEntries(new URLSearchParams(text))
export const keysOf = ({ key, secret }: Consumer, given: Form = {}): Keys => ({
  key,
  secret,
  token: given['oauth_token'] ?? '',
  tokenSecret: given['oauth_token_secret'] ?? '',
})

function good({ status, text }: { status: number; text: string }): string {
  if (status !== 200) throw new Error(`${status}: ${text}`)
  return text
}

export interface Dance {
  /** Sends it signed, from an address of its own, so that what fails slows down no other test. */
  send: (keys: Keys, path: string, wish?: Partial<Wish> & { headers?: Form }) => Promise<RawAnswer>
  asks: (consumer: Consumer, callback?: string) => Promise<RawAnswer>
  /** A request token that a person has allowed, and its verifier. */
  allowed: (by: Client, consumer: Consumer) => Promise<{ keys: Keys; verifier: string }>
  exchange: (keys: Keys, verifier: string) => Promise<RawAnswer>
  /** The whole way, with keys for requests at its end. */
  letIn: (by: Client, consumer: Consumer) => Promise<Keys>
}

/** Each step by itself. `server`: the one that runs by then. */
export function dance(server: () => Server): Dance {
  let hosts = 0
  const send: Dance['send'] = (keys, path, wish = {}) => {
    const { headers, ...rest } = wish
    const method = wish.method ?? 'GET'
    const Authorization = signedHeader(keys, { url: server().url + path, ...rest })
    const body = wish.form && new URLSearchParams(wish.form).toString()
    const type: Form = body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }
    hosts += 1
    return raw(server(), {
      method,
      path,
      headers: { ...type, Authorization, ...headers },
      ...(body === undefined ? {} : { body }),
      from: `127.2.${Math.floor(hosts / 250)}.${(hosts % 250) + 1}`,
    })
  }
  const asks: Dance['asks'] = (consumer, callback = CALLBACK) => {
    const header = { oauth_token: undefined, oauth_callback: callback }
    return send(keysOf(consumer), '/api/1.0/oauth/request_token', { method: 'POST', header })
  }
  const allowed: Dance['allowed'] = async (by, consumer) => {
    const asked = await asks(consumer)
    const keys = keysOf(consumer, answered(good(asked)))
    const said = await by.post('/api/gitstead/1/oauth1/authorization', { request: keys.token, allow: true })
    good(said)
    return { keys, verifier: new URL(said.body.redirect).searchParams.get('oauth_verifier') ?? '' }
  }
  const exchange: Dance['exchange'] = (keys, verifier) =>
    send(keys, '/api/1.0/oauth/access_token', { method: 'POST', header: { oauth_verifier: verifier } })
  const letIn: Dance['letIn'] = async (by, consumer) => {
    const { keys, verifier } = await allowed(by, consumer)
    return keysOf(consumer, answered(good(await exchange(keys, verifier))))
  }
  return { send, asks, allowed, exchange, letIn }
}
