// Real clients fetch through our serving: every protocol version, shallow, partial, from the cache and beside it.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DELIM, FLUSH, pkt } from '../../server/git/format/pktline.ts'
import type { Repo } from '../../server/git/refs/refs.ts'
import { uploadPack } from '../../server/git/wire/serve.ts'
import { openDoor, type Door } from './door.ts'
import { openLab, personEnv, type Lab } from './lab.ts'

const execute = promisify(execFile)
let lab: Lab
let door: Door
let repo: Repo
let work: string
const repos: Repo[] = []

beforeAll(async () => {
  lab = await openLab()
  repo = lab.bare('code')
  repos.push(repo)
  door = await openDoor(lab, () => repos)
  work = join(lab.dir, 'work')
  lab.as(lab.dir, 'clone', '--quiet', repo.path, work)
  for (let i = 0; i < 30; i++) commit(i)
  lab.as(work, 'tag', '-a', '-m', 'x', 'v1')
  lab.as(work, 'branch', 'side', 'HEAD~5')
  lab.as(work, 'push', '--quiet', 'origin', '--all')
  lab.as(work, 'push', '--quiet', 'origin', '--tags')
})
afterAll(async () => {
  await door.close()
  await lab.close()
})

function commit(i: number): void {
  mkdirSync(join(work, `folder${i % 5}`), { recursive: true })
  writeFileSync(join(work, `folder${i % 5}`, `file${i}`), `${String(i).repeat(1000)}${Math.random()}\n`)
  lab.as(work, 'add', '--all')
  lab.as(work, 'commit', '--quiet', '-m', `number ${i}`)
}

let clients = 0
/** A client's git over HTTP, in a folder of its own. */
async function client(...args: string[]): Promise<string> {
  const { stdout } = await execute('git', args, { cwd: lab.dir, env: personEnv(join(lab.dir, 'home')), maxBuffer: 1e8 })
  return stdout
}
async function clone(...args: string[]): Promise<string> {
  const to = join(lab.dir, `clone${++clients}`)
  await client(
    ...args.slice(0, -1).concat('clone', '--quiet'),
    ...(args.at(-1)?.split(' ').filter(Boolean) ?? []),
    door.url(repo),
    to,
  )
  lab.as(to, 'fsck', '--full', '--strict', '--no-dangling')
  return to
}

describe('every way to fetch', () => {
  test.each([0, 1, 2])('clone with protocol version %i, then fetch what is new', async (version) => {
    const to = await clone('-c', `protocol.version=${version}`, '')
    expect(lab.as(to, 'rev-parse', 'HEAD')).toBe(lab.as(repo.path, 'rev-parse', 'main'))
    expect(lab.as(to, 'tag')).toBe('v1')
    expect(lab.as(to, 'symbolic-ref', 'refs/remotes/origin/HEAD')).toBe('refs/remotes/origin/main')
    commit(100 + version)
    lab.as(work, 'push', '--quiet', 'origin', 'main')
    await client('-C', to, '-c', `protocol.version=${version}`, 'fetch', '--quiet')
    expect(lab.as(to, 'rev-parse', 'origin/main')).toBe(lab.as(work, 'rev-parse', 'HEAD'))
  })

  test.each([0, 2])('shallow clone, deepen and unshallow with version %i', async (version) => {
    const speak = ['-c', `protocol.version=${version}`]
    const to = await clone(...speak, '--depth=3')
    expect(lab.as(to, 'rev-list', '--count', 'HEAD')).toBe('3')
    await client('-C', to, ...speak, 'fetch', '--quiet', '--deepen=2')
    expect(lab.as(to, 'rev-list', '--count', 'HEAD')).toBe('5')
    await client('-C', to, ...speak, 'fetch', '--quiet', '--shallow-exclude=side')
    expect(lab.as(to, 'rev-list', '--count', 'HEAD')).toBe(lab.as(repo.path, 'rev-list', '--count', 'side..main'))
    await client('-C', to, ...speak, 'fetch', '--quiet', '--unshallow')
    expect(lab.as(to, 'rev-list', '--count', 'HEAD')).toBe(lab.as(repo.path, 'rev-list', '--count', 'main'))
  })

  test.each([0, 2])('partial clone fetches blobs when it needs them, with version %i', async (version) => {
    const to = await clone('-c', `protocol.version=${version}`, '--filter=blob:none --no-checkout')
    const missing = (): number =>
      lab.as(to, 'rev-list', '--objects', '--all', '--missing=print').match(/^\?/gm)?.length ?? 0
    expect(missing()).toBeGreaterThan(10)
    lab.as(to, 'config', 'protocol.version', String(version))
    // With asynchronous execution, since the server of this test runs in this very process.
    await client('-C', to, 'checkout', '--quiet', 'main')
    expect(lab.as(to, 'status', '--porcelain')).toBe('')
  })

  test('one branch alone, one commit by its id, and an empty repository', async () => {
    const to = await clone('--single-branch --branch=side')
    expect(lab.as(to, 'branch', '-r').trim()).toBe('origin/side')
    const old = lab.as(repo.path, 'rev-parse', 'main~3')
    await client('-C', to, 'fetch', '--quiet', 'origin', old)
    expect(lab.as(to, 'rev-parse', 'FETCH_HEAD')).toBe(old)
    const empty = lab.bare('empty')
    repos.push(empty)
    const there = join(lab.dir, 'of-empty')
    await client('clone', '--quiet', door.url(empty), there)
    expect(lab.as(there, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main')
  })

  test('an id that is not there is refused in a sentence', async () => {
    const to = await clone('')
    const failed = client('-C', to, 'fetch', '--quiet', 'origin', 'ab'.repeat(20))
    await expect(failed).rejects.toMatchObject({ stderr: expect.stringContaining('not our ref') as string })
  })

  test('a request larger than what we look into goes through', async () => {
    const have = Array.from({ length: 30_000 }, (_, i) => pkt(`have ${i.toString(16).padStart(40, '0')}\n`))
    const want = lab.as(repo.path, 'rev-parse', 'main')
    const body = Buffer.concat([
      pkt('command=fetch'),
      pkt('object-format=sha1'),
      DELIM,
      pkt(`want ${want}\n`),
      ...have,
      pkt('done\n'),
      FLUSH,
    ])
    expect(body.length).toBeGreaterThan(1024 * 1024)
    const chunks = Array.from({ length: Math.ceil(body.length / 10_000) }, (_, i) =>
      body.subarray(i * 10_000, (i + 1) * 10_000),
    )
    const ask = {
      protocol: 2,
      body: Readable.from(chunks, { objectMode: false }),
      signal: new AbortController().signal,
    } as const
    const answer = await uploadPack(door.serving, repo, ask)
    const bytes = answer instanceof Readable ? await buffer(answer) : answer
    expect(bytes.includes('packfile')).toBe(true)
    expect(bytes.toString('latin1', bytes.length - 4)).toBe('0000')
  })
})

describe('nothing is spawned', () => {
  test('by ls-remote and by a fetch that finds nothing new', async () => {
    const to = await clone('')
    await client('-C', to, 'fetch', '--quiet')
    for (const version of ['0', '1', '2']) {
      const before = lab.git.spawned
      const speak = ['-c', `protocol.version=${version}`]
      const listed = await client(...speak, 'ls-remote', door.url(repo))
      await client('-C', to, ...speak, 'fetch', '--quiet')
      expect(lab.git.spawned).toBe(before)
      expect(listed).toBe(execFileSync('git', ['ls-remote', repo.path], { encoding: 'utf8' }))
    }
  })

  test('by the second of two equal clones, full or shallow', async () => {
    for (const how of ['', '--depth=1', '--filter=blob:none --no-checkout'])
      for (const version of ['0', '2']) {
        const speak = ['-c', `protocol.version=${version}`]
        await clone(...speak, how)
        const before = lab.git.spawned
        const again = await clone(...speak, how)
        // Version 0 asks for the shallow boundary first, in a request of its own that is not kept.
        expect(lab.git.spawned - before).toBe(how === '--depth=1' && version === '0' ? 1 : 0)
        expect(lab.as(again, 'rev-parse', 'HEAD')).toBe(lab.as(repo.path, 'rev-parse', 'main'))
      }
  })
})

describe('a client that goes away', () => {
  test('ends its git, and nothing runs or lies around afterwards', async () => {
    const big = lab.bare('big')
    repos.push(big)
    const there = join(lab.dir, 'big-work')
    lab.as(lab.dir, 'clone', '--quiet', big.path, there)
    writeFileSync(join(there, 'noise'), Buffer.from(Array.from({ length: 8_000_000 }, () => Math.random() * 256)))
    lab.as(there, 'add', '--all')
    lab.as(there, 'commit', '--quiet', '-m', 'noise')
    lab.as(there, 'push', '--quiet', 'origin', 'HEAD')
    const before = readdirSync(join(lab.dir, 'packs')).length
    const want = lab.as(there, 'rev-parse', 'HEAD')
    // One request through the cache, one beside it.
    for (const end of [
      [pkt('done\n'), FLUSH],
      [pkt(`have ${'1'.repeat(40)}\n`), pkt('done\n'), FLUSH],
    ]) {
      const body = Buffer.concat([pkt('command=fetch'), DELIM, pkt(`want ${want}\n`), ...end])
      const gone = new AbortController()
      const answer = await uploadPack(door.serving, big, {
        protocol: 2,
        body: Readable.from([body]),
        signal: gone.signal,
      })
      expect(answer).toBeInstanceOf(Readable)
      ;(answer as Readable).on('error', () => {})
      gone.abort()
      for (let i = 0; i < 100 && lab.git.running().length > 0; i++) await pause(20)
      expect(lab.git.running()).toEqual([])
    }
    expect(readdirSync(join(lab.dir, 'packs'))).toHaveLength(before)
    const broken = spawn('git', ['clone', '--quiet', door.url(big), join(lab.dir, 'cut')], {
      env: personEnv(join(lab.dir, 'home')),
    })
    await pause(60)
    broken.kill('SIGKILL')
    for (let i = 0; i < 100 && lab.git.running().length > 0; i++) await pause(20)
    expect(lab.git.running()).toEqual([])
  })
})

describe('the cache tells no old story', () => {
  test('a ref is seen as soon as its push has returned, and a clone has it', async () => {
    for (let i = 0; i < 10; i++) {
      commit(200 + i)
      lab.as(work, 'push', '--quiet', 'origin', 'main')
      const listed = await client('ls-remote', door.url(repo), 'refs/heads/main')
      expect(listed).toBe(`${lab.as(work, 'rev-parse', 'HEAD')}\trefs/heads/main\n`)
    }
    const to = await clone('')
    expect(lab.as(to, 'rev-parse', 'HEAD')).toBe(lab.as(work, 'rev-parse', 'HEAD'))
  })

  test('an answer stays whole when the repository is repacked and pruned under it', async () => {
    await clone('')
    lab.as(repo.path, 'gc', '--quiet', '--prune=now')
    const spawned = lab.git.spawned
    await clone('')
    expect(lab.git.spawned).toBe(spawned)
  })

  test('a purge makes the next clone ask git again', async () => {
    await clone('')
    door.serving.packs.purge(repo.id)
    const spawned = lab.git.spawned
    await clone('')
    expect(lab.git.spawned).toBe(spawned + 1)
  })

  test('eight equal clones at once cost one git', async () => {
    door.serving.packs.purge(repo.id)
    const spawned = lab.git.spawned
    await Promise.all(Array.from({ length: 8 }, () => clone('')))
    expect(lab.git.spawned).toBe(spawned + 1)
  })
})

test('100,000 refs are listed and fetched from', async () => {
  const many = lab.bare('many')
  repos.push(many)
  lab.as(work, 'push', '--quiet', many.path, 'HEAD:refs/heads/main')
  const oid = lab.as(many.path, 'rev-parse', 'main')
  const lines = Array.from({ length: 100_000 }, (_, i) => `${oid} refs/tags/t${String(i).padStart(6, '0')}\n`)
  writeFileSync(join(many.path, 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${lines.join('')}`)
  for (const version of ['0', '2']) {
    const listed = await client('-c', `protocol.version=${version}`, 'ls-remote', door.url(many))
    expect(listed.split('\n')).toHaveLength(100_003)
  }
  const to = join(lab.dir, 'of-many')
  await client('clone', '--quiet', '--no-tags', door.url(many), to)
  expect(lab.as(to, 'rev-parse', 'HEAD')).toBe(oid)
})
