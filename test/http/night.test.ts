// The nightly care: repositories are read whole and packed anew, a damaged one is told, and nothing that a push may point at goes.
import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Client } from '../helpers/client.ts'
import { commitFile, git, tryGit } from '../helpers/git.ts'
import { broken, eventually, type Seen } from '../helpers/invariant.ts'
import { addCommits, ask } from '../helpers/repos.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { quiet, rows } from '../helpers/world.ts'

const STORAGE = '/api/gitstead/1/admin/storage'
const NIGHTS = process.env['GITSTEAD_SOAK'] === undefined ? 3 : 60

let site: Site
let ada: Client
let work: string
let path: string

beforeEach(async () => {
  site = await openSite({ env: { GITSTEAD_WORKERS: '2' } })
  ;({ ada, work, path } = await makeRepository(site, 'web'))
  await git(work, ['remote', 'add', 'origin', remoteOf(site, 'web')])
  await git(work, ['push', '-q', 'origin', 'main'])
})
afterEach(() => closeSite(site))

async function night(): Promise<string> {
  const before = rows(site.server, "select id from jobs where kind = 'night'").length
  expect((await ada.post(`${STORAGE}/checks`, {})).status).toBe(202)
  const over = (): boolean =>
    rows(site.server, "select id from jobs where kind = 'night' and finished_at is not null").length > before
  expect(await eventually(over, 60_000)).toBe(true)
  return (await ada.get(STORAGE)).body.night.words
}

it('packs into one pack with a bitmap, keeps what nothing leads to, clears litter, and counts', async () => {
  for (let i = 0; i < 3; i++) {
    await commitFile(work, `file${i}`, String(i))
    await git(work, ['push', '-q', 'origin', 'main', `main:refs/heads/b${i}`, `main:refs/tags/t${i}`])
  }
  // What only a push that was given up has brought.
  const lost = await git(path, ['commit-tree', '-m', 'lost', await git(work, ['rev-parse', 'HEAD^{tree}'])])
  const stale = join(path, 'objects', 'tmp_objdir-incoming-x')
  writeFileSync(stale, 'x')
  const then = Date.now() / 1000 - 7200
  utimesSync(stale, then, then)
  // Nothing is tidied up where git is at work.
  await quiet(site.server)
  expect(await night()).toBe('1 repository: 1 whole. The database is whole.')
  const packs = readdirSync(join(path, 'objects', 'pack'))
  expect(packs.filter((name) => name.endsWith('.bitmap'))).toHaveLength(1)
  expect(packs.filter((name) => name.endsWith('.pack'))).toHaveLength(2)
  expect(packs.filter((name) => name.endsWith('.mtimes'))).toHaveLength(1)
  expect(readdirSync(join(path, 'objects'))).not.toContain('tmp_objdir-incoming-x')
  expect(await git(path, ['cat-file', '-t', lost])).toBe('commit')
  const [entry] = (await ada.get(STORAGE)).body.repositories
  expect(entry).toMatchObject({ repository: 'ada/web', verdict: 'whole', words: 'Whole, and packed anew.' })
  expect(entry.figures).toMatchObject({ packs: 2, commits: 4, branches: 4, tags: 3, kept: 0 })
  const own = await ada.get('/api/gitstead/1/repositories/ada/web/storage')
  expect([own.status, own.body.size]).toEqual([200, entry.size])
  expect(await night()).toContain('1 whole')
  expect((await ada.get(STORAGE)).body.repositories[0].words).toBe('Whole.')
  expect(await broken(site.server)).toEqual([])
})

it('tells once of a damaged repository, leaves it as it is, and looks after the others', async () => {
  const other = await makeRepository(site, 'other')
  await git(other.work, ['push', '-q', remoteOf(site, 'other'), 'main'])
  // Else the server may be writing the same file.
  await quiet(site.server)
  // Of a date that its format cannot hold, the commit-graph has a part only, which is no damage.
  addCommits(other.path, { commits: [{ date: 253_402_300_800 }], refs: { 'refs/heads/far': 0 } })
  ask(other.path, ['commit-graph', 'write', '--reachable', '--split=replace'])
  const pack = readdirSync(join(path, 'objects', 'pack')).find((name) => name.endsWith('.pack')) ?? ''
  rmSync(join(path, 'objects', 'pack', pack))
  expect(await night()).toBe('2 repositories: 1 whole, 1 damaged. The database is whole.')
  await night()
  const [first, second] = (await ada.get(STORAGE)).body.repositories
  expect([first, second]).toMatchObject([
    { repository: 'ada/web', verdict: 'damaged' },
    { repository: 'ada/other', verdict: 'whole' },
  ])
  expect(first.words).not.toContain(site.data)
  expect(rows(site.server, "select kind from events where kind = 'repo:damaged'")).toHaveLength(1)
})

it('begins at the hour that an admin sets, and one repository is looked at when asked', async () => {
  const next = async (): Promise<Date> => new Date((await ada.get(STORAGE)).body.night.next_on)
  await eventually(async () => (await ada.get(STORAGE)).body.night.next_on !== null)
  for (const night_hour of [5, 23]) {
    await ada.put('/api/gitstead/1/settings', { storage: { reserve: 'auto', night_hour } })
    expect(await eventually(async () => (await next()).getHours() === night_hour, 15_000)).toBe(true)
  }
  expect(rows(site.server, "select id from jobs where kind = 'night'")).toEqual([])
  await ada.post(`${STORAGE}/checks`, { repository: 'ada/web' })
  expect(await eventually(async () => (await ada.get(STORAGE)).body.repositories[0].verdict === 'whole')).toBe(true)
})

it(`${NIGHTS} nights while two clients push, force and fetch: no object is missing`, async () => {
  const seen: Required<Seen> = { repository: 'ada/web', acknowledged: [], refused: [], unknown: [] }
  const until = { over: false }
  const client = async (i: number): Promise<void> => {
    const clone = join(site.dir, `client${i}`)
    await git(site.dir, ['clone', '-q', remoteOf(site, 'web'), clone])
    while (!until.over) {
      writeFileSync(join(clone, 'noise'), randomBytes(50_000))
      const oid = await commitFile(clone, 'file', `${Math.random()}`)
      const ref = `refs/heads/c${i}`
      const push = await tryGit(clone, ['push', '-q', 'origin', `HEAD:${ref}`])
      expect(push).toMatchObject({ code: 0 })
      seen.acknowledged.push({ ref, oid })
      await tryGit(clone, ['push', '-q', '-f', 'origin', `HEAD~1:refs/heads/f${i}`, `HEAD:refs/heads/g${i}`])
      await tryGit(clone, ['push', '-q', '-f', 'origin', `HEAD:refs/heads/f${i}`, `HEAD~1:refs/heads/g${i}`])
      const fresh = join(site.dir, `fresh${i}`)
      expect(await tryGit(site.dir, ['clone', '-q', '--bare', remoteOf(site, 'web'), fresh])).toMatchObject({ code: 0 })
      expect((await tryGit(fresh, ['fsck', '--full', '--no-dangling'])).code).toBe(0)
      rmSync(fresh, { recursive: true })
    }
  }
  const clients = [client(0), client(1)]
  for (let i = 0; i < NIGHTS; i++) expect(await night()).not.toMatch(/damaged|failed/)
  until.over = true
  await Promise.all(clients)
  expect(seen.acknowledged.length).toBeGreaterThan(0)
  expect(await broken(site.server, [seen])).toEqual([])
}, 3_600_000)
