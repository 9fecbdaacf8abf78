// What Prometheus reads: every process of the pool in one sum that never falls, for those who may see it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, client, type Client } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { type Metrics, parseMetrics } from '../helpers/metrics.ts'
import { ADMIN, workersOf } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

let site: Site
let ada: Client
let token: string
let work: string

beforeAll(async () => {
  site = await openSite({ env: { GITSTEAD_WORKERS: '2' } })
  ;({ ada, work } = await makeRepository(site, 'shop'))
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
  const made = await ada.post('/api/gitstead/1/app-passwords', { label: 'Prometheus', scopes: ['metrics'] })
  token = made.body.secret
})
afterAll(() => closeSite(site))

/** A connection of its own each time, so that all processes get their share. */
function fresh(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${site.server.url}${path}`, { headers: { Connection: 'close', ...headers } })
}

async function metrics(): Promise<Metrics> {
  const answer = await fresh('/metrics', { Authorization: `Bearer ${token}` })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  return parseMetrics(await answer.text())
}

/** Asks until both processes have answered, and gives how often it asked. */
async function askBoth(path: string, headers: Record<string, string> = {}): Promise<number> {
  const seen = new Set<string | null>()
  for (let asked = 0; ; asked += 4) {
    if (seen.size >= 2) return asked
    if (asked > 200) throw new Error(`only ${[...seen].join()} answered`)
    const answers = await Promise.all(Array.from({ length: 4 }, () => fresh(path, headers)))
    for (const answer of answers) {
      seen.add(answer.headers.get('x-served-by'))
      await answer.arrayBuffer()
    }
  }
}

const API_OK = { class: 'api', status: '2xx' }

describe('the metrics', () => {
  it('add up what both processes have served, to the last request', async () => {
    const before = await metrics()
    const asked = await askBoth('/2.0/user', basic(ADMIN.name, ADMIN.password))
    const enough = async (): Promise<boolean> =>
      (await metrics()).sum('gitstead_requests_total', API_OK) - before.sum('gitstead_requests_total', API_OK) >= asked
    // An answer is counted when the last of it is gone, which its reader may know before we do.
    expect(await eventually(enough)).toBe(true)
    const after = await metrics()
    const counted = (name: string, labels: Record<string, string>): number =>
      after.sum(name, labels) - before.sum(name, labels)
    expect(counted('gitstead_requests_total', API_OK)).toBe(asked)
    expect(counted('gitstead_request_seconds_count', { class: 'api' })).toBe(asked)
    expect(counted('gitstead_request_seconds_bucket', { class: 'api', le: '+Inf' })).toBe(asked)
  })

  it('count a refusal, an answer to git and its processes each as what they are', async () => {
    const before = await metrics()
    await fresh('/2.0/user', basic(ADMIN.name, 'not the password'))
    await git(work, ['ls-remote', '-q', remoteOf(site, 'shop')])
    await git(work, ['fetch', '-q', remoteOf(site, 'shop'), 'main'])
    await git(site.dir, ['clone', '-q', remoteOf(site, 'shop'), 'again'])
    const grown = async (name: string, labels: Record<string, string>): Promise<boolean> =>
      eventually(async () => (await metrics()).sum(name, labels) > before.sum(name, labels))
    expect(await grown('gitstead_requests_total', { class: 'api', status: '4xx' })).toBe(true)
    expect(await grown('gitstead_requests_total', { class: 'git', status: '2xx' })).toBe(true)
    expect(await grown('gitstead_git_processes_total', { command: 'upload-pack' })).toBe(true)
    expect(await grown('gitstead_cache_misses_total', { cache: 'packs' })).toBe(true)
  })

  it('name all that the machine is at', async () => {
    const { series, sum, types } = await metrics()
    const processes = series.filter(({ name }) => name === 'gitstead_process_up').map(({ labels }) => labels['process'])
    expect(new Set(processes)).toEqual(new Set(['jobs', 'web1', 'web2']))
    for (const name of ['process_memory_bytes', 'disk_free_bytes', 'disk_size_bytes', 'database_bytes', 'sockets']) {
      expect(sum(`gitstead_${name}`), name).toBeGreaterThan(0)
    }
    expect(types.get('gitstead_event_loop_delay_seconds')).toBe('gauge')
    expect(sum('gitstead_jobs_total', { kind: 'upkeep', outcome: 'done' })).toBeGreaterThan(0)
    expect(sum('gitstead_database_write_seconds_count')).toBeGreaterThan(0)
  })

  it('do not fall when processes are replaced', async () => {
    const before = (await metrics()).sum('gitstead_requests_total', API_OK)
    const old = workersOf(site.server.process.pid ?? 0)
    site.server.process.kill('SIGHUP')
    const replaced = (): boolean => {
      const now = workersOf(site.server.process.pid ?? 0)
      return now.length === 3 && now.every((pid) => !old.includes(pid))
    }
    expect(await eventually(replaced, 60_000)).toBe(true)
    expect((await metrics()).sum('gitstead_requests_total', API_OK)).toBe(before)
  })

  it('are for an admin, or a token of theirs for nothing else', async () => {
    expect((await ada.get('/metrics')).status).toBe(200)
    expect((await fresh('/metrics')).status).toBe(401)
    expect((await fresh('/2.0/user', { Authorization: `Bearer ${token}` })).status).toBe(403)
    const made = await ada.post('/api/gitstead/1/app-passwords', {
      label: 'x',
      scopes: ['account', 'repository:admin'],
    })
    expect((await fresh('/metrics', { Authorization: `Bearer ${made.body.secret}` })).status).toBe(403)
  })
})

const named = async (id: string): Promise<string | null> =>
  (await fresh('/healthz', { 'X-Request-Id': id })).headers.get('x-request-id')

describe('an answer', () => {
  it('says which request it is, who made it and how long that took, on API, pages and failures', async () => {
    for (const path of ['/2.0/user', '/', '/2.0/nothing', '/assets/nothing', '/healthz']) {
      const { headers } = await fresh(path)
      expect(headers.get('x-request-id'), path).toMatch(/^[0-9a-f]{16}$/)
      expect(headers.get('x-served-by'), path).toMatch(/^web[12]$/)
      expect(headers.get('x-render-time'), path).toMatch(/^\d+\.\d{4}$/)
    }
  })
  it('keeps the name that the caller gave, where it is harmless', async () => {
    expect(await named('build-4711.a')).toBe('build-4711.a')
    for (const id of ['short', 'x'.repeat(65), 'with space', '{"level":60}', '-rf-all-of-it']) {
      expect(await named(id)).toMatch(/^[0-9a-f]{16}$/)
    }
  })
  it('to git carries it where something was refused', async () => {
    const answer = await fresh('/ada/nothing.git/info/refs?service=git-upload-pack', { 'X-Request-Id': 'trace-0815' })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('x-request-id')).toBe('trace-0815')
  })
  it('of /healthz needs nobody', async () => {
    expect(await client(site.server).get('/healthz')).toMatchObject({ status: 200, text: 'ok\n' })
  })
})
