// Attacks on the second step, against two processes: the same code at once, guesses at codes and recovery codes, sessions
// planted beforehand.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arm, codeOf, firstStep, secondStep } from '../helpers/authenticator.ts'
import { type Client, client, session, signIn, teammate } from '../helpers/client.ts'
import { raw } from '../helpers/raw.ts'
import { ADMIN, remove, type Server, startServer } from '../helpers/server.ts'

const API = '/api/gitstead/1'
const AT_ONCE = 100
const TWO = { GITSTEAD_WORKERS: '2' }
let server: Server
let ada: Client
let people = 0
let addresses = 0

/** Failures are counted by address too: attackers have many. */
const freshAddress = (): string => `127.0.${3 + Math.floor(++addresses / 200)}.${1 + (addresses % 200)}`

beforeAll(async () => {
  server = await startServer({ env: TWO })
  ada = await signIn(server)
})
afterAll(async () => {
  await server.stop()
  remove(server.data)
})

async function victim() {
  const name = `victim${++people}`
  const password = `${name} has a password`
  const armed = await arm(server, await teammate(server, ada, { name }), password)
  const tickets = (n: number): Promise<string[]> =>
    Promise.all(Array.from({ length: n }, () => firstStep(server, name, password, freshAddress())))
  return { name, password, ...armed, tickets }
}

const count = (statuses: number[], wanted: number): number => statuses.filter((status) => status === wanted).length

describe('one code, a hundred tries at once', () => {
  it('opens one session, with a ticket each', async () => {
    const { secret, tickets } = await victim()
    const all = await tickets(AT_ONCE)
    const code = codeOf(secret)
    const tries = await Promise.all(all.map((ticket) => secondStep(server, ticket, code, freshAddress())))
    expect(
      count(
        tries.map(({ status }) => status),
        201,
      ),
    ).toBe(1)
  })

  it('opens one session with one ticket, and with one recovery code', async () => {
    const { recovery, tickets } = await victim()
    const [ticket = '', ...others] = await tickets(30)
    const [one = '', two = ''] = recovery
    const same = await Promise.all(Array.from({ length: 30 }, () => secondStep(server, ticket, one, freshAddress())))
    expect(
      count(
        same.map(({ status }) => status),
        201,
      ),
    ).toBe(1)
    const each = await Promise.all(others.map((other) => secondStep(server, other, two, freshAddress())))
    expect(
      count(
        each.map(({ status }) => status),
        201,
      ),
    ).toBe(1)
  })
})

describe('guessing', () => {
  it('at codes is stopped for the account, whichever process, address and ticket it comes by', async () => {
    const { secret, recovery, tickets } = await victim()
    const right = new Set([-1, 0, 1, 2].map((steps) => codeOf(secret, steps)))
    const guesses = Array.from({ length: 60 }, (_, i) => String(i).padStart(6, '0')).filter((code) => !right.has(code))
    const all = await tickets(guesses.length + 2)
    const tries = await Promise.all(guesses.map((guess, i) => secondStep(server, all[i] ?? '', guess, freshAddress())))
    const statuses = tries.map(({ status }) => status)
    expect(count(statuses, 401)).toBe(5)
    expect(count(statuses, 429)).toBe(guesses.length - 5)
    // While it waits, not even the right one is told apart, and a restart forgets nothing.
    const late = await secondStep(server, all.at(-1) ?? '', codeOf(secret), freshAddress())
    expect([late.status, Number(late.headers['retry-after']) > 20]).toEqual([429, true])
    await server.stop()
    server = await startServer({ data: server.data, port: server.port, env: TWO })
    expect((await secondStep(server, all.at(-2) ?? '', recovery[0] ?? '', freshAddress())).status).toBe(429)
  })

  it('with one ticket ends the ticket', async () => {
    const { secret, tickets } = await victim()
    const [ticket = '', other = ''] = await tickets(2)
    for (let i = 0; i < 4; i++) await secondStep(server, ticket, 'aaaa-bbbb-cccc', freshAddress())
    expect((await secondStep(server, other, codeOf(secret), freshAddress())).status).toBe(201)
    expect((await secondStep(server, ticket, 'aaaa-bbbb-cccc', freshAddress())).status).toBe(401)
    const after = await secondStep(server, ticket, codeOf(secret, 1), freshAddress())
    expect([after.status, after.text]).toEqual([401, expect.stringContaining('Start again with your password')])
  })

  it('at tickets is slowed down by address', async () => {
    const from = freshAddress()
    const statuses: number[] = []
    for (let i = 0; i < 30; i++) statuses.push((await secondStep(server, `guess-${i}`, '000000', from)).status)
    expect(count(statuses, 401)).toBeLessThanOrEqual(21)
    expect(statuses.at(-1)).toBe(429)
  })
})

describe('session fixation', () => {
  it('a session that was there before is never the one that signs in', async () => {
    const { name, password, secret } = await victim()
    const mallory = await teammate(server, ada, { name: 'mallory' })
    const { headers } = await mallory.get(`${API}/session`)
    expect(headers.get('set-cookie')).toBeNull()
    const planted = ['gitstead_session=planted', await cookieOf('mallory', 'mallory has a password')]
    for (const [i, cookie] of planted.entries()) {
      const first = await raw(server, {
        method: 'POST',
        path: `${API}/session`,
        headers: { 'Content-Type': 'application/json', Cookie: cookie, ...(await csrf(cookie)) },
        body: JSON.stringify({ username: name, password }),
      })
      expect([first.status, first.headers['set-cookie']]).toEqual([202, undefined])
      const second = await raw(server, {
        method: 'POST',
        path: `${API}/session/code`,
        headers: { 'Content-Type': 'application/json', Cookie: cookie, ...(await csrf(cookie)) },
        body: JSON.stringify({ ticket: JSON.parse(first.text).second_factor.ticket, code: codeOf(secret, i) }),
      })
      expect(second.status).toBe(201)
      expect(String(second.headers['set-cookie'])).not.toContain(cookie)
      // What was planted opens nothing.
      expect((await client(server, { Cookie: cookie }).get('/2.0/user')).status).toBe(401)
    }
  })
})

async function cookieOf(username: string, password: string): Promise<string> {
  const answer = await client(server).post(`${API}/session`, { username, password })
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

async function csrf(cookie: string): Promise<Record<string, string>> {
  return { 'X-CSRF-Token': (await client(server, { Cookie: cookie }).get(`${API}/session`)).body.csrf }
}

it('a page that listens for news hears nothing more once the server asks its reader for a second factor', async () => {
  await ada.post('/2.0/repositories/ada/web', {})
  const gus = await teammate(server, ada, { name: 'gus' })
  const gone = new AbortController()
  const headers = await session(server, 'gus', 'gus has a password')
  const page = await fetch(`${server.url}${API}/live`, { headers, signal: gone.signal })
  const heard = page.text()
  ada = (await arm(server, ada, ADMIN.password)).client
  expect((await ada.put(`${API}/settings`, { second_factor: 'everybody' })).status).toBe(200)
  try {
    expect((await gus.get(`${API}/notices`)).status).toBe(403)
    await ada.put('/2.0/repositories/ada/web/permissions-config/users/gus', { permission: 'read' })
    const late = setTimeout(() => gone.abort(), 30_000)
    expect(await heard).not.toContain('event:')
    clearTimeout(late)
  } finally {
    await ada.put(`${API}/settings`, { second_factor: 'free' })
  }
})
