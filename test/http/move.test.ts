// A repository is moved to another disk while people push and fetch: nothing is lost, nothing is left half, and what was
// there before can be put back.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Client, signIn } from '../helpers/client.ts'
import { commitFile, git, tryGit } from '../helpers/git.ts'
import { broken, eventually, findPath, refsOf, type Seen } from '../helpers/invariant.ts'
import { hook } from '../helpers/program.ts'
import { remove, tempDir } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site, startAgain } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

const STORAGE = '/api/gitstead/1/admin/storage'
const KILLS = process.env['GITSTEAD_SOAK'] === undefined ? 2 : 60
const LONG = 3_600_000

let site: Site
let ada: Client
let outside: string
let disk: string
/** The repository of one test: its name, its folder's name, and a work tree. */
let name: string
let folder: string
let work: string
let made = 0

/** One server for the tests of a group, a repository for each: a test looks at nothing but its own. */
function withSite(env: Record<string, string>): void {
  beforeAll(async () => {
    site = await openSite({ env })
    outside = tempDir('gitstead-volume-')
    ada = await signIn(site.server)
    disk = (await ada.post(`${STORAGE}/volumes`, { name: 'Second', path: outside })).body.id
  })
  afterAll(async () => {
    await closeSite(site)
    remove(outside)
  })
  beforeEach(async () => {
    name = `web${++made}`
    // New ones come to the disk that has most room: these begin on the main one.
    await ada.patch(`${STORAGE}/volumes/${disk}`, { state: 'closed' })
    const one = await makeRepository(site, name)
    await ada.patch(`${STORAGE}/volumes/${disk}`, { state: 'open' })
    folder = basename(one.path)
    work = one.work
    await git(work, ['remote', 'add', 'origin', remoteOf(site, name)])
    await git(work, ['push', '-q', 'origin', 'main'])
  })
}

function askMove(volume = disk) {
  return ada.post(`${STORAGE}/moves`, { repository: `ada/${name}`, volume })
}

function volumeNow(): string {
  const found = rows(site.server, 'select volume from repositories where id = ?', folder.replace('.git', ''))
  return (found as { volume: string }[])[0]?.volume ?? ''
}

interface Listed {
  old_copies: { id: number; repository: string; volume: string }[]
  moves: { job: number; repository: string; state: string }[]
  volumes: { removable: boolean }[]
}

/** What the page of disks tells of this repository. */
async function listed(): Promise<Listed> {
  const { old_copies, moves, volumes } = (await ada.get(STORAGE)).body as Listed
  const isOwn = ({ repository }: { repository: string }): boolean => repository === `ada/${name}`
  return { old_copies: old_copies.filter(isOwn), moves: moves.filter(isOwn), volumes }
}

function lastMove(): { state: string; error: string | null; progress: string } {
  const found = rows(
    site.server,
    "select state, error, progress from jobs where kind = 'move' order by id desc limit 1",
  )
  return found[0] as { state: string; error: string | null; progress: string }
}

async function moved(volume = disk): Promise<void> {
  expect(await askMove(volume)).toMatchObject({ status: 202 })
  await eventually(() => !['waiting', 'running'].includes(lastMove().state), 60_000)
  expect([lastMove(), volumeNow()]).toMatchObject([{ state: 'done' }, volume])
}

/** Folders of this repository on both disks. */
function copies(): string[] {
  return [join(site.data, 'volumes', 'main'), outside].flatMap((root) =>
    readdirSync(root)
      .filter((name) => /^[0-9a-f]{2}$/.test(name))
      .flatMap((name) => readdirSync(join(root, name)).map((one) => join(root, name, one)))
      .filter((path) => basename(path) === folder),
  )
}

function scratches(): string[] {
  return [join(site.data, 'volumes', 'main'), outside].flatMap((root) => readdirSync(join(root, 'scratch')))
}

/** Pushes one commit after the other to a branch of its own until it is told to stop, or the server is gone. */
async function pushOn(clone: string, seen: Required<Seen>, until: { over: boolean }): Promise<void> {
  const ref = `refs/heads/${clone.split('/').at(-1)}`
  while (!until.over) {
    const oid = await commitFile(clone, 'file', `${Math.random()}`)
    const { code } = await tryGit(clone, ['push', '-q', remoteOf(site, name), `HEAD:${ref}`])
    if (code !== 0) return void seen.unknown.push([{ ref, oid }])
    seen.acknowledged.push({ ref, oid })
  }
}

async function clones(count: number): Promise<string[]> {
  const all = Array.from({ length: count }, (_, i) => join(site.dir, `${name}-client${i}`))
  for (const one of all) await git(site.dir, ['clone', '-q', remoteOf(site, name), one])
  return all
}

describe('a move while people push', () => {
  withSite({ GITSTEAD_WORKERS: '2' })

  it('goes on while three clients push: none of their pushes fails or is lost', async () => {
    const seen: Required<Seen> = { repository: `ada/${name}`, acknowledged: [], refused: [], unknown: [] }
    const until = { over: false }
    const pushing = (await clones(3)).map((one) => pushOn(one, seen, until))
    await eventually(() => seen.acknowledged.length > 3)
    for (const to of [disk, 'main', disk]) {
      await moved(to)
      const before = seen.acknowledged.length
      await eventually(() => seen.acknowledged.length > before + 3)
    }
    until.over = true
    await Promise.all(pushing)
    expect(seen.unknown).toEqual([])
    expect(await broken(site.server, [seen])).toEqual([])
    expect(scratches()).toEqual([])
  })

  it('waits for a push that is under way, and lets others in meanwhile', async () => {
    const [reached, go] = [join(site.dir, 'reached'), join(site.dir, 'go')]
    hook(site.data, 'pre-receive', `touch '${reached}'; while [ ! -e '${go}' ]; do sleep 0.05; done`)
    await commitFile(work, 'slow', 'slow')
    const slow = tryGit(work, ['push', '-q', 'origin', 'main'])
    await eventually(() => existsSync(reached))
    rmSync(join(site.data, 'git', 'hooks', 'pre-receive'))
    await askMove()
    await eventually(() => lastMove().progress.startsWith('Waiting'), 20_000)
    const [one = ''] = await clones(1)
    await commitFile(one, 'quick', 'quick')
    expect((await tryGit(one, ['push', '-q', 'origin', 'HEAD:quick'])).code).toBe(0)
    expect(volumeNow()).toBe('main')
    writeFileSync(go, '')
    expect((await slow).code).toBe(0)
    expect(await eventually(() => volumeNow() === disk, 40_000)).toBe(true)
    expect([...(await refsOf(findPath(site.data, `ada/${name}`))).keys()]).toEqual([
      'refs/heads/main',
      'refs/heads/quick',
    ])
    expect(await broken(site.server)).toEqual([])
  })

  it('that is cancelled leaves nothing behind', async () => {
    hook(site.data, 'pre-receive', 'sleep 3')
    await commitFile(work, 'slow', 'slow')
    const slow = tryGit(work, ['push', '-q', 'origin', 'main'])
    await sleep(300)
    await askMove()
    await eventually(() => lastMove().progress.startsWith('Waiting'), 20_000)
    const [move] = (await listed()).moves
    expect((await ada.post(`/api/gitstead/1/admin/jobs/${move?.job}/cancel`)).status).toBe(204)
    expect((await slow).code).toBe(0)
    rmSync(join(site.data, 'git', 'hooks', 'pre-receive'))
    expect(await eventually(() => scratches().length === 0)).toBe(true)
    expect([lastMove().state, volumeNow(), copies().length]).toEqual(['cancelled', 'main', 1])
    expect(await broken(site.server)).toEqual([])
  })

  it(
    `kill -9 at ${KILLS} random moments of a move while two clients push: the old or the new, whole, and nothing else`,
    async () => {
      const seen: Required<Seen> = { repository: `ada/${name}`, acknowledged: [], refused: [], unknown: [] }
      const works = await clones(2)
      let switches = 0
      for (let round = 0; round < KILLS; round++) {
        seen.unknown = []
        const before = volumeNow()
        expect((await askMove(before === 'main' ? disk : 'main')).status).toBe(202)
        const until = { over: false }
        const pushing = works.map((one) => pushOn(one, seen, until))
        const delay = 200 + Math.random() * 2500
        await sleep(delay)
        await site.server.stop('SIGKILL')
        until.over = true
        await Promise.all(pushing)
        await startAgain(site)
        ada = await signIn(site.server)
        if (volumeNow() !== before) switches++
        for (const { job, state } of (await listed()).moves)
          if (state !== 'done') await ada.post(`/api/gitstead/1/admin/jobs/${job}/cancel`)
        expect(await broken(site.server, [seen]), `round ${round}, killed after ${delay.toFixed(0)} ms`).toEqual([])
        await sleep(100)
        expect(await eventually(() => scratches().length === 0, 15_000)).toBe(true)
        const known = (await listed()).old_copies.length + 1
        expect(copies().length === known || strays(known)).toBe(true)
        expect((await tryGit(works[0] ?? '', ['fetch', '-q', remoteOf(site, name)])).code).toBe(0)
      }
      console.log(
        `${switches} of ${KILLS} moves were switched before the end, ${seen.acknowledged.length} pushes acknowledged`,
      )
    },
    LONG,
  )
})

describe('a move', () => {
  withSite({})

  it('takes all refs along, kept ones and HEAD too, and leaves a copy that is shown', async () => {
    const refs = ['heads/topic', 'heads/trunk', 'tags/one'].map((ref) => `main:refs/${ref}`)
    await git(work, ['push', '-q', 'origin', ...refs])
    await git(work, ['push', '-q', 'origin', ':refs/heads/topic'])
    await ada.put(`/2.0/repositories/ada/${name}`, { mainbranch: { name: 'trunk' } })
    const before = await git(findPath(site.data, `ada/${name}`), ['for-each-ref'])
    await moved()
    const path = findPath(site.data, `ada/${name}`)
    expect(path.startsWith(outside)).toBe(true)
    expect(await git(path, ['for-each-ref'])).toBe(before)
    expect(before).toContain('refs/gitstead/kept/')
    expect(await git(path, ['symbolic-ref', 'HEAD'])).toBe('refs/heads/trunk')
    const { old_copies, moves, volumes } = await listed()
    expect(old_copies).toMatchObject([{ volume: 'Main', pushes_since: 0 }])
    expect(moves).toMatchObject([{ from: 'Main', to: 'Second', state: 'done' }])
    expect(volumes.map(({ removable }) => removable)).toEqual([false, false])
    await commitFile(work, 'after', 'after')
    await git(work, ['push', '-q', 'origin', 'main'])
    await git(site.dir, ['clone', '-q', remoteOf(site, name), 'again'])
    expect((await listed()).old_copies).toMatchObject([{ pushes_since: 1 }])
    expect(await broken(site.server)).toEqual([])
    await moved('main')
    expect(copies()).toHaveLength(2)
  })

  it('of a damaged repository ends with words, and leaves it where it is', async () => {
    const path = findPath(site.data, `ada/${name}`)
    const pack = readdirSync(join(path, 'objects', 'pack')).find((name) => name.endsWith('.pack')) ?? ''
    rmSync(join(path, 'objects', 'pack', pack))
    await askMove()
    await eventually(() => lastMove().state === 'failed', 20_000)
    expect(lastMove().error).toMatch(/damaged and stays where it is/)
    expect([volumeNow(), copies(), scratches()]).toEqual(['main', [path], []])
    // The others that share the server are looked at whole.
    await ada.delete(`/2.0/repositories/ada/${name}`)
  })

  it('is refused to a place where the repository is, that is not there, or twice at once', async () => {
    expect((await askMove('main')).body.error.fields.volume).toEqual(['The repository lies on this disk already.'])
    expect((await askMove('nowhere')).status).toBe(400)
    const asked = await Promise.all([askMove(), askMove(), askMove()])
    expect(asked.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409, 409])
    await eventually(() => lastMove().state === 'done', 30_000)
  })
})

describe('the copy that a move leaves', () => {
  withSite({})

  it('is put back when its name is typed, and what was pushed since is put aside', async () => {
    const first = await git(work, ['rev-parse', 'HEAD'])
    await moved()
    const second = await commitFile(work, 'later', 'later')
    await git(work, ['push', '-q', 'origin', 'main'])
    const [copy] = (await listed()).old_copies
    const path = `${STORAGE}/copies/${copy?.id}/restore`
    expect((await ada.post(path, { confirm: 'ada' })).status).toBe(400)
    expect((await ada.post(path, { confirm: `ada/${name}` })).status).toBe(202)
    expect(await eventually(() => volumeNow() === 'main', 20_000)).toBe(true)
    expect((await tryGit(work, ['ls-remote', 'origin', 'main'])).stdout).toContain(first)
    expect((await ada.get(`/2.0/repositories/ada/${name}/commits`)).body.values).toHaveLength(1)
    const [aside] = (await listed()).old_copies
    expect(aside?.volume).toBe('Second')
    await ada.post(`${STORAGE}/copies/${aside?.id}/restore`, { confirm: `ada/${name}` })
    expect(await eventually(() => volumeNow() === disk, 20_000)).toBe(true)
    expect((await tryGit(work, ['ls-remote', 'origin', 'main'])).stdout).toContain(second)
    expect(await broken(site.server)).toEqual([])
  })

  it('goes when an admin says so, with a purge, and with the repository', async () => {
    await moved()
    const [copy] = (await listed()).old_copies
    expect((await ada.delete(`${STORAGE}/copies/${copy?.id}`)).status).toBe(204)
    expect(copies()).toHaveLength(1)
    await git(work, ['push', '-q', 'origin', 'main:refs/heads/topic'])
    await git(work, ['push', '-q', 'origin', ':refs/heads/topic'])
    await moved('main')
    expect(copies()).toHaveLength(2)
    await ada.post(`/api/gitstead/1/repositories/ada/${name}/purges`, { confirm: `ada/${name}`, kept: 'all' })
    expect(await eventually(() => copies().length === 1, 20_000)).toBe(true)
    await moved()
    await ada.delete(`/2.0/repositories/ada/${name}`)
    expect([copies(), scratches()]).toEqual([[], []])
  })
})

/** One copy whose row was not written yet may be left for a minute: nobody uses it, and it is younger than any sweep. */
function strays(known: number): boolean {
  return copies().length === known + 1
}
