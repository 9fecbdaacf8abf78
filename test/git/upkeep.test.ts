// What stays behind a push: kept tips, synced files, a commit-graph, few packs; and what must not stay: litter.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { forgetKept, keepTips, listKept } from '../../server/git/refs/keep.ts'
import { FLUSH, pkt } from '../../server/git/format/pktline.ts'
import { readPush } from '../../server/git/wire/push.ts'
import { receivePack } from '../../server/git/wire/receive.ts'
import {
  afterPush,
  cleanStale,
  countLooseRefs,
  countPacks,
  packRefs,
  repack,
  sizeOf,
} from '../../server/git/care/upkeep.ts'
import { openPushing, type Pushing } from './pushing.ts'

const ZERO = '0'.repeat(40)
let p: Pushing
beforeAll(async () => {
  p = await openPushing()
})
afterAll(async () => {
  await p.door.close()
  await p.lab.close()
})
beforeEach(() => p.fresh())

const ours = (...args: string[]): string => p.lab.as(p.repo.path, ...args)

/** Ten pushes of one commit each. */
async function grow(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    p.commit(`file${i}`)
    await p.pushed('--quiet', 'origin', `main:refs/heads/main`, `main:refs/heads/b${i}`)
  }
}
const objects = (): string =>
  ours('cat-file', '--batch-all-objects', '--batch-check', '--unordered').split('\n').toSorted().join()

const make = (): string[] => {
  const files = [
    'objects/tmp_objdir-incoming-abc/pack/tmp_pack_x',
    'objects/pack/tmp_pack_12345',
    'objects/pack/.tmp-99-pack-1.pack',
    'objects/ab/tmp_obj_1',
    'refs/heads/main.lock',
    'packed-refs.lock',
    'HEAD.lock',
    'objects/info/commit-graphs/commit-graph-chain.lock',
  ].map((name) => join(p.repo.path, name))
  for (const file of files) {
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, 'left behind')
  }
  return files
}

describe('kept tips', () => {
  test('are reachable, listed with time and actor, hidden from every client, and can be given up', async () => {
    await p.pushed('origin', 'main', 'main:topic/x')
    const one = p.tip()
    p.lab.as(p.work, 'commit', '--quiet', '--amend', '-m', 'rewritten')
    await p.pushed('--force', 'origin', 'main', ':topic/x')
    const { git } = p.lab
    const { refs } = p.door.serving
    const at = new Date('2026-11-23T10:20:30.456Z')
    const gone = { ref: 'refs/heads/never', oid: '12'.repeat(20) }
    const tips = [{ ref: 'refs/heads/main', oid: one }, { ref: 'refs/heads/topic/x', oid: one }, gone]
    await keepTips(git, p.repo, tips, { id: '{u-1}/../x', at })
    await keepTips(git, p.repo, [], { id: 'u-1', at })
    await keepTips(git, p.repo, [{ ref: 'refs/tags/v1', oid: one }], { id: 'u-2', at: new Date(+at + 1000) })
    const kept = await listKept(refs, p.repo)
    expect(kept.map(({ ref, oid, actor, at }) => ({ ref, oid, actor, at }))).toEqual([
      { ref: 'refs/tags/v1', oid: one, actor: 'u-2', at: new Date(+at + 1000) },
      { ref: 'refs/heads/topic/x', oid: one, actor: 'u-1x', at },
      { ref: 'refs/heads/main', oid: one, actor: 'u-1x', at },
    ])
    ours('gc', '--quiet', '--prune=now')
    expect(ours('cat-file', '-t', one)).toBe('commit')
    for (const version of ['0', '2'])
      expect((await p.client('-c', `protocol.version=${version}`, 'ls-remote', 'origin')).stdout).not.toContain(
        'gitstead',
      )
    const bare = join(p.lab.dir, 'mirror')
    await p.client('clone', '--quiet', '--mirror', p.door.url(p.repo), bare)
    expect(p.lab.as(bare, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')
    expect((await p.client('push', 'origin', `main:${kept[0]?.keptAs}`)).stderr).toContain('hidden ref')
    await forgetKept({ git, refs }, p.repo, [...kept.slice(1).map((one) => one.keptAs), 'refs/heads/main'])
    expect(await listKept(refs, p.repo)).toHaveLength(1)
    expect(p.tip()).toBe(p.lab.as(p.work, 'rev-parse', 'HEAD'))
  })
})

describe('durability', () => {
  test('a push syncs pack, index and ref', async () => {
    const traces = join(p.lab.dir, 'traces')
    mkdirSync(traces)
    const pack = execFileSync('git', ['pack-objects', '--stdout', '--revs', '-q'], { cwd: p.work, input: 'HEAD\n' })
    const oid = p.lab.as(p.work, 'rev-parse', 'HEAD')
    const head = pkt(`${ZERO} ${oid} refs/heads/main\0report-status side-band-64k`)
    const push = await readPush(Readable.from([Buffer.concat([head, FLUSH, pack])]))
    const answer = await receivePack(p.door.serving, p.repo, push, {
      signal: new AbortController().signal,
      env: { GIT_TRACE2_EVENT: traces },
      onResult: () => Promise.resolve([]),
    })
    expect((await buffer(answer)).toString()).toContain('ok refs/heads/main')
    const synced = (command: string): number => {
      const events = readdirSync(traces).map((name) => readFileSync(join(traces, name), 'utf8'))
      const own = events.find((text) => text.includes(`"name":"${command}"`)) ?? ''
      const counts = [...own.matchAll(/"category":"fsync","key":"fsync\/[a-z-]+","value":"(\d+)"/g)]
      return counts.reduce((sum, [, count]) => sum + Number(count), 0)
    }
    // The pack, its index and its reverse index or keep file; then the ref.
    expect(synced('index-pack')).toBeGreaterThanOrEqual(2)
    expect(synced('receive-pack')).toBeGreaterThanOrEqual(1)
  })
})

describe('upkeep', () => {
  test('after pushes there is a commit-graph, and many packs become few without losing an object', async () => {
    await grow()
    const lost = execFileSync('git', ['hash-object', '-w', '--stdin'], {
      cwd: p.repo.path,
      input: 'nobody points here',
    })
    const before = objects()
    expect(await countPacks(p.repo)).toBe(10)
    const { bytes } = await afterPush(p.lab.git, p.repo)
    expect(await countPacks(p.repo)).toBeLessThan(4)
    expect(existsSync(join(p.repo.path, 'objects/info/commit-graphs/commit-graph-chain'))).toBe(true)
    expect(ours('commit-graph', 'verify')).toBe('')
    expect(objects()).toBe(before)
    expect(bytes).toBe(await sizeOf(p.repo))
    ours('fsck', '--full', '--strict')
    p.commit('more')
    await p.pushed('--quiet', 'origin', 'main')
    await repack(p.lab.git, p.repo, { full: true })
    expect(await countPacks(p.repo)).toBe(1)
    expect(readdirSync(join(p.repo.path, 'objects/pack')).some((name) => name.endsWith('.bitmap'))).toBe(true)
    expect(ours('cat-file', '-t', lost.toString().trim())).toBe('blob')
    ours('fsck', '--full', '--strict')
    const to = join(p.lab.dir, 'after-repack')
    expect((await p.client('clone', '--quiet', p.door.url(p.repo), to)).code).toBe(0)
    p.lab.as(to, 'fsck', '--full', '--strict')
    p.commit('after')
    await p.pushed('--quiet', 'origin', 'main')
    await afterPush(p.lab.git, p.repo)
    ours('fsck', '--full', '--strict')
  })

  test('many loose refs are packed, and clients see the same', async () => {
    await p.pushed('--quiet', 'origin', 'main')
    const input = Array.from({ length: 60 }, (_, i) => `create refs/heads/many/b${i} ${p.tip()}\n`).join('')
    execFileSync('git', ['update-ref', '--stdin'], { cwd: p.repo.path, input })
    const before = (await p.client('ls-remote', 'origin')).stdout
    expect(await countLooseRefs(p.repo)).toBe(61)
    await afterPush(p.lab.git, p.repo)
    expect(await countLooseRefs(p.repo)).toBe(0)
    expect((await p.client('ls-remote', 'origin')).stdout).toBe(before)
    await packRefs(p.lab.git, p.repo)
  })

  test('an empty repository needs nothing', async () => {
    expect((await afterPush(p.lab.git, p.repo)).bytes).toBeGreaterThan(0)
  })

  test('clones, pushes and repacks at once lose nothing', async () => {
    await grow()
    const url = p.door.url(p.repo)
    const work = Promise.all([
      ...Array.from({ length: 4 }, (_, i) => p.client('clone', '--quiet', url, join(p.lab.dir, `during${i}`))),
      repack(p.lab.git, p.repo, { full: true }),
      afterPush(p.lab.git, p.repo),
      (async () => {
        for (let i = 0; i < 5; i++) await p.pushed('--quiet', 'origin', `main~${i}:refs/heads/during${i}`)
      })(),
    ])
    for (const done of (await work).slice(0, 4)) expect(done).toMatchObject({ code: 0 })
    for (let i = 0; i < 4; i++) p.lab.as(join(p.lab.dir, `during${i}`), 'fsck', '--full', '--strict')
    ours('fsck', '--full', '--strict')
    expect(ours('rev-parse', 'during4')).toBe(ours('rev-parse', 'main~4'))
  })
})

describe('litter', () => {
  test('of the dead goes, all else stays, and the next push works', async () => {
    await p.pushed('--quiet', 'origin', 'main')
    const files = make()
    p.commit('two')
    expect((await p.client('push', 'origin', 'main')).stderr).toContain('lock')
    await p.tidyProcesses()
    const removed = make().length
    expect(await cleanStale(p.lab.git, p.repo)).toHaveLength(removed)
    for (const file of files) expect(existsSync(file)).toBe(false)
    await p.pushed('--quiet', 'origin', 'main')
    ours('fsck', '--full', '--strict')
  })

  test('is left alone while a git works there, or while it is young', async () => {
    const files = make()
    const reader = await p.lab.git.start({ name: 'read', args: ['cat-file', '--batch'], cwd: p.repo.path })
    const alive = await p.lab.git.start({ name: 'hold', args: ['update-ref', '--stdin'], cwd: p.repo.path })
    expect(await cleanStale(p.lab.git, p.repo)).toEqual([])
    alive.kill()
    await alive.done
    expect(await cleanStale(p.lab.git, p.repo, { olderThanMs: 60_000 })).toEqual([])
    for (const file of files) utimesSync(file, 1, 1)
    utimesSync(join(p.repo.path, 'objects/tmp_objdir-incoming-abc'), 1, 1)
    expect(await cleanStale(p.lab.git, p.repo, { olderThanMs: 60_000 })).toHaveLength(files.length)
    reader.kill()
    await reader.done
  })
})
