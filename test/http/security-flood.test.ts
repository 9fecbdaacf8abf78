// Floods at the doors while git works: a thousand wrong passwords, a flood of the API. What they cost is counted, and git
// is served meanwhile; GITSTEAD_SOAK also measures how long a clone takes.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, client, type Client } from '../helpers/client.ts'
import { git, tryGit } from '../helpers/git.ts'
import { parseMetrics } from '../helpers/metrics.ts'
import { raw } from '../helpers/raw.ts'
import { ADMIN } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

const SOAK = process.env['GITSTEAD_SOAK'] !== undefined
const GUESSES = 1000
/** Of each kind, before one has to wait. */
const FREE = { account: 5, address: 20 }

let site: Site
let ada: Client
let token: string
let clones = 0

beforeAll(async () => {
  const env = { GITSTEAD_WORKERS: '2', GITSTEAD_RATE_LIMITS: 'on', ...(SOAK ? { GITSTEAD_BCRYPT_COST: '12' } : {}) }
  site = await openSite({ env })
  const made = await makeRepository(site, 'web')
  ada = made.ada
  await git(made.work, ['push', '-q', remoteOf(site, 'web'), 'main'])
  token = (await ada.post('/api/gitstead/1/app-passwords', { label: 'm', scopes: ['metrics'] })).body.secret
})
afterAll(() => closeSite(site))

async function computed(): Promise<number> {
  const answer = await client(site.server, { Authorization: `Bearer ${token}` }).get('/metrics')
  return parseMetrics(answer.text).sum('gitstead_bcrypt_computed_total')
}

/** With the password on Basic, as the memory of what was verified is what saves git from bcrypt. */
async function clone(): Promise<number> {
  const from = performance.now()
  const run = await tryGit(site.dir, ['clone', '-q', remoteOf(site, 'web'), join(site.dir, `clone-${++clones}`)])
  expect([run.code, run.stderr]).toEqual([0, ''])
  return performance.now() - from
}

async function several(n: number): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < n; i++) times.push(await clone())
  return times.toSorted((a, b) => a - b)[Math.floor(n / 2)] ?? 0
}

interface Flood {
  statuses: Map<number, number>
  stop: () => Promise<void>
}

/** `clients` at once ask until they are stopped or have asked so often. */
function flood(most: number, clients: number, ask: (n: number) => Promise<number>, pauseMs = 0): Flood {
  const statuses = new Map<number, number>()
  let asked = 0
  const state = { running: true }
  const one = async (): Promise<void> => {
    while (state.running && asked < most) {
      const status = await ask(asked++)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  const all = Promise.all(Array.from({ length: clients }, one))
  return {
    statuses,
    stop: async () => {
      if (SOAK) state.running = false
      await all
    },
  }
}

const count = ({ statuses }: Flood, ...wanted: number[]): number =>
  wanted.reduce((sum, status) => sum + (statuses.get(status) ?? 0), 0)

const told = ({ statuses }: Flood): string => JSON.stringify([...statuses])

async function guess(name: string, n: number, from: string): Promise<number> {
  const headers = basic(name, `guess number ${n}`)
  return (await raw(site.server, { path: '/2.0/user', headers, from })).status
}

describe('a thousand wrong passwords', () => {
  it('from one address, for many names, cost a few computations, and clones go on', async () => {
    const before = await computed()
    const alone = SOAK ? await several(11) : 0
    const wrong = flood(GUESSES, 8, (n) => guess(`name-${n % 50}`, n, '127.0.20.1'), SOAK ? 480 : 0)
    const meanwhile = await several(SOAK ? 41 : 4)
    await wrong.stop()
    const spent = (await computed()) - before
    console.log(`${told(wrong)}; ${spent} computed; a clone alone ${alone.toFixed()}, then ${meanwhile.toFixed()} ms`)
    expect(count(wrong, 401, 429)).toBe([...wrong.statuses.values()].reduce((sum, n) => sum + n, 0))
    // Each process may let one through before it hears of the other's; a minute of waits lets a handful more.
    expect(count(wrong, 401)).toBeLessThanOrEqual(2 * FREE.address)
    expect(spent).toBeLessThanOrEqual(2 * FREE.address)
    if (SOAK) expect(meanwhile).toBeLessThan(alone * 1.5)
  })

  it('for one name, from many addresses, cost fewer still', async () => {
    const before = await computed()
    const wrong = flood(GUESSES / 2, 8, (n) => guess('nobody-here', n, `127.0.21.${1 + (n % 200)}`))
    await clone()
    await wrong.stop()
    expect(count(wrong, 401)).toBeLessThanOrEqual(4 * FREE.account)
    expect((await computed()) - before).toBeLessThanOrEqual(4 * FREE.account)
  })
})

it('a flood of the API is refused, and git is not', async () => {
  const limits = (await ada.get('/api/gitstead/1/settings')).body.rate_limits
  const rate_limits = { ...limits, account: { ...limits.account, api: 50 } }
  expect((await ada.put('/api/gitstead/1/settings', { rate_limits })).status).toBe(200)
  const login = basic(ADMIN.name, ADMIN.password)
  const all = flood(3000, 8, async () => (await raw(site.server, { path: '/2.0/user', headers: login })).status)
  const time = await several(4)
  await all.stop()
  console.log(`${told(all)}; a clone meanwhile ${time.toFixed()} ms`)
  expect(count(all, 200)).toBeLessThanOrEqual(SOAK ? 1000 : 250)
  expect(count(all, 429)).toBeGreaterThan(count(all, 200))
  // An admin's browser is not refused either, though it is the same account.
  expect((await ada.get('/2.0/user')).status).toBe(200)
})
