// What an admin sees of the server at work: its state, its last day, its slow requests, and whether it is well.
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client } from '../helpers/client.ts'
import { commitFile, git } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { hook } from '../helpers/program.ts'
import { workersOf } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

const OWN = '/api/gitstead/1'
let site: Site
let ada: Client
let work: string

beforeAll(async () => {
  site = await openSite({ env: { GITSTEAD_WORKERS: '2' } })
  ;({ ada, work } = await makeRepository(site, 'shop'))
})
afterAll(() => closeSite(site))

/** A part of an answer, by its names. */
type State = Client extends { get: (path: string) => Promise<{ body: infer B }> } ? B : never

const now = async (): Promise<State> => (await ada.get(`${OWN}/admin/operations`)).body
const slow = async (): Promise<State[]> => (await ada.get(`${OWN}/admin/slow-requests`)).body.values

describe('the state of the server', () => {
  it('names every process, class, cache, disk and job', async () => {
    await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
    const idle = async (): Promise<boolean> => (await now())['jobs'].some((one: State) => one['done'] > 0)
    expect(await eventually(idle, 40_000)).toBe(true)
    const state = await now()
    const names = state['processes'].map(({ name }: State) => name)
    expect(new Set(names)).toEqual(new Set(['jobs', 'web1', 'web2']))
    for (const one of state['processes']) {
      expect(one).toMatchObject({ state: 'ready', deaths: 0 })
      expect(one.vitals.memory).toBeGreaterThan(1e6)
    }
    const pids = state['processes'].map(({ pid }: State) => pid)
    expect(new Set(pids)).toEqual(new Set(workersOf(site.server.process.pid ?? 0)))
    expect(state['supervisor'].pid).toBe(site.server.process.pid)
    const classes = Object.fromEntries(state['classes'].map((one: State) => [one['name'], one]))
    // The request that asks is at work itself.
    expect(classes['api']).toMatchObject({ waiting: 0, refused: 0 })
    expect(classes['api'].running).toBeGreaterThan(0)
    expect(classes['git'].places).toBeGreaterThan(0)
    expect(state['caches'].map(({ name }: State) => name)).toEqual(['packs', 'refs', 'database', 'passwords'])
    expect(state['disks']).toMatchObject([{ volume: 'main', error: null }])
    expect(state['database'].size).toBeGreaterThan(0)
    expect(state['health']).toMatchObject({ state: 'fine' })
    expect(state['backup']).toBeNull()
  })

  it('shows git at work, with its repository', async () => {
    hook(site.data, 'pre-receive', 'sleep 5')
    const oid = await commitFile(work, 'a.txt', 'a\n')
    const pushed = git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
    let seen: State
    const look = async (): Promise<boolean> => {
      seen = (await now())['git'].find(({ command }: State) => command === 'receive-pack')
      return seen !== undefined
    }
    expect(await eventually(look, 4000)).toBe(true)
    expect(seen).toMatchObject({ repository: 'ada/shop' })
    await pushed
    hook(site.data, 'pre-receive', 'exit 0')
    expect(await git(work, ['ls-remote', remoteOf(site, 'shop'), 'main'])).toContain(oid)
  })

  it('counts a process that died, and goes on', async () => {
    const before: State = (await now())['processes'].find(({ name }: State) => name === 'web2')
    process.kill(before['pid'], 'SIGKILL')
    let after: State
    const replaced = async (): Promise<boolean> => {
      after = (await now().catch(() => ({ processes: [] })))['processes']?.find(({ name }: State) => name === 'web2')
      return after !== undefined && after['pid'] !== before['pid'] && after['vitals'] !== null
    }
    expect(await eventually(replaced, 40_000)).toBe(true)
    expect(after).toMatchObject({ deaths: 1, state: 'ready' })
  })
})

const pushes = async (): Promise<State[]> =>
  (await slow()).filter((one) => one['route'] === 'git-receive-pack' && one['method'] === 'POST')

describe('the log of slow requests', () => {
  it('says who waited for what, and which git ran for it', async () => {
    await ada.put(`${OWN}/settings`, { slow_git_ms: 300 })
    hook(site.data, 'pre-receive', 'sleep 1')
    await commitFile(work, 'b.txt', 'b\n')
    await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
    hook(site.data, 'pre-receive', 'exit 0')
    expect(await eventually(async () => (await pushes()).length > 0, 20_000)).toBe(true)
    const [push] = await pushes()
    expect(push).toMatchObject({
      class: 'git',
      account: 'ada',
      repository: 'ada/shop',
      status: 200,
      address: '127.0.0.1',
    })
    expect(push?.['process']).toMatch(/^web[12]$/)
    expect(push?.['git'].map(({ command }: State) => command)).toContain('receive-pack')
    await ada.put(`${OWN}/settings`, { slow_git_ms: 60_000 })
  })

  it('keeps the pattern of a route, and nothing of what was asked', async () => {
    await ada.put(`${OWN}/settings`, { slow_ms: 50 })
    // The listing waits for the lock that this test holds.
    const db = new Database(join(site.data, 'gitstead.db'))
    db.exec('begin immediate')
    const asked = ada.put(`${OWN}/settings?secret=in-the-query`, { site_name: 'Slow' })
    await new Promise((resolve) => setTimeout(resolve, 700))
    db.exec('rollback')
    db.close()
    const { headers, status } = await asked
    expect(status).toBe(200)
    const id = headers.get('x-request-id')
    const found = async (): Promise<State> => (await slow()).find((one) => one['request'] === id)
    expect(await eventually(async () => (await found()) !== undefined, 20_000)).toBe(true)
    expect(await found()).toMatchObject({ route: `${OWN}/settings`, method: 'PUT', class: 'api' })
    expect(JSON.stringify(rows(site.server, 'select * from slow_requests'))).not.toContain('in-the-query')
    await ada.put(`${OWN}/settings`, { slow_ms: 1000 })
  })

  it('holds the newest thousand', async () => {
    const db = new Database(join(site.data, 'gitstead.db'), { timeout: 5000 })
    const add = db.prepare(
      `insert into slow_requests (at, request, process, class, method, route, account, address, status, ms, waited_ms, git)
       values ('2026-01-01T00:00:00.000Z', 'x', 'web1', 'api', 'GET', '/', '', '', 200, 1, 0, '[]')`,
    )
    db.transaction(() => {
      for (let i = 0; i < 1500; i++) add.run()
    })()
    db.close()
    await ada.put(`${OWN}/settings`, { slow_git_ms: 50 })
    hook(site.data, 'pre-receive', 'sleep 0.3')
    await commitFile(work, 'c.txt', 'c\n')
    await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
    hook(site.data, 'pre-receive', 'exit 0')
    const count = (): unknown => rows(site.server, 'select count(*) as n from slow_requests')[0]?.['n']
    expect(await eventually(() => count() === 1000, 20_000)).toBe(true)
    expect((await slow())[0]).toMatchObject({ class: 'git' })
  })
})

describe('the last day', () => {
  it('has a point for every five minutes, and a gap where nobody measured', async () => {
    const minute = {
      ...EMPTY,
      classes: { api: { times: { 4: 9, 12: 1 }, failed: 2, refused: 1, waiting: 0 } },
      loop: 7,
    }
    const at = Math.floor(Date.now() / 60_000) * 60 - 600
    const db = new Database(join(site.data, 'gitstead.db'), { timeout: 5000 })
    db.prepare('insert or replace into samples values (?, ?)').run(at, JSON.stringify(minute))
    db.prepare('insert or replace into samples values (?, ?)').run(at - 86_400 * 2, JSON.stringify(minute))
    db.close()
    const { seconds, from, series } = (await ada.get(`${OWN}/admin/operations/history`)).body
    expect(seconds).toBe(300)
    const place = Math.floor((at - 1 - Date.parse(from) / 1000) / 300)
    expect(series.requests_api).toHaveLength(288)
    expect([series.requests_api[place], series.p95_api[place], series.failed[place]]).toEqual([10, 16, 2])
    expect([series.refused[place], series.loop[place], series.p95_git[place]]).toEqual([1, 7, null])
    expect(series.requests_api[place - 1]).toBeNull()
    expect(series.requests_api.filter((value: number | null) => value === 10)).toHaveLength(1)
  })
})

const EMPTY = {
  classes: {},
  writes: {},
  git: 0,
  loop: 0,
  busy: 0,
  memory: 1,
  sockets: 0,
  jobs: { waiting: 0, parked: 0, lag: 0 },
  disks: { main: { free: 1, ms: 2 } },
  database: 1,
  wal: 1,
}

describe('health', () => {
  it('is fine, then tells in words what broke, and is fine again', async () => {
    expect(await ada.get(`${OWN}/health`)).toMatchObject({ status: 200, body: { state: 'fine' } })
    const db = new Database(join(site.data, 'gitstead.db'), { timeout: 5000 })
    db.exec('begin immediate')
    const broken = async (): Promise<boolean> => (await ada.get(`${OWN}/health`)).status === 503
    expect(await eventually(broken, 40_000)).toBe(true)
    const { body } = await ada.get(`${OWN}/health`)
    const check = body.checks.find(({ name }: State) => name === 'database')
    expect(check).toMatchObject({ state: 'broken' })
    expect(check.words).toMatch(/^The database cannot be written: .+ Reading goes on\.$/)
    db.exec('rollback')
    db.close()
    expect(await eventually(async () => (await ada.get(`${OWN}/health`)).status === 200, 40_000)).toBe(true)
  })
  it('says when jobs have failed for good', async () => {
    const db = new Database(join(site.data, 'gitstead.db'), { timeout: 5000 })
    db.exec(`insert into jobs (kind, state, attempts, run_at, created_at, finished_at)
      values ('webhook', 'parked', 6, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z')`)
    db.close()
    const { body, status } = await ada.get(`${OWN}/health`)
    expect([status, body.state]).toEqual([200, 'strained'])
    expect(body.checks.find(({ name }: State) => name === 'jobs').words).toMatch(/wait for you/)
  })
})
