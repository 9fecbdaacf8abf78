// What an authenticator app does: takes the secret that the page shows, and makes codes by the clock. Written for the
// tests alone, so that a mistake of the server's own sums shows.
import { createHmac } from 'node:crypto'
import { type Client, client } from './client.ts'
import { raw, type RawAnswer } from './raw.ts'
import type { Server } from './server.ts'

const API = '/api/gitstead/1'
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** `steps`: half minutes from now. */
export function codeOf(secret: string, steps = 0): string {
  const bits = secret
    .split('')
    .map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const bytes = bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []
  const counter = Buffer.alloc(8)
  counter.writeUInt32BE(Math.floor(Date.now() / 30_000) + steps, 4)
  const digest = createHmac('sha1', Buffer.from(bytes)).update(counter).digest()
  const at = (digest[19] ?? 0) % 16
  const number = digest.readUInt32BE(at) % 2 ** 31
  return String(number % 10 ** 6).padStart(6, '0')
}

export interface Armed {
  secret: string
  recovery: string[]
  /** Signed in, with the session that goes on. */
  client: Client
}

/** Switches the second factor on. The code of the step before is used for it, so that the present one is left. */
export async function arm(server: Pick<Server, 'url'>, who: Client, password: string): Promise<Armed> {
  const started = await who.post(`${API}/factor`, { password })
  if (started.status !== 201) throw new Error(`no secret: ${started.text}`)
  const { secret } = started.body
  const confirmed = await who.post(`${API}/factor/confirm`, { code: codeOf(secret, -1) })
  if (confirmed.status !== 200) throw new Error(`not confirmed: ${confirmed.text}`)
  const cookie = (confirmed.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const headers = { Cookie: cookie, 'X-CSRF-Token': confirmed.body.session.csrf }
  return { secret, recovery: confirmed.body.recovery_codes, client: client(server, headers) }
}

/** The first step: the ticket that a right password gives, from an address of one's own. */
export async function firstStep(server: Server, username: string, password: string, from?: string): Promise<string> {
  const answer = await postFrom(server, `${API}/session`, { username, password }, from)
  if (answer.status !== 202) throw new Error(`no second step: ${answer.status} ${answer.text}`)
  return JSON.parse(answer.text).second_factor.ticket
}

export function secondStep(server: Server, ticket: string, code: string, from?: string): Promise<RawAnswer> {
  return postFrom(server, `${API}/session/code`, { ticket, code }, from)
}

function postFrom(server: Server, path: string, body: unknown, from?: string): Promise<RawAnswer> {
  const headers = { 'Content-Type': 'application/json' }
  return raw(server, { method: 'POST', path, headers, body: JSON.stringify(body), ...(from ? { from } : {}) })
}
