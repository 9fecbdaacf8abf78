// Guessing: what an answer gives away about accounts, and how soon guesses are slowed down, on every way to sign in.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, type Client, client, signIn, teammate } from '../helpers/client.ts'
import { raw, type RawAnswer } from '../helpers/raw.ts'
import { ADMIN, gitstead, remove, type Server, startServer } from '../helpers/server.ts'

let server: Server
let ada: Client

/** Each case calls from an address of its own, as failures are counted by address too. */
let lastAddress = 10
const freshAddress = (): string => `127.0.2.${++lastAddress}`

beforeAll(async () => {
  server = await startServer()
  ada = await signIn(server)
  for (const name of ['bob', 'cleo', 'dan', 'eve', 'fay', 'gus']) await teammate(server, ada, { name })
  await ada.post('/2.0/repositories/ada/private', {})
})
afterAll(async () => {
  await server.stop()
  remove(server.data)
})

type Way = (name: string, password: string, from: string) => Promise<RawAnswer>

const WAYS: Record<string, Way> = {
  'the sign-in form': (username, password, from) =>
    raw(server, {
      method: 'POST',
      path: '/api/gitstead/1/session',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username, password }),
      from,
    }),
  'Basic on the API': (name, password, from) =>
    raw(server, { path: '/2.0/user', headers: basic(name, password), from }),
  'Basic on git': (name, password, from) =>
    raw(server, { path: '/ada/private.git/info/refs?service=git-upload-pack', headers: basic(name, password), from }),
}

describe.each(Object.entries(WAYS))('%s', (_name, way) => {
  it('answers the same for a wrong password, an unknown name and a disabled account', async () => {
    const from = freshAddress()
    await ada.patch('/api/gitstead/1/people/gus', { state: 'disabled' })
    const known = await way('bob', 'not the password', from)
    const unknown = await way(`nobody-${from.split('.').at(-1)}`, 'not the password', from)
    const disabled = await way('gus', 'gus has a password', from)
    expect(known.status).toBe(401)
    for (const other of [unknown, disabled]) {
      expect([other.status, other.text]).toEqual([known.status, known.text])
      expect(headersOf(other)).toEqual(headersOf(known))
    }
    await way('bob', 'bob has a password', freshAddress())
  })

  it('refuses even the right password while an account has to wait, and leaves others alone', async () => {
    const from = freshAddress()
    for (let i = 0; i < 7; i++) await way('cleo', `guess ${from} ${i}`, from)
    const right = await way('cleo', 'cleo has a password', freshAddress())
    expect(right.status).toBe(429)
    expect(Number(right.headers['retry-after'])).toBeGreaterThan(0)
    const other = await way('dan', 'dan has a password', freshAddress())
    expect(other.status).not.toBe(429)
    expect(other.status).not.toBe(401)
    await wait(cleoWaits(right))
    await way('cleo', 'cleo has a password', freshAddress())
  })

  it('lets a hundred guesses at once through as five', async () => {
    const from = freshAddress()
    const name = `parallel-${from.split('.').at(-1)}`
    const began = Date.now()
    const all = await Promise.all(Array.from({ length: 100 }, (_, i) => way(name, `guess ${i}`, from)))
    // Where the machine is so busy that they took longer than the first wait, that one is over for the last of them.
    const waited = Math.ceil(Math.log2(1 + (Date.now() - began) / 1000))
    expect(all.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5 + waited)
    expect(all.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(95 - waited)
  })

  it('slows an address down that tries one password on many names', async () => {
    const from = freshAddress()
    const all: number[] = []
    for (let i = 0; i < 30; i++) all.push((await way(`spray-${i}`, 'password1234', from)).status)
    expect(all.filter((status) => status === 401).length).toBeLessThanOrEqual(21)
    expect(all.at(-1)).toBe(429)
  })
})

function cleoWaits(answer: RawAnswer): number {
  return (Number(answer.headers['retry-after']) + 0.2) * 1000
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function headersOf(answer: RawAnswer): Record<string, unknown> {
  return { ...answer.headers, date: undefined, 'x-request-id': undefined, 'x-render-time': undefined }
}

const asked = (secret: string, from: string): Promise<RawAnswer> =>
  raw(server, { path: '/2.0/user', headers: { Authorization: `Bearer ${secret}` }, from })

describe('app passwords', () => {
  it('are slowed down in guessing, and neither right ones nor passwords from the same address suffer', async () => {
    const from = freshAddress()
    const made = await ada.post('/api/gitstead/1/app-passwords', { label: 'ci', scopes: ['account'] })
    const guesses: number[] = []
    for (let i = 0; i < 30; i++) guesses.push((await asked(`gsp_guess${i}`, from)).status)
    expect(guesses.filter((status) => status === 401).length).toBeLessThanOrEqual(21)
    expect(guesses.at(-1)).toBe(429)
    expect((await asked(made.body.secret, from)).status).toBe(200)
    expect((await raw(server, { path: '/2.0/user', headers: basic('dan', 'dan has a password'), from })).status).toBe(
      200,
    )
  })

  it('belong to one name', async () => {
    const made = await ada.post('/api/gitstead/1/app-passwords', { label: 'ci', scopes: ['account'] })
    const as = (name: string): Promise<RawAnswer> =>
      raw(server, { path: '/2.0/user', headers: basic(name, made.body.secret), from: freshAddress() })
    expect((await as('bob')).status).toBe(401)
    expect((await as('ADA')).status).toBe(200)
    expect((await as('x-token-auth')).status).toBe(200)
  })

  it('end with their account, their time and their revocation', async () => {
    const fay = await signIn(server, 'fay', 'fay has a password')
    const soon = new Date(Date.now() + 1500).toISOString()
    const [short, long, revoked] = await Promise.all(
      [soon, null, null].map((expires_on) =>
        fay.post('/api/gitstead/1/app-passwords', { label: 'x', scopes: ['account'], expires_on }),
      ),
    )
    for (const one of [short, long, revoked]) expect((await asked(one?.body.secret, freshAddress())).status).toBe(200)
    expect((await fay.delete(`/api/gitstead/1/app-passwords/${revoked?.body.id}`)).status).toBe(204)
    expect((await asked(revoked?.body.secret, freshAddress())).status).toBe(401)
    await wait(1600)
    expect((await asked(short?.body.secret, freshAddress())).status).toBe(401)
    await ada.patch('/api/gitstead/1/people/fay', { state: 'disabled' })
    expect((await asked(long?.body.secret, freshAddress())).status).toBe(401)
    expect((await fay.get('/2.0/user')).status).toBe(401)
  })

  it('are taken from a header only', async () => {
    const made = await ada.post('/api/gitstead/1/app-passwords', { label: 'x', scopes: ['account'] })
    for (const name of ['access_token', 'token', 'private_token', 'auth'])
      expect([400, 401]).toContain((await client(server).get(`/2.0/user?${name}=${made.body.secret}`)).status)
  })
})

it('says nothing about a right password where passwords are switched off', async () => {
  await ada.put('/api/gitstead/1/settings', { basic_passwords: false })
  try {
    const from = freshAddress()
    const path = '/2.0/user'
    const right = await raw(server, { path, headers: basic('dan', 'dan has a password'), from })
    const wrong = await raw(server, { path, headers: basic('dan', 'wrong'), from })
    const nobody = await raw(server, { path, headers: basic('nobody-at-all', 'wrong'), from })
    expect(right.status).toBe(401)
    expect([wrong.text, nobody.text]).toEqual([right.text, right.text])
  } finally {
    await ada.put('/api/gitstead/1/settings', { basic_passwords: true })
  }
})

it('refuses what is no text where a text is expected', async () => {
  const guest = client(server)
  for (const bad of [['ada'], { $ne: '' }, { toString: 'x' }, 1, true, null]) {
    expect((await guest.post('/api/gitstead/1/session', { username: bad, password: ADMIN.password })).status).toBe(400)
    expect((await guest.post('/api/gitstead/1/session', { username: 'ada', password: bad })).status).toBe(400)
    expect(
      (await guest.post('/api/gitstead/1/setup', { token: bad, username: 'x', display_name: 'x', password: bad }))
        .status,
    ).toBe(400)
    expect(
      (await guest.post('/api/gitstead/1/links/x/accept', { username: bad, display_name: bad, password: bad })).status,
    ).toBe(400)
    expect((await guest.post('/api/gitstead/1/links/x/reset', { password: bad })).status).toBe(400)
    expect((await ada.put('/api/gitstead/1/password', { current: bad, password: bad })).status).toBe(400)
    expect((await ada.post('/2.0/repositories/ada/typed', { description: bad ?? 5 })).status).toBe(400)
    expect((await ada.post('/api/gitstead/1/imports', { url: bad, workspace: bad, name: bad })).status).toBe(400)
    expect((await ada.post('/api/gitstead/1/invitations', { workspace: bad, role: bad })).status).toBe(400)
    expect((await ada.patch('/api/gitstead/1/people/bob', { state: bad ?? 5 })).status).toBe(400)
    expect((await ada.put('/api/gitstead/1/settings', { allowed_hosts: bad ?? 5, site_name: bad ?? 5 })).status).toBe(
      400,
    )
  }
  for (const body of ['[]', '"text"', '1', '{"username":{"__proto__":1},"password":"x"}', '{'])
    expect(
      (
        await raw(server, {
          method: 'POST',
          path: '/api/gitstead/1/session',
          headers: { 'Content-Type': 'application/json' },
          body,
        })
      ).status,
    ).toBe(400)
  for (const query of [
    'q=a&q=b',
    'sort[]=a&sort=b&sort=c',
    'pagelen=1&pagelen=2',
    'role=x',
    'page=-1',
    'pagelen=1e9',
    'page[]=1&page=x',
  ])
    expect((await ada.get(`/2.0/repositories?${query}`)).status, query).toBe(400)
})

it('gives a terminal no control characters to print', async () => {
  const hostile = ['a\u001b]0;owned\u0007', 'a\nb', 'a\u0000b', 'a\u009bb', 'a\u202eb', '\u001b[2J']
  for (const display_name of hostile)
    expect((await ada.put('/api/gitstead/1/profile', { display_name })).status).toBe(400)
  for (const name of hostile) {
    expect((await ada.post('/2.0/repositories/ada/named', { name })).status).toBe(400)
    expect((await ada.post('/api/gitstead/1/groups', { workspace: 'ada', name })).status).toBe(400)
    expect((await ada.post('/api/gitstead/1/app-passwords', { label: name, scopes: ['account'] })).status).toBe(400)
  }
  const listed = gitstead(['user', 'list', '--data', server.data])
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  expect(listed.stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
})
