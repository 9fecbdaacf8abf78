// What is large: a repository of 100,000 refs, and a push that is larger than the memory it may take.
import { once } from 'node:events'
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { finished } from 'node:stream/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { commitFile, git } from '../helpers/git.ts'
import { residentKiB } from '../helpers/program.ts'
import { workersOf } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

const REFS = 100_000
const SOAK = process.env['GITSTEAD_SOAK'] !== undefined
const MIB = SOAK ? 3000 : 128
/**
 * What all processes together may grow by: less than what goes through them and what V8 lets lie of read buffers, 64 MiB,
 * before it looks for them.
 */
const GROWTH_MIB = SOAK ? 200 : 160
const LONG = 600_000

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => closeSite(site))

it(
  '100,000 refs: listed, fetched from and pushed to',
  async () => {
    const { work, path } = await makeRepository(site, 'refs')
    const remote = remoteOf(site, 'refs')
    await git(work, ['push', '-q', remote, 'main'])
    const oid = await git(work, ['rev-parse', 'main'])
    const names = Array.from({ length: REFS }, (_, i) => `refs/tags/t${String(i).padStart(6, '0')}`)
    const lines = names.map((name) => `${oid} ${name}\n`)
    writeFileSync(join(path, 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${lines.join('')}`)
    const listed = await git(work, ['ls-remote', '--tags', remote])
    expect(listed.split('\n')).toHaveLength(REFS)
    expect(await git(work, ['ls-remote', remote, 'refs/tags/t099999'])).toBe(`${oid}\trefs/tags/t099999`)
    const next = await commitFile(work, 'next', 'x')
    await git(work, ['push', '-q', remote, 'main', ':refs/tags/t050000'])
    expect((await git(work, ['ls-remote', '--tags', remote])).split('\n')).toHaveLength(REFS - 1)
    await git(work, ['fetch', '-q', remote, 'refs/tags/t000001'])
    expect(await git(path, ['rev-parse', 'refs/heads/main'])).toBe(next)
    expect(readFileSync(join(path, 'packed-refs'), 'utf8')).not.toContain('t050000')
  },
  LONG,
)

it(
  `a push of ${MIB} MiB and its clone: the server's memory stays flat`,
  async () => {
    const { work } = await makeRepository(site, 'heavy')
    const remote = remoteOf(site, 'heavy')
    await git(work, ['config', 'core.compression', '0'])
    const file = createWriteStream(join(work, 'noise'))
    for (let i = 0; i < MIB; i++) if (!file.write(randomBytes(1024 * 1024))) await once(file, 'drain')
    await finished(file.end())
    await git(work, ['add', 'noise'])
    await git(work, ['commit', '-q', '-m', 'Noise'])
    const pids = [site.server.process.pid ?? 0, ...workersOf(site.server.process.pid ?? 0)]
    const held = (): number => pids.reduce((sum, pid) => sum + residentKiB(pid), 0) / 1024
    const before = held()
    let most = before
    const look = setInterval(() => (most = Math.max(most, held())), 20)
    try {
      await git(work, ['push', '-q', remote, 'main'])
      await git(site.dir, ['clone', '-q', '--bare', remote, 'heavy-clone'])
    } finally {
      clearInterval(look)
    }
    console.log(`${before.toFixed(0)} MiB before, ${most.toFixed(0)} MiB at most`)
    expect(most - before).toBeLessThan(GROWTH_MIB)
    expect(await git(join(site.dir, 'heavy-clone'), ['rev-parse', 'main'])).toBe(await git(work, ['rev-parse', 'main']))
  },
  LONG,
)
