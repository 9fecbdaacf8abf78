// The disk of the whole data folder is full to its last byte at the worst moments: before the journal, before the ref,
// before the row, during nightly care. Old data stays whole, people read why, and room alone makes it work again. FAULTS 5.
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readdirSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Client } from '../helpers/client.ts'
import { makeDisk, noDisks, type SmallDisk } from '../helpers/disk.ts'
import { commitFile, git, tryGit } from '../helpers/git.ts'
import { broken, eventually, refsOf } from '../helpers/invariant.ts'
import { hook } from '../helpers/program.ts'
import { makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { remove } from '../helpers/server.ts'
import { rows } from '../helpers/world.ts'

const STORAGE = '/api/gitstead/1/admin/storage'
const why = noDisks === undefined ? '' : ` (skipped: ${noDisks})`

describe.skipIf(noDisks !== undefined)(`a disk that is full to its last byte${why}`, () => {
  let disk: SmallDisk
  let site: Site
  let ada: Client
  let work: string
  let path: string
  beforeEach(async () => {
    disk = makeDisk(96)
    site = await openSite({ data: disk.path, env: { GITSTEAD_QUIET_SECONDS: '60' } })
    ;({ work, path, ada } = await makeRepository(site, 'web'))
    // The least reserve there is: the usual one would refuse long before.
    const { id } = (await ada.get(STORAGE)).body.volumes[0]
    expect((await ada.patch(`${STORAGE}/volumes/${id}`, { reserve: '1 MB' })).status).toBe(200)
    expect((await push('main')).code).toBe(0)
    await commitFile(work, 'more', 'more')
  })
  afterEach(async () => {
    await site.server.stop('SIGKILL')
    disk.remove()
    remove(site.dir)
  })

  const push = (...refs: string[]): ReturnType<typeof tryGit> =>
    tryGit(work, ['push', '-q', remoteOf(site, 'web'), ...refs])
  const ballast = (): string => join(disk.path, 'ballast')
  const underWay = (): boolean => readdirSync(join(path, 'objects', 'pack')).some((name) => /^\.?tmp/.test(name))
  const tipOf = async (): Promise<string | undefined> => (await refsOf(path)).get('refs/heads/main')
  const pushes = (): number => rows(site.server, "select id from events where kind = 'repo:push'").length

  function fill(): void {
    const file = openSync(ballast(), 'a')
    try {
      for (const bytes of [1024 ** 2, 4096, 1]) {
        const chunk = Buffer.alloc(bytes, 1)
        try {
          while (writeSync(file, chunk) > 0);
        } catch (error) {
          if ((error as { code?: string }).code !== 'ENOSPC') throw error
        }
      }
    } finally {
      closeSync(file)
    }
  }

  async function worksAgain(): Promise<void> {
    rmSync(ballast())
    expect(await eventually(async () => (await push('main')).code === 0)).toBe(true)
    expect(await tipOf()).toBe(await git(work, ['rev-parse', 'main']))
    // How a push ended of which nothing could be written down is settled beside the requests.
    await eventually(async () => (await broken(site.server)).length === 0, 20_000)
    expect(await broken(site.server)).toEqual([])
  }

  it('before a push is written down: it is refused in words, reading goes on', async () => {
    const before = await tipOf()
    fill()
    const { code, stderr } = await push('main')
    expect([code !== 0, stderr]).toEqual([
      true,
      expect.stringMatching(/The disk of this server is nearly full; nothing was stored/),
    ])
    expect(await tipOf()).toBe(before)
    expect((await ada.get('/2.0/repositories/ada/web/commits')).body.values).toHaveLength(1)
    expect((await tryGit(site.dir, ['clone', '-q', remoteOf(site, 'web'), 'again'])).code).toBe(0)
    await worksAgain()
  })

  it('before the ref: git says so, the ref stays where it was', async () => {
    const before = await tipOf()
    // The pack has come and is in its place of quarantine; what is left is to move it and to write the ref.
    hook(
      site.data,
      'pre-receive',
      `dd if=/dev/zero of='${ballast()}' bs=4096 2>/dev/null; dd if=/dev/zero bs=1 2>/dev/null >> '${ballast()}' & sleep 0.3; kill $! 2>/dev/null; true`,
    )
    const { code, stderr } = await push('main', 'main:refs/heads/a-branch/with/folders')
    rmSync(join(site.data, 'git', 'hooks', 'pre-receive'))
    expect([code !== 0, stderr]).toEqual([true, expect.stringMatching(/rejected|No space left|nearly full/)])
    expect(await tipOf()).toBe(before)
    await worksAgain()
  })

  it('before the row: the push is in its ref and is written down once there is room', async () => {
    const before = pushes()
    hook(
      site.data,
      'reference-transaction',
      `test "$1" = committed || exit 0; dd if=/dev/zero of='${ballast()}' bs=4096 2>/dev/null; true`,
    )
    const { stderr } = await push('main')
    rmSync(join(site.data, 'git', 'hooks', 'reference-transaction'))
    expect(await tipOf(), stderr).toBe(await git(work, ['rev-parse', 'main']))
    rmSync(ballast())
    expect(await eventually(() => pushes() === before + 1, 20_000)).toBe(true)
    await commitFile(work, 'third', '3')
    fill()
    await worksAgain()
    expect(pushes()).toBe(before + 2)
  })

  it('while nightly care packs anew: the repository stays whole, and the next care does all', async () => {
    for (const key of ['core.compression', 'pack.window']) await git(work, ['config', key, '0'])
    for (let i = 0; i < 4; i++) {
      writeFileSync(join(work, `noise${i}`), randomBytes(3 * 1024 ** 2))
      await git(work, ['add', '.'])
      await commitFile(work, 'file', `${i}`)
      expect((await push('main')).code).toBe(0)
    }
    const found = async (): Promise<string> => (await ada.get(STORAGE)).body.repositories[0]?.verdict
    // Room enough to begin, so little that it is filled in no time.
    const { bavail, bsize } = statfsSync(disk.path)
    writeFileSync(ballast(), Buffer.alloc(bavail * bsize - 18 * 1024 ** 2))
    expect((await ada.post(`${STORAGE}/checks`, { repository: 'ada/web' })).status).toBe(202)
    for (const end = Date.now() + 20_000; !underWay() && Date.now() < end;) await sleep(1)
    fill()
    expect(await eventually(() => /could not be cared for/.test(site.server.stderr()), 20_000)).toBe(true)
    expect(await eventually(() => !underWay())).toBe(true)
    expect((await tryGit(site.dir, ['clone', '-q', remoteOf(site, 'web'), 'again'])).code).toBe(0)
    await commitFile(work, 'fifth', '5')
    await worksAgain()
    expect((await ada.post(`${STORAGE}/checks`, { repository: 'ada/web' })).status).toBe(202)
    // Where its end could not be written either, the first one is begun again when its lease has run out.
    expect(await eventually(async () => (await found()) === 'whole', 60_000)).toBe(true)
    expect(await broken(site.server)).toEqual([])
  })
})
