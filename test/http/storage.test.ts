// Disks: added, filled up to their reserve, pulled out and put back, removed. What lies elsewhere goes on meanwhile.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Client, signIn } from '../helpers/client.ts'
import { makeDisk, noDisks, type SmallDisk } from '../helpers/disk.ts'
import { commitFile, git, tryGit } from '../helpers/git.ts'
import { broken, eventually } from '../helpers/invariant.ts'
import { gitstead, remove, tempDir } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site, startAgain } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

const STORAGE = '/api/gitstead/1/admin/storage'

let site: Site
let ada: Client
let outside: string
beforeEach(() => {
  outside = tempDir('gitstead-volume-')
})
afterEach(() => remove(outside))

async function open(): Promise<void> {
  site = await openSite()
  ada = await signIn(site.server)
}

function add(path: string, name = 'Second', reserve: string | null = null) {
  return ada.post(`${STORAGE}/volumes`, { name, path, reserve })
}

function push(work: string, ...refs: string[]) {
  return tryGit(work, ['push', '-q', remoteOf(site, 'web'), ...refs])
}

function linkTo(target: string): string {
  symlinkSync(target, join(outside, 'link'))
  return join(outside, 'link')
}
function filled(name: string): string {
  mkdirSync(join(outside, 'filled'), { recursive: true })
  writeFileSync(join(outside, 'filled', name), '{}')
  return join(outside, 'filled')
}

describe('a disk is added', () => {
  // One server for all of them: what a test adds goes at its end.
  beforeAll(open)
  afterAll(() => closeSite(site))
  afterEach(async () => {
    await ada.patch(`${STORAGE}/volumes/main`, { state: 'open' })
    for (const { slug } of rows(site.server, 'select slug from repositories'))
      await ada.delete(`/2.0/repositories/ada/${String(slug)}`)
    for (const { id } of rows(site.server, "select id from volumes where id <> 'main'"))
      expect((await ada.delete(`${STORAGE}/volumes/${String(id)}`)).status).toBe(204)
  })

  it('with a folder that is made, is marked, and takes new repositories when it has most room', async () => {
    const path = join(outside, 'deep', 'disk')
    const added = await add(path)
    expect([added.status, added.body]).toMatchObject([
      201,
      { path, state: 'open', condition: 'ready', removable: true },
    ])
    expect(readdirSync(path).toSorted()).toEqual(['gitstead-volume.json', 'scratch'])
    await ada.patch(`${STORAGE}/volumes/main`, { state: 'closed' })
    const made = await makeRepository(site, 'web')
    expect(made.path.startsWith(path)).toBe(true)
    await git(made.work, ['push', '-q', remoteOf(site, 'web'), 'main'])
    const { volumes } = (await ada.get(STORAGE)).body
    expect(volumes.map((one: { repositories: number }) => one.repositories)).toEqual([0, 1])
    expect(await broken(site.server)).toEqual([])
    expect(gitstead(['doctor', '--data', site.data]).stdout).toMatch(/disk Second .* until pushes are refused/)
  })

  const FULL = 'That folder is not empty.'
  const REFUSED: Record<string, [() => string, RegExp]> = {
    'a relative path': [() => 'disk', /whole path/],
    'the root': [() => '/', /root of the whole file system/],
    'a path with a NUL': [() => `${outside}/a\0b`, /whole path/],
    'the data folder': [() => site.data, /data folder/],
    'a folder in the data folder': [() => join(site.data, 'git', 'new'), /belongs to the data/],
    'a folder around the data folder': [() => join(site.data, '..'), /lies in that folder/],
    'a folder in the main volume': [() => join(site.data, 'volumes', 'main', 'aa'), /lie within each other/],
    'a link into the data folder': [() => linkTo(site.data), /data folder/],
    'a folder that is not empty': [() => filled('file'), new RegExp(FULL)],
    'a file': [() => join(filled('file'), 'file'), /file stands in the way/],
    'a disk of another Gitstead': [() => filled('gitstead-volume.json'), /a Gitstead already/],
    'a place where nothing can be made': [() => '/proc/disk', /Nothing can be made there/],
  }
  it('but not anywhere, and a refusal leaves nothing behind', async () => {
    for (const [what, [path, words]] of Object.entries(REFUSED)) {
      const answer = await add(path())
      expect([what, answer.status], answer.text).toEqual([what, 400])
      expect(answer.body.error.fields.path?.[0], what).toMatch(words)
    }
    expect(existsSync(join(site.data, 'git', 'new'))).toBe(false)
    expect(readdirSync(join(outside, 'filled'))).not.toContain('scratch')
    expect(rows(site.server, 'select id from volumes')).toEqual([{ id: 'main' }])
  })

  it('once: neither the same folder, nor one inside, nor one of the same name', async () => {
    await add(outside)
    expect((await add(outside, 'Third')).status).toBe(400)
    expect((await add(join(outside, 'scratch'), 'Third')).status).toBe(400)
    expect((await add(join(tempDir(), 'x'), 'SECOND')).body.error.fields.name).toEqual(['Another disk has this name.'])
  })

  it('by two admins at once: one of them is told', async () => {
    const answers = await Promise.all([add(outside, 'One'), add(outside, 'Two'), add(outside, 'Three')])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 400, 400])
  })

  it('and is renamed, closed, and removed when it is empty, not before', async () => {
    const [{ last } = { last: 0 }] = rows(site.server, 'select max(id) as last from events')
    const { id } = (await add(outside)).body
    await ada.patch(`${STORAGE}/volumes/main`, { state: 'closed' })
    await makeRepository(site, 'last')
    const changed = await ada.patch(`${STORAGE}/volumes/${id}`, { name: 'Big', state: 'closed', reserve: '1 GB' })
    expect(changed.body).toMatchObject({ name: 'Big', state: 'closed', own_reserve: '1 GB', reserve: 1024 ** 3 })
    expect((await ada.patch(`${STORAGE}/volumes/${id}`, { reserve: '1 bit' })).status).toBe(400)
    const nowhere = await ada.post('/2.0/repositories/ada/other')
    expect([nowhere.status, nowhere.body.error.message]).toMatchObject([
      503,
      expect.stringContaining('An admin can open one'),
    ])
    const refused = await ada.delete(`${STORAGE}/volumes/${id}`)
    expect([refused.status, refused.body.error.detail]).toMatchObject([409, expect.stringContaining('Move them')])
    expect((await ada.delete(`${STORAGE}/volumes/main`)).status).toBe(409)
    await ada.delete('/2.0/repositories/ada/last')
    expect((await ada.delete(`${STORAGE}/volumes/${id}`)).status).toBe(204)
    expect(existsSync(join(outside, 'gitstead-volume.json'))).toBe(false)
    const kinds = rows(site.server, "select kind from events where kind like 'volume:%' and id > ?", last)
    expect(kinds).toEqual(['added', 'changed', 'changed', 'removed'].map((kind) => ({ kind: `volume:${kind}` })))
  })
})

describe.skipIf(noDisks !== undefined)(
  `with a disk of its own${noDisks === undefined ? '' : ` (skipped: ${noDisks})`}`,
  () => {
    let disk: SmallDisk
    let volume: string
    beforeEach(async () => {
      await open()
      disk = makeDisk(24)
      volume = (await add(disk.path, 'Stick')).body.id
      await ada.patch(`${STORAGE}/volumes/main`, { state: 'closed' })
    })
    afterEach(async () => {
      await site.server.stop('SIGKILL')
      disk.remove()
      await closeSite(site)
    })

    it('which is pulled out: its repositories say so, others go on, a start too, and nothing is written in its place', async () => {
      const { work } = await makeRepository(site, 'web')
      expect((await push(work, 'main')).code).toBe(0)
      await ada.patch(`${STORAGE}/volumes/main`, { state: 'open' })
      await ada.patch(`${STORAGE}/volumes/${volume}`, { state: 'closed' })
      const other = await makeRepository(site, 'other')
      disk.unmount()
      const missing = /The disk Stick is not connected/
      await eventually(async () => (await ada.get(STORAGE)).body.volumes[1].condition === 'missing')
      const page = await ada.get('/2.0/repositories/ada/web/commits')
      expect([page.status, page.body.error.message]).toMatchObject([503, expect.stringMatching(missing)])
      expect((await ada.get('/2.0/repositories/ada/web')).status).toBe(200)
      await commitFile(work, 'more', 'more')
      for (const args of [
        ['fetch', '-q', remoteOf(site, 'web')],
        ['push', '-q', remoteOf(site, 'web'), 'main'],
      ]) {
        const { code, stderr } = await tryGit(work, args)
        expect([args[0], code !== 0, stderr]).toEqual([args[0], true, expect.stringMatching(missing)])
      }
      expect((await tryGit(other.work, ['push', '-q', remoteOf(site, 'other'), 'main'])).code).toBe(0)
      expect(gitstead(['doctor', '--data', site.data]).stdout).toMatch(/BAD  disk Stick .* is not there/)
      await site.server.stop('SIGKILL')
      await startAgain(site)
      ada = await signIn(site.server)
      expect((await tryGit(other.work, ['ls-remote', remoteOf(site, 'other')])).code).toBe(0)
      expect(readdirSync(disk.path)).toEqual([])
      disk.mount()
      await eventually(async () => (await push(work, 'main')).code === 0)
      expect((await ada.get('/2.0/repositories/ada/web/commits')).body.values).toHaveLength(2)
      expect(await broken(site.server)).toEqual([])
    })

    it('which fills up to its reserve: nothing new comes in, reading and deleting go on, and room makes it work again', async () => {
      const { work } = await makeRepository(site, 'web')
      expect((await push(work, 'main', 'main:refs/heads/topic')).code).toBe(0)
      const before = await git(work, ['rev-parse', 'HEAD'])
      await commitFile(work, 'more', 'more')
      writeFileSync(join(disk.path, 'ballast'), Buffer.alloc(16 * 1024 ** 2))
      await ada.patch(`${STORAGE}/volumes/${volume}`, { reserve: '10 MB' })
      await eventually(async () => (await ada.get(STORAGE)).body.volumes[1].condition === 'full')
      const full = /The disk of this server is nearly full; nothing was stored/
      const refused = await push(work, 'main')
      expect([refused.code !== 0, refused.stderr]).toEqual([true, expect.stringMatching(full)])
      for (const answer of [
        await ada.post('/2.0/repositories/ada/new'),
        await ada.post('/2.0/repositories/ada/web/refs/branches', { name: 'more', target: { hash: before } }),
      ])
        expect([answer.status, answer.body.error.message]).toMatchObject([507, expect.stringMatching(full)])
      expect((await tryGit(work, ['fetch', '-q', remoteOf(site, 'web'), 'main'])).code).toBe(0)
      expect((await push(work, ':refs/heads/topic')).code).toBe(0)
      await ada.patch(`${STORAGE}/volumes/${volume}`, { reserve: '1 MB' })
      expect((await push(work, 'main')).code).toBe(0)
      expect(await broken(site.server)).toEqual([])
    })

    it('which fills up while a push comes in: the push ends with words, and nothing of it stays', async () => {
      const { work, path } = await makeRepository(site, 'web')
      expect((await push(work, 'main')).code).toBe(0)
      await ada.patch(`${STORAGE}/volumes/${volume}`, { reserve: '4 MB' })
      for (let i = 0; i < 8; i++) writeFileSync(join(work, `noise${i}`), randomBytes(4 * 1024 ** 2))
      for (const key of ['core.compression', 'pack.window']) await git(work, ['config', key, '0'])
      await git(work, ['add', '.'])
      await git(work, ['commit', '-q', '-m', 'noise'])
      const { code, stderr } = await push(work, 'main')
      expect([code !== 0, stderr]).toEqual([true, expect.stringMatching(/nearly full|No space left on device/)])
      expect(await eventually(() => readdirSync(join(path, 'objects')).every((name) => !name.startsWith('tmp_')))).toBe(
        true,
      )
      await git(work, ['reset', '-q', '--hard', 'HEAD^'])
      await commitFile(work, 'small', 'small')
      expect((await push(work, 'main')).code).toBe(0)
      expect(await broken(site.server)).toEqual([])
    })

    it('which can only be read for a while: reading goes on, pushes are refused in words', async () => {
      const { work } = await makeRepository(site, 'web')
      expect((await push(work, 'main')).code).toBe(0)
      await commitFile(work, 'more', 'more')
      disk.readOnly(true)
      await eventually(async () => (await ada.get(STORAGE)).body.volumes[1].condition === 'read-only')
      const { code, stderr } = await push(work, 'main')
      expect([code !== 0, stderr]).toEqual([true, expect.stringMatching(/The disk Stick .* can only be read now/)])
      expect((await ada.get('/2.0/repositories/ada/web/commits')).body.values).toHaveLength(1)
      expect((await tryGit(work, ['fetch', '-q', remoteOf(site, 'web'), 'main'])).code).toBe(0)
      await sleep(500)
      disk.readOnly(false)
      await eventually(async () => (await ada.get(STORAGE)).body.volumes[1].condition === 'ready')
      expect((await push(work, 'main')).code).toBe(0)
      expect(await broken(site.server)).toEqual([])
    })
  },
)
