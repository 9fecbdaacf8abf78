// What pushes overwrite and delete: listed, put back, and removed for good, so that no way in leads to it any more.
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, teammate } from '../helpers/client.ts'
import { commitFile, git, tryGit } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

let site: Site
let ada: Client
let will: Client
let rita: Client
let work: string
let path: string
const OWN = '/api/gitstead/1/repositories/ada/shop'

beforeAll(async () => {
  site = await openSite()
  ;({ work, path, ada } = await makeRepository(site, 'shop'))
  const repository = 'ada/shop'
  will = await teammate(site.server, ada, { name: 'will', grants: [{ repository, permission: 'write' }] })
  rita = await teammate(site.server, ada, { name: 'rita', grants: [{ repository, permission: 'read' }] })
  await git(work, ['remote', 'add', 'origin', remoteOf(site, 'shop')])
  await git(work, ['push', '-q', 'origin', 'main'])
})
afterAll(() => closeSite(site))

/** Overwritten on main; the commit holds a file of its own, which must go with it. */
async function overwrite(name: string): Promise<string> {
  const base = await git(work, ['rev-parse', 'HEAD'])
  const oid = await commitFile(work, name, `secret of ${name} ${'x'.repeat(500)}\n`)
  await git(work, ['push', '-q', 'origin', 'main'])
  await git(work, ['reset', '-q', '--hard', base])
  await git(work, ['push', '-q', '--force', 'origin', 'main'])
  return oid
}

async function deleted(branch: string): Promise<string> {
  await git(work, ['checkout', '-q', '-b', branch])
  const oid = await commitFile(work, `${branch}.txt`, `secret of ${branch}\n`)
  await git(work, ['push', '-q', 'origin', branch])
  await git(work, ['checkout', '-q', 'main'])
  await git(work, ['push', '-q', 'origin', `:${branch}`])
  return oid
}

interface Tip {
  id: string
  ref: string
  hash: string
}

async function kept(): Promise<Tip[]> {
  return (await ada.get(`${OWN}/kept?pagelen=100`)).body.values
}

async function idOf(hash: string): Promise<string> {
  return (await kept()).find((tip) => tip.hash === hash)?.id ?? ''
}

async function purge(wanted: unknown): Promise<{ state: string; progress: string }> {
  const asked = await ada.post(`${OWN}/purges`, { confirm: 'ada/shop', kept: wanted })
  expect(asked.status, asked.text).toBe(202)
  return ended(asked.body.id)
}

async function ended(id: string): Promise<{ state: string; progress: string }> {
  let job = { id, state: '', progress: '' }
  const over = await eventually(async () => {
    const { body } = await ada.get(`${OWN}/purges`)
    job = body.values.find((one: { id: string }) => one.id === id)
    return job.state === 'done' || job.state === 'failed'
  }, 60_000)
  expect(over, job.progress).toBe(true)
  return job
}

async function isThere(oid: string): Promise<boolean> {
  return (await tryGit(path, ['cat-file', '-e', oid])).code === 0
}

let fetches = 0
/** As a stranger to the object: into a repository that has nothing. */
async function fetchOid(oid: string): Promise<number | null> {
  const to = join(site.dir, `fetch${fetches++}`)
  await git(site.dir, ['init', '-q', to])
  return (await tryGit(to, ['fetch', '-q', remoteOf(site, 'shop'), oid])).code
}

it('lists what was overwritten and deleted, newest first, with who and what, page by page', async () => {
  const one = await overwrite('one.txt')
  const two = await deleted('topic/two')
  const { status, body } = await will.get(`${OWN}/kept?pagelen=1`)
  expect([status, body.size]).toEqual([200, 2])
  expect(body.values).toMatchObject([
    {
      ref: 'refs/heads/topic/two',
      hash: two,
      commit: two,
      subject: 'Change topic/two.txt',
      by: { username: 'ada' },
      how: 'deleted',
      is_free: true,
    },
  ])
  const next = await will.get(`${OWN}/kept?pagelen=1&page=2`)
  expect(next.body.values).toMatchObject([{ ref: 'refs/heads/main', hash: one, how: 'overwritten', is_free: false }])
  expect(Date.parse(next.body.values[0].kept_on)).toBeGreaterThan(0)
  expect((await rita.get(`${OWN}/kept`)).status).toBe(403)
})

it('says in words why something cannot be restored', async () => {
  const main = (await kept()).find(({ ref }) => ref === 'refs/heads/main')?.id
  const taken = await will.post(`${OWN}/kept/restore`, { id: main })
  expect([taken.status, taken.body.error.detail]).toEqual([
    409,
    'main exists already. Give the restored branch another name.',
  ])
  const blocked = await will.post(`${OWN}/kept/restore`, { id: main, name: 'main/under' })
  expect([blocked.status, blocked.body.error.fields.name[0]]).toEqual([
    400,
    'A branch or tag of which this is a part of the name stands in the way.',
  ])
  for (const name of ['-x', 'a..b', 'a b'])
    expect((await will.post(`${OWN}/kept/restore`, { id: main, name })).status).toBe(400)
  const unknown = await will.post(`${OWN}/kept/restore`, { id: '20200101T000000000Z-x/heads/main' })
  expect([unknown.status, unknown.body.error.detail]).toEqual([
    409,
    'This is no longer kept: it was restored or removed in the meantime.',
  ])
  expect((await rita.post(`${OWN}/kept/restore`, { id: main })).status).toBe(403)
  expect(await kept()).toHaveLength(2)
})

it('puts a deleted branch back, and an overwritten one beside the one that replaced it', async () => {
  const [two, one] = await kept()
  const back = await will.post(`${OWN}/kept/restore`, { id: two?.id })
  expect([back.status, back.body]).toEqual([201, { ref: 'refs/heads/topic/two', hash: two?.hash }])
  const beside = await will.post(`${OWN}/kept/restore`, { id: one?.id, name: 'rescued/main' })
  expect([beside.status, beside.body.ref]).toEqual([201, 'refs/heads/rescued/main'])
  const refs = await git(work, ['ls-remote', 'origin'])
  expect(refs).toContain(`${two?.hash}\trefs/heads/topic/two`)
  expect(refs).toContain(`${one?.hash}\trefs/heads/rescued/main`)
  expect(await kept()).toEqual([])
  const events = rows(site.server, "select data from events where kind = 'repo:restored' order by id")
  expect(events.map(({ data }) => JSON.parse(String(data)).ref)).toEqual([
    'refs/heads/topic/two',
    'refs/heads/rescued/main',
  ])
})

it('puts an annotated tag back as it was', async () => {
  await git(work, ['tag', '-a', '-m', 'first', 'v1'])
  const tag = await git(work, ['rev-parse', 'v1'])
  await git(work, ['push', '-q', 'origin', 'v1'])
  await git(work, ['push', '-q', 'origin', ':v1'])
  const [tip] = await kept()
  expect(tip).toMatchObject({ ref: 'refs/tags/v1', hash: tag, subject: 'Change README.md' })
  expect((await will.post(`${OWN}/kept/restore`, { id: tip?.id })).body).toEqual({ ref: 'refs/tags/v1', hash: tag })
  expect(await git(work, ['ls-remote', 'origin', 'refs/tags/v1'])).toContain(tag)
})

it('purges only for an admin who typed the name', async () => {
  const oid = await overwrite('typed.txt')
  expect((await will.post(`${OWN}/purges`, { confirm: 'ada/shop', kept: 'all' })).status).toBe(403)
  expect((await will.get(`${OWN}/purges`)).status).toBe(403)
  const untyped = await ada.post(`${OWN}/purges`, { confirm: 'shop', kept: 'all' })
  expect([untyped.status, untyped.body.error.fields.confirm]).toEqual([400, ['Type ada/shop to confirm.']])
  const unknown = await ada.post(`${OWN}/purges`, { confirm: 'ada/shop', kept: ['20200101T000000000Z-x/heads/a'] })
  expect(unknown.status).toBe(409)
  expect(await isThere(oid)).toBe(true)
  expect(rows(site.server, "select id from events where kind like 'repo:purge%'")).toEqual([])
})

it('removes chosen tips for good: from git, from the pages, from ready answers and from the disk', async () => {
  const gone = await overwrite('gone.txt')
  const stays = await overwrite('stays.txt')
  const blob = await git(work, ['rev-parse', `${gone}:gone.txt`])
  const at = `/2.0/repositories/ada/shop/commit/${gone}`
  expect((await ada.get(at)).status).toBe(200)
  // Twice and once more: a ready answer is kept from the second on.
  expect([await fetchOid(gone), await fetchOid(gone), await fetchOid(gone)]).toEqual([0, 0, 0])
  expect(readdirSync(join(site.data, 'cache', 'packs'), { recursive: true }).length).toBeGreaterThan(0)

  const job = await purge([await idOf(gone)])
  expect(job.state).toBe('done')
  expect(job.progress).toMatch(/^1 tip removed for good, .* freed\.$/)
  expect([await isThere(gone), await isThere(blob), await isThere(stays)]).toEqual([false, false, true])
  // Every process that serves hears of it, soon.
  expect(await eventually(async () => (await ada.get(at)).status === 404)).toBe(true)
  expect(await eventually(async () => (await fetchOid(gone)) !== 0)).toBe(true)
  expect((await ada.get(`/2.0/repositories/ada/shop/src/${gone}/gone.txt`)).status).toBe(404)
  expect((await ada.get(`/2.0/repositories/ada/shop/diff/${gone}`)).status).toBe(404)
  expect(await fetchOid(stays)).toBe(0)
  expect((await kept()).map(({ hash }) => hash)).toContain(stays)
  await git(path, ['fsck', '--full', '--strict'])
  const [asked, done] = rows(site.server, "select kind, data from events where kind like 'repo:purge%' order by id")
  expect([asked?.['kind'], done?.['kind']]).toEqual(['repo:purge', 'repo:purged'])
  expect(String(asked?.['data'])).toContain(gone)
})

it('tells when a branch still leads to what was given up', async () => {
  const oid = await overwrite('held.txt')
  await ada.post('/2.0/repositories/ada/shop/refs/branches', { name: 'holds', target: { hash: oid } })
  const job = await purge([await idOf(oid)])
  expect(job.progress).toContain('One of them stays on the server')
  expect(await isThere(oid)).toBe(true)
})

it('removes all, single objects and the marks of dead pushes included, and new clones are whole', async () => {
  const oid = await overwrite('all.txt')
  const loose = await git(path, ['hash-object', '-w', join(work, 'README.md')])
  const single = await git(work, ['hash-object', join(work, '.git', 'config')])
  await git(path, ['hash-object', '-w', join(work, '.git', 'config')])
  const pack = readdirSync(join(path, 'objects/pack')).find((name) => name.endsWith('.pack')) ?? ''
  const mark = join(path, 'objects/pack', pack.replace(/pack$/, 'keep'))
  writeFileSync(mark, 'receive-pack 1 on host\n')
  const job = await purge('all')
  expect(job.state).toBe('done')
  expect(await kept()).toEqual([])
  expect([await isThere(oid), await isThere(single), await isThere(loose)]).toEqual([false, false, true])
  expect(existsSync(mark)).toBe(false)
  const clone = join(site.dir, 'clone')
  await git(site.dir, ['clone', '-q', remoteOf(site, 'shop'), clone])
  expect((await tryGit(clone, ['cat-file', '-e', oid])).code).not.toBe(0)
  await git(clone, ['fsck', '--full', '--strict'])
  await git(path, ['fsck', '--full', '--strict'])
  await git(path, ['commit-graph', 'verify'])
  expect(await git(path, ['fsck', '--unreachable', '--no-reflogs'])).toBe('')
})

it('begins when no announced push is left, and lets pushes and restores wait until it is done', async () => {
  const oid = await overwrite('waits.txt')
  const other = await deleted('topic/other')
  const before = Number(rows(site.server, 'select max(id) as id from pushes')[0]?.['id'])
  // As a push that is under way writes it.
  database(`insert into pushes (repository_id, actor_id, state, commands, changes, atomic, certificate, address, created_at)
    select repository_id, actor_id, 'pending', '[]', '[]', 0, null, '', created_at from pushes where id = ${before}`)
  const asked = await ada.post(`${OWN}/purges`, { confirm: 'ada/shop', kept: [await idOf(oid)] })
  const state = () => rows(site.server, 'select state from jobs where id = ?', Number(asked.body.id))[0]?.['state']
  expect(await eventually(() => state() === 'running')).toBe(true)
  const again = await ada.post(`${OWN}/purges`, { confirm: 'ada/shop', kept: 'all' })
  expect([again.status, again.body.error.detail]).toEqual([
    409,
    'A purge of this repository is under way already. Wait until it is done.',
  ])
  const order: string[] = []
  const note = async (what: string, work: Promise<unknown>): Promise<void> => void (await work, order.push(what))
  const late = await commitFile(work, 'late.txt', 'late\n')
  const all = [
    note('push', git(work, ['push', '-q', 'origin', 'HEAD:refs/heads/late'])),
    note('restore', ada.post(`${OWN}/kept/restore`, { id: await idOf(other) })),
  ]
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect([order, state(), await isThere(oid)]).toEqual([[], 'running', true])
  database(`update pushes set state = 'void' where state = 'pending' and id > ${before}`)
  expect((await ended(asked.body.id)).state).toBe('done')
  await Promise.all(all)
  expect([await isThere(oid), await isThere(late), await isThere(other)]).toEqual([false, true, true])
  const refs = await git(work, ['ls-remote', 'origin'])
  expect(refs).toContain(`${late}\trefs/heads/late`)
  expect(refs).toContain(`${other}\trefs/heads/topic/other`)
  await git(work, ['reset', '-q', '--hard', 'HEAD~1'])
}, 60_000)

function database(sql: string): void {
  const db = new Database(join(site.data, 'gitstead.db'))
  try {
    db.exec(sql)
  } finally {
    db.close()
  }
}

it('loses nothing of pushes, deletions and restores that come in the middle of purges', async () => {
  const clone = await cloned('busy')
  const pushed: string[] = []
  const lost: string[] = []
  const push = async (): Promise<void> => {
    for (let i = 0; i < 12; i++) {
      const oid = await commitFile(clone, 'busy.txt', `${i}\n`)
      await git(clone, ['push', '-q', 'origin', `HEAD:refs/heads/busy/${i}`])
      pushed.push(oid)
      if (i % 3 > 0) continue
      await git(clone, ['push', '-q', 'origin', `:refs/heads/busy/${i}`])
      lost.push(oid)
      // The last commit is on no branch any more, so the next one leads to objects that only the list keeps.
      if (i % 2 === 0) await will.post(`${OWN}/kept/restore`, { id: await idOf(oid), name: `back/${i}` })
    }
  }
  const chosen: string[] = []
  const purges = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      const oid = await madeAndDeleted(i)
      expect((await purge([await idOf(oid)])).state).toBe('done')
      chosen.push(oid)
    }
  }
  await Promise.all([push(), purges()])
  for (const oid of chosen) expect(await isThere(oid), oid).toBe(false)
  for (const oid of pushed) expect(await isThere(oid), oid).toBe(true)
  const names = [...(await kept()).map(({ hash }) => hash), await git(clone, ['ls-remote', 'origin'])].join(' ')
  for (const oid of lost) expect(names).toContain(oid)
  await git(path, ['fsck', '--full', '--strict'])
}, 120_000)

async function cloned(name: string): Promise<string> {
  const dir = join(site.dir, name)
  await git(site.dir, ['clone', '-q', remoteOf(site, 'shop'), dir])
  return dir
}

/** A branch of one commit that no other leads to, and gone again. */
async function madeAndDeleted(i: number): Promise<string> {
  const dir = await cloned(`made${i}`)
  const oid = await commitFile(dir, `made${i}.txt`, `${i}\n`)
  await git(dir, ['push', '-q', 'origin', `HEAD:refs/heads/made/${i}`])
  await git(dir, ['push', '-q', 'origin', `:refs/heads/made/${i}`])
  return oid
}
