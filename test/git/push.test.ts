// Real clients push through our receiving: every form of push, one winner per step, results before reports.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FLUSH } from '../../server/git/format/pktline.ts'
import { openPushing, type Pushing } from './pushing.ts'

const ZERO = '0'.repeat(40)
/** Each tries until it gets through, so that the work grows with the square. */
const RACERS = process.env['GITSTEAD_SOAK'] === undefined ? 8 : 20
let p: Pushing
beforeAll(async () => {
  p = await openPushing()
})
afterAll(async () => {
  await p.door.close()
  await p.lab.close()
})
beforeEach(() => p.fresh())

/** Adds a commit on top of what is there until it gets through. */
async function race(i: number): Promise<void> {
  const url = p.door.url(p.repo)
  const there = join(p.lab.dir, `racer${i}.git`)
  await p.client('clone', '--quiet', '--bare', url, there)
  for (let tries = 0; tries < 80; tries++) {
    await p.client('-C', there, 'fetch', '--quiet', url, 'main')
    const { stdout } = await p.client(
      '-C',
      there,
      'commit-tree',
      '-p',
      'FETCH_HEAD',
      '-m',
      `from ${i}`,
      'FETCH_HEAD^{tree}',
    )
    if ((await p.client('-C', there, 'push', '--quiet', url, `${stdout.trim()}:refs/heads/main`)).code === 0) return
  }
  throw new Error(`client ${i} never got through`)
}

describe('every form of push', () => {
  test.each(['0', '1', '2'])('create, update, delete with protocol version %s', async (version) => {
    const speak = ['-c', `protocol.version=${version}`]
    const one = p.lab.as(p.work, 'rev-parse', 'HEAD')
    expect((await p.client(...speak, 'push', 'origin', 'main', 'main:other')).code).toBe(0)
    const two = p.commit('two')
    expect((await p.client(...speak, 'push', 'origin', 'main')).code).toBe(0)
    expect((await p.client(...speak, 'push', 'origin', ':other')).code).toBe(0)
    expect(p.tip()).toBe(two)
    expect(p.results).toEqual([
      [
        { ref: 'refs/heads/main', oldOid: ZERO, newOid: one, ok: true },
        { ref: 'refs/heads/other', oldOid: ZERO, newOid: one, ok: true },
      ],
      [{ ref: 'refs/heads/main', oldOid: one, newOid: two, ok: true }],
      [{ ref: 'refs/heads/other', oldOid: one, newOid: ZERO, ok: true }],
    ])
  })

  test('forced, with a lease, atomic, with options', async () => {
    await p.pushed('origin', 'main')
    const one = p.tip()
    p.lab.as(p.work, 'commit', '--quiet', '--amend', '-m', 'again')
    expect((await p.client('push', 'origin', 'main')).stderr).toContain('non-fast-forward')
    const stale = await p.client('push', `--force-with-lease=main:${ZERO.replace(/^./, '1')}`, 'origin', 'main')
    expect(stale.stderr).toContain('stale info')
    await p.pushed(`--force-with-lease=main:${one}`, '-o', 'first=1', '-o', 'second', 'origin', 'main')
    expect(p.pushes.at(-1)?.options).toEqual(['first=1', 'second'])
    expect(p.tip()).toBe(p.lab.as(p.work, 'rev-parse', 'HEAD'))
    p.commit('three')
    const atomic = await p.client('push', '--atomic', 'origin', 'main', 'main:refs/pull-requests/1/from')
    expect(atomic.code).toBe(1)
    expect(atomic.stderr).toContain('deny updating a hidden ref')
    expect(p.results.at(-1)).toMatchObject([{ ok: false }, { ok: false }])
    expect(p.tip()).toBe(p.lab.as(p.work, 'rev-parse', 'HEAD~1'))
  })

  test('signed', async () => {
    const key = join(p.lab.dir, 'key')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
    const sign = ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${key}.pub`]
    const done = await p.client(...sign, 'push', '--signed', '-o', 'why=test', 'origin', 'main', 'main:other')
    expect(done).toMatchObject({ code: 0 })
    const push = p.pushes.find((one) => one.commands.length > 0)
    expect(push?.certificate).toMatch(
      /^certificate version 0\.1\npusher .*\nnonce \d+-[0-9a-f]{40}\npush-option why=test\n\n/s,
    )
    expect(push?.certificate).toMatch(/-----BEGIN SSH SIGNATURE-----\n[^-]+-----END SSH SIGNATURE-----\n$/)
    expect(push?.commands.map((one) => one.ref)).toEqual(['refs/heads/main', 'refs/heads/other'])
    expect(push?.options).toEqual(['why=test'])
    expect(p.tip('refs/heads/other')).toBe(p.tip())
  })

  test('from a shallow clone', async () => {
    p.commit('two')
    await p.pushed('origin', 'main')
    const thin = join(p.lab.dir, 'thin')
    expect((await p.client('clone', '--quiet', '--depth=1', p.door.url(p.repo), thin)).code).toBe(0)
    p.work = thin
    const three = p.commit('three')
    await p.pushed('origin', 'main')
    expect(p.pushes.at(-1)?.head.toString('latin1')).toContain('shallow ')
    expect(p.tip()).toBe(three)
  })

  test('of many refs at once, and a name beyond ASCII', async () => {
    const lines = Array.from({ length: 300 }, (_, i) => `create refs/heads/b${i} HEAD\n`)
    execFileSync('git', ['update-ref', '--stdin'], { cwd: p.work, input: lines.join('') })
    p.lab.as(p.work, 'branch', 'ä-日本')
    await p.pushed('--quiet', '--all', 'origin')
    expect(p.results.at(-1)).toHaveLength(302)
    expect(p.results.at(-1)?.every((one) => one.ok)).toBe(true)
    expect(p.tip('refs/heads/ä-日本')).toBe(p.tip('refs/heads/b299'))
  })

  test(`${RACERS} clients on one branch: one winner per step, nothing lost, no lock left`, async () => {
    await p.pushed('origin', 'main')
    await Promise.all(Array.from({ length: RACERS }, (_, i) => race(i)))
    const messages = p.lab.as(p.repo.path, 'log', '--format=%s', 'main').split('\n')
    expect(messages.filter((text) => text.startsWith('from ')).toSorted()).toEqual(
      Array.from({ length: RACERS }, (_, i) => `from ${i}`).toSorted(),
    )
    const won = p.results.flat().filter((one) => one.ok)
    expect(won).toHaveLength(RACERS + 1)
    for (const [i, one] of won.entries()) expect(one.oldOid).toBe(i === 0 ? ZERO : won[i - 1]?.newOid)
    expect(p.lab.as(p.repo.path, 'rev-list', '--count', 'main')).toBe(String(RACERS + 1))
    expect(existsSync(join(p.repo.path, 'refs/heads/main.lock'))).toBe(false)
    expect(p.litter()).toEqual([])
  }, 120_000)
})

test('an empty list tries the p.door, and no process is started for it', async () => {
  const before = p.lab.git.spawned
  const answer = await p.take(p.repo, {
    protocol: 0,
    body: Readable.from([FLUSH]),
    signal: new AbortController().signal,
  })
  expect(answer instanceof Readable ? (await buffer(answer)).length : answer.length).toBe(0)
  expect(p.lab.git.spawned).toBe(before)
})

test('a push of 120 MB leaves the memory of the server flat', async () => {
  mkdirSync(join(p.work, 'big'))
  for (let i = 0; i < 3; i++) writeFileSync(join(p.work, 'big', `${i}`), randomBytes(40_000_000))
  p.lab.as(p.work, 'config', 'core.compression', '0')
  p.lab.as(p.work, 'add', '--all')
  p.lab.as(p.work, 'commit', '--quiet', '-m', 'big')
  const before = process.memoryUsage().rss
  let peak = before
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20)
  await p.pushed('--quiet', 'origin', 'main')
  clearInterval(watch)
  expect(peak - before).toBeLessThan(80_000_000)
  expect(p.tip()).toBe(p.lab.as(p.work, 'rev-parse', 'HEAD'))
}, 120_000)
