// Rate limits: headers, refusals of each class, exemptions, several processes, and the list of those who ask most.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RateLimits, RATE_DEFAULTS } from '../../server/contract/limits.ts'
import { basic, type Client, signIn, teammate } from '../helpers/client.ts'
import { git, makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { raw, type RawAnswer } from '../helpers/raw.ts'
import { remove, type Server, startServer, tempDir } from '../helpers/server.ts'

const API = '/api/gitstead/1'
const REFS = '/info/refs?service=git-upload-pack'
let server: Server
let ada: Client
let dir: string
let people = 0
let addresses = 0

const freshAddress = (): string => `127.0.9.${++addresses}`

beforeAll(async () => {
  server = await startServer({ env: { GITSTEAD_RATE_LIMITS: 'on', GITSTEAD_WORKERS: '2' } })
  ada = await signIn(server)
  dir = tempDir()
  await ada.post('/2.0/repositories/ada/open', { visibility: 'public' })
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

type Change = { [K in keyof RateLimits]?: Partial<RateLimits[K]> | string[] }

/** Half a limit a minute comes back while a test runs: small numbers make that little. */
async function limit(change: Change): Promise<void> {
  const rate_limits = structuredClone(RATE_DEFAULTS) as unknown as Record<string, unknown>
  for (const [name, value] of Object.entries(change))
    rate_limits[name] = Array.isArray(value) ? value : { ...(rate_limits[name] as object), ...value }
  const answer = await ada.put(`${API}/settings`, { rate_limits })
  if (answer.status !== 200) throw new Error(answer.text)
}

interface Person {
  name: string
  login: Record<string, string>
  client: Client
}

async function person(): Promise<Person> {
  const name = `person${++people}`
  const one = await teammate(server, ada, { name })
  return { name, client: one, login: basic(name, `${name} has a password`) }
}

/** One after the other, so that the processes have told each other. */
async function ask(
  n: number,
  headers: Record<string, string>,
  path = '/2.0/user',
  from?: string,
): Promise<RawAnswer[]> {
  const answers: RawAnswer[] = []
  for (let i = 0; i < n; i++) answers.push(await raw(server, { path, headers, ...(from ? { from } : {}) }))
  return answers
}

/** By then the processes have told each other what they let through. */
const told = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 700))

const refused = (answers: RawAnswer[]): number => answers.filter(({ status }) => status === 429).length

describe('the API', () => {
  it('tells the limit, what is left and when it is whole again; then refuses with how long to wait', async () => {
    const bob = await person()
    await limit({ account: { api: 5 } })
    const [first, ...others] = await ask(20, bob.login)
    const reset = Number(first?.headers['x-ratelimit-reset'])
    expect([first?.status, first?.headers['x-ratelimit-limit'], first?.headers['x-ratelimit-remaining']]).toEqual([
      200,
      '5',
      '4',
    ])
    expect(reset).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1000) - 60)
    const last = others.at(-1)
    expect(last?.status).toBe(429)
    expect(last?.json.error).toMatchObject({
      message: expect.stringContaining('5 a minute are allowed'),
      data: { code: 'rate.limited' },
    })
    expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0)
    expect(last?.headers).toMatchObject({ 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': '0' })
    // Others are not touched, nor is the same person in another class.
    expect((await ada.get('/2.0/user')).status).toBe(200)
    expect(refused(await ask(3, bob.login, `/ada/open.git${REFS}`))).toBe(0)
  })

  it('counts each token by itself, below what its account may', async () => {
    const bob = await person()
    const tokens = await Promise.all(
      ['one', 'two'].map((label) => bob.client.post(`${API}/app-passwords`, { label, scopes: ['account'] })),
    )
    await limit({ account: { api: 100 }, token: { api: 5 } })
    const [one, two] = tokens.map(({ body }) => ({ Authorization: `Bearer ${body.secret}` }))
    expect(refused(await ask(20, one ?? {}))).toBeGreaterThan(8)
    expect(refused(await ask(3, two ?? {}))).toBe(0)
    expect(refused(await ask(3, bob.login))).toBe(0)
  })

  it('counts guests, and credentials that do not hold, by address', async () => {
    await limit({ address: { api: 3 } })
    const [from, other] = [freshAddress(), freshAddress()]
    const wrong = { Authorization: 'Bearer gsp_no_such_token' }
    expect(refused(await ask(12, wrong, '/2.0/user', from))).toBeGreaterThan(4)
    await told()
    expect(refused(await ask(2, {}, '/2.0/repositories/ada/open', from))).toBeGreaterThan(0)
    expect(refused(await ask(2, {}, '/2.0/repositories/ada/open', other))).toBe(0)
    // Whoever has an account is not held up by those who share their address.
    const bob = await person()
    expect(refused(await ask(2, bob.login, '/2.0/user', from))).toBe(0)
  })

  it('refuses pages in words', async () => {
    await limit({ address: { web: 3 } })
    const answers = await ask(20, {}, '/', freshAddress())
    expect(refused(answers)).toBeGreaterThan(8)
    // The last one may have met the process that had heard less of them.
    expect(answers.find(({ status }) => status === 429)?.text).toMatch(/^Too many requests: 3 a minute/)
  })

  it('keeps the limit across processes', async () => {
    const bob = await person()
    await limit({ account: { api: 40 } })
    let passed = 0
    // On connections of their own, which go to both; slow enough for the processes to tell each other.
    for (let i = 0; i < 8; i++) {
      const all = await Promise.all(
        Array.from({ length: 10 }, () =>
          fetch(`${server.url}/2.0/user`, { headers: { ...bob.login, Connection: 'close' } }),
        ),
      )
      passed += all.filter(({ status }) => status === 200).length
      await told()
    }
    // What came back meanwhile, and what was under way while they told each other.
    expect(passed).toBeGreaterThanOrEqual(40)
    expect(passed).toBeLessThanOrEqual(70)
  })
})

describe('git', () => {
  it('is told in words, at the beginning only: what has begun goes on', async () => {
    const bob = await person()
    await bob.client.post(`/2.0/repositories/${bob.name}/web`)
    const password = `${bob.name} has a password`
    const url = withLogin(`${server.url}/${bob.name}/web.git`, bob.name, password)
    const work = join(dir, 'work')
    mkdirSync(work)
    await makeWork(work)
    await git(work, ['push', '-q', url, 'main'])
    await limit({ account: { git: 20 } })
    await ask(20, bob.login, `/${bob.name}/web.git${REFS}`)
    await told()
    let late = await tryGit(work, ['ls-remote', url])
    await eventually(async () => (late = await tryGit(work, ['ls-remote', url])).code !== 0, 20_000)
    expect(late.stderr).toMatch(/Too many requests: 20 a minute are allowed. Try again in \d+ seconds/)
    // The second half of a push and of a fetch, with nothing left in the bucket.
    for (const service of ['git-receive-pack', 'git-upload-pack']) {
      const answer = await raw(server, {
        method: 'POST',
        path: `/${bob.name}/web.git/${service}`,
        headers: { ...bob.login, 'Content-Type': `application/x-${service}-request` },
        body: '0000',
      })
      expect([service, answer.status]).toEqual([service, 200])
    }
  })

  it('goes on while the API is flooded', async () => {
    const bob = await person()
    await limit({ account: { api: 5 } })
    const flood = await Promise.all(Array.from({ length: 10 }, () => ask(20, bob.login)))
    expect(refused(flood.flat())).toBeGreaterThan(150)
    const password = `${bob.name} has a password`
    expect((await tryGit(dir, ['ls-remote', withLogin(`${server.url}/ada/open.git`, bob.name, password)])).code).toBe(0)
    expect((await ada.get('/2.0/user')).status).toBe(200)
  })
})

describe('exemptions', () => {
  it('by account, by address and by range, also made from the list of those who ask most', async () => {
    const [bob, cleo] = [await person(), await person()]
    const from = freshAddress()
    await limit({
      account: { api: 2 },
      address: { api: 2 },
      exempt_accounts: [bob.name],
      exempt_addresses: ['127.0.9.0/24'],
    })
    const free = await ask(10, bob.login)
    expect([refused(free), free[0]?.headers['x-ratelimit-limit']]).toEqual([0, undefined])
    expect(refused(await ask(10, {}, '/2.0/repositories/ada/open', from))).toBe(0)
    expect(refused(await ask(10, cleo.login))).toBeGreaterThan(2)
    await limit({ account: { api: 2 } })
    const path = `${API}/admin/exemptions`
    // An admin in a browser gets there even now.
    expect(
      (await Promise.all(Array.from({ length: 10 }, () => ada.get(`${API}/settings`)))).filter(
        ({ status }) => status !== 200,
      ).length,
    ).toBe(0)
    const made = await ada.post(path, { account: cleo.name })
    expect([made.status, made.body.exempt_accounts]).toEqual([201, [cleo.name]])
    expect(refused(await ask(10, cleo.login))).toBe(0)
    await limit({})
    expect((await ada.post(path, { account: 'nobody-here' })).status).toBe(404)
    for (const bad of [{ address: 'not an address' }, { account: ['x'] }, {}, { address: '10.0.0.0/99' }])
      expect((await ada.post(path, bad)).status).toBe(400)
    expect(
      (await ada.put(`${API}/settings`, { rate_limits: { ...RATE_DEFAULTS, exempt_addresses: ['x'] } })).status,
    ).toBe(400)
  })
})

describe('those who ask most', () => {
  it('are told to admins, by class, from all processes', async () => {
    const bob = await person()
    await limit({ token: { api: 5 } })
    const made = await bob.client.post(`${API}/app-passwords`, { label: 'a busy robot', scopes: ['account'] })
    await ask(20, { Authorization: `Bearer ${made.body.secret}` })
    await Promise.all(
      Array.from({ length: 8 }, () =>
        fetch(`${server.url}/ada/open.git${REFS}`, { headers: { ...bob.login, Connection: 'close' } }),
      ),
    )
    // The time of a request is known when its answer is out.
    const find = async (kind: string, name: string) =>
      (await ada.get(`${API}/admin/callers`)).body.values.find(
        (one: { kind: string; name: string }) => one.kind === kind && one.name === name,
      )
    expect(await eventually(async () => (await find('account', bob.name)).minutes.git?.requests === 8)).toBe(true)
    const account = await find('account', bob.name)
    expect(account.hour.api.requests).toBeGreaterThanOrEqual(20)
    expect(account.hour.api.ms).toBeGreaterThan(0)
    const token = await find('token', 'a busy robot')
    expect(token).toMatchObject({ account: bob.name, exempt: false, hour: { api: { requests: 20 } } })
    expect(token.hour.api.limited).toBeGreaterThan(8)
    expect((await find('address', '127.0.0.1')).hour.web ?? {}).toBeDefined()
    expect((await bob.client.get(`${API}/admin/callers`)).status).toBe(403)
  })
})
