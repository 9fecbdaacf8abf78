// Ref snapshots against real git: same refs, never stale, a new version exactly when the content is new, no process.
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { array, assert, asyncProperty, constantFrom } from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findRef, isForeign, openRefs, type Refs, type Repo, type Snapshot } from '../../server/git/refs/refs.ts'
import { emptyCommit, openLab, type Lab } from './lab.ts'

let lab: Lab
let refs: Refs
beforeAll(async () => {
  lab = await openLab()
  refs = openRefs(lab.git)
})
afterAll(() => lab.close())

async function read(repo: Repo, from: Refs = refs): Promise<Snapshot> {
  const answer = await from.read(repo)
  if (isForeign(answer)) throw new Error(answer.foreign)
  return answer
}

/** What git says: `oid name`, with `name^{}` lines for tags. */
function gitSays(repo: Repo): string[] {
  try {
    return lab.as(repo.path, 'show-ref', '-d').split('\n').filter(Boolean)
  } catch {
    return []
  }
}

function weSay(snapshot: Snapshot): string[] {
  return snapshot.refs.flatMap((ref) => [
    `${ref.oid} ${ref.name}`,
    ...(ref.peeled === undefined ? [] : [`${ref.peeled} ${ref.name}^{}`]),
  ])
}

async function agrees(repo: Repo): Promise<Snapshot> {
  const snapshot = await read(repo)
  expect(weSay(snapshot)).toEqual(gitSays(repo))
  return snapshot
}

describe('content', () => {
  test('an empty repository has an unborn HEAD', async () => {
    const snapshot = await agrees(lab.bare('empty'))
    expect(snapshot.head).toEqual({ target: 'refs/heads/main', oid: undefined, peeled: undefined })
  })

  test('branches, tags of tags, symbolic refs, detached HEAD, loose and packed', async () => {
    const repo = lab.bare('mixed')
    const one = emptyCommit(lab, repo, 'one')
    const two = emptyCommit(lab, repo, 'two')
    const git = (...args: string[]): string => lab.as(repo.path, ...args)
    git('update-ref', 'refs/heads/main', one)
    git('update-ref', 'refs/heads/topic/deep/one', two)
    git('tag', '-a', '-m', 'x', 'v1', one)
    git('tag', '-a', '-m', 'x', 'v1-again', 'v1')
    git('tag', 'light', two)
    git('tag', 'blob', git('hash-object', '-w', join(repo.path, 'HEAD')))
    git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/heads/main')
    git('symbolic-ref', 'refs/heads/dangling', 'refs/heads/nowhere')
    git('update-ref', 'refs/heads/ü-日本', one)
    await agrees(repo)
    git('pack-refs', '--all')
    await agrees(repo)
    git('update-ref', 'refs/heads/main', two)
    git('tag', '-a', '-m', 'y', 'v2', two)
    git('update-ref', '-d', 'refs/tags/light')
    git('gc', '--quiet')
    git('update-ref', 'refs/heads/zz', one)
    git('tag', '-a', '-m', 'z', 'v3', one)
    const snapshot = await agrees(repo)
    expect(findRef(snapshot, 'refs/heads/ü-日本')?.oid).toBe(one)
    expect(findRef(snapshot, 'refs/heads/ü')).toBeUndefined()
    expect(findRef(snapshot, 'refs/remotes/origin/HEAD')?.symref).toBe('refs/heads/main')
    writeFileSync(join(repo.path, 'HEAD'), `${git('rev-parse', 'refs/tags/v1')}\n`)
    expect((await agrees(repo)).head).toEqual({ target: undefined, oid: git('rev-parse', 'v1'), peeled: one })
  })

  test('deltified tags in packs are peeled', async () => {
    const repo = lab.bare('deltas')
    const one = emptyCommit(lab, repo, 'one')
    const message = 'the same long words again and again, number by number. '.repeat(40)
    for (let i = 0; i < 30; i++) lab.as(repo.path, 'tag', '-a', '-m', `${message}${i}`, `t${i}`, one)
    lab.as(repo.path, 'repack', '-adfq', '--depth=50', '--window=50')
    const idx = readdirSync(join(repo.path, 'objects/pack')).find((name) => name.endsWith('.idx'))
    const kinds = lab.as(repo.path, 'verify-pack', '-v', `objects/pack/${idx}`)
    expect(kinds).toMatch(/^[0-9a-f]{40} tag +\d+ \d+ \d+ \d+ [0-9a-f]{40}$/m)
    lab.as(repo.path, 'prune-packed')
    const before = lab.git.spawned
    expect((await agrees(repo)).refs).toHaveLength(30)
    expect(lab.git.spawned).toBe(before)
  })

  test('what is not a ref is left out; what points at nothing is shown, as git shows it', async () => {
    const repo = lab.bare('broken')
    const one = emptyCommit(lab, repo, 'one')
    for (const name of ['main', 'empty', 'gone', 'packed']) lab.as(repo.path, 'update-ref', `refs/heads/${name}`, one)
    lab.as(repo.path, 'pack-refs', '--all')
    writeFileSync(join(repo.path, 'refs/heads/empty'), '')
    writeFileSync(join(repo.path, 'refs/heads/packed'), 'garbage\n')
    writeFileSync(join(repo.path, 'refs/heads/gone'), `${'ab'.repeat(20)}\n`)
    writeFileSync(join(repo.path, 'refs/heads/bad name'), `${one}\n`)
    writeFileSync(join(repo.path, 'refs/heads/x.lock'), `${one}\n`)
    // Git names the unreadable two with an id of zeros, on which every clone then fails.
    const theirs = lab.as(lab.dir, 'ls-remote', '--refs', repo.path).replaceAll('\t', ' ').split('\n')
    expect(theirs).toContain(`${'0'.repeat(40)} refs/heads/empty`)
    expect(weSay(await read(repo))).toEqual(theirs.filter((line) => !line.startsWith('000')))
    writeFileSync(join(repo.path, 'HEAD'), 'nonsense')
    expect((await read(repo)).head).toBeUndefined()
  })

  test('packed-refs of old and foreign writers', async () => {
    const repo = lab.bare('old')
    const one = emptyCommit(lab, repo, 'one')
    lab.as(repo.path, 'tag', '-a', '-m', 'x', 'v1', one)
    const tag = lab.as(repo.path, 'rev-parse', 'v1')
    rmSync(join(repo.path, 'refs/tags/v1'))
    const packed = join(repo.path, 'packed-refs')
    for (const header of ['', '# pack-refs with: peeled \n']) {
      const peel = header === '' ? '' : `^${one}\n`
      writeFileSync(packed, `${header}${tag} refs/tags/v1\n${peel}${tag} refs/odd/v1\n${one} refs/heads/main\n`)
      await agrees(repo)
    }
    writeFileSync(packed, `${one} refs/heads/ma`)
    await expect(read(repo)).rejects.toMatchObject({ code: 'git.corrupt' })
    await expect(read(repo)).rejects.toMatchObject({ code: 'git.corrupt' })
    writeFileSync(packed, `${one} refs/heads/main\n`)
    await agrees(repo)
  })

  test('repositories that only git can read are said to be foreign', async () => {
    const sha256 = { id: 'sha256', path: join(lab.dir, 'sha256.git') }
    lab.as(lab.dir, 'init', '--quiet', '--bare', '--object-format=sha256', sha256.path)
    expect(await refs.read(sha256)).toMatchObject({ foreign: 'its object format is sha256' })
    const future = lab.bare('future')
    lab.as(future.path, 'config', 'core.repositoryformatversion', '1')
    lab.as(future.path, 'config', 'extensions.refStorage', 'reftable')
    expect(await refs.read(future)).toMatchObject({ foreign: 'its ref storage is reftable' })
    const linked = lab.bare('linked')
    rmSync(join(linked.path, 'HEAD'))
    symlinkSync('refs/heads/main', join(linked.path, 'HEAD'))
    expect(await refs.read(linked)).toMatchObject({ foreign: 'a ref is a link' })
  })

  test('a folder that is no repository is a fault, and is found again when it comes back', async () => {
    const repo = lab.bare('gone')
    await agrees(repo)
    renameSync(repo.path, `${repo.path}.away`)
    await expect(read(repo)).rejects.toMatchObject({ code: 'git.corrupt' })
    renameSync(`${repo.path}.away`, repo.path)
    await agrees(repo)
  })
})

describe('freshness', () => {
  test('any sequence of changes, read after each one, agrees with git; the version changes exactly with the content', async () => {
    const repo = lab.bare('walk')
    const [one, two] = [emptyCommit(lab, repo, 'one'), emptyCommit(lab, repo, 'two')]
    lab.as(repo.path, 'tag', '-a', '-m', 'x', 'seed', one)
    const tag = lab.as(repo.path, 'rev-parse', 'seed')
    lab.as(repo.path, 'tag', '-d', 'seed')
    const changes: Record<string, string[]> = {
      a1: ['update-ref', 'refs/heads/a', one],
      a2: ['update-ref', 'refs/heads/a', two],
      b1: ['update-ref', 'refs/heads/b/c', one],
      dropA: ['update-ref', '-d', 'refs/heads/a'],
      dropB: ['update-ref', '-d', 'refs/heads/b/c'],
      tag: ['update-ref', 'refs/tags/t', tag],
      untag: ['update-ref', '-d', 'refs/tags/t'],
      link: ['symbolic-ref', 'refs/heads/s', 'refs/heads/a'],
      head: ['symbolic-ref', 'HEAD', 'refs/heads/b/c'],
      main: ['symbolic-ref', 'HEAD', 'refs/heads/main'],
      pack: ['pack-refs', '--all'],
      none: ['version'],
    }
    const step = constantFrom(...Object.keys(changes))
    let before = await read(repo)
    await assert(
      asyncProperty(array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        for (const name of steps) {
          lab.as(repo.path, ...(changes[name] ?? []))
          const now = await agrees(repo)
          const same = JSON.stringify([weSay(now), now.head]) === JSON.stringify([weSay(before), before.head])
          expect(now.version === before.version).toBe(same)
          before = now
        }
      }),
      { numRuns: 12 },
    )
  }, 60_000)

  test('two writes in one tick of the clock are both seen', async () => {
    const repo = lab.bare('tick')
    const oids = [emptyCommit(lab, repo, 'one'), emptyCommit(lab, repo, 'two')]
    const file = join(repo.path, 'refs/heads/main')
    for (let i = 0; i < 300; i++) {
      const oid = oids[i % 2] ?? ''
      writeFileSync(`${file}.lock`, `${oid}\n`)
      renameSync(`${file}.lock`, file)
      expect((await read(repo)).refs[0]?.oid).toBe(oid)
    }
  })

  test('a file put back with its old time is seen', async () => {
    const repo = lab.bare('restored')
    const [one, two] = [emptyCommit(lab, repo, 'one'), emptyCommit(lab, repo, 'two')]
    const packed = join(repo.path, 'packed-refs')
    const write = (oid: string): void => {
      writeFileSync(packed, `# pack-refs with: peeled fully-peeled sorted \n${oid} refs/heads/main\n`)
      utimesSync(packed, 1_700_000_000, 1_700_000_000.5)
    }
    write(one)
    await pause(50)
    expect((await read(repo)).refs[0]?.oid).toBe(one)
    write(two)
    expect((await read(repo)).refs[0]?.oid).toBe(two)
  })

  test('reads spawn nothing and give the same snapshot while nothing changes', async () => {
    const repo = lab.bare('still')
    const one = emptyCommit(lab, repo, 'one')
    lab.as(repo.path, 'update-ref', 'refs/heads/main', one)
    lab.as(repo.path, 'tag', '-a', '-m', 'x', 'v1', one)
    const first = await read(repo)
    await pause(60)
    const second = await read(repo)
    const before = lab.git.spawned
    expect(await read(repo)).toBe(second)
    expect(second.version).toBe(first.version)
    expect(lab.git.spawned).toBe(before)
  })

  test('readers at once while a writer writes never go back in time', async () => {
    const repo = lab.bare('race')
    const oids = Array.from({ length: 20 }, (_, i) => emptyCommit(lab, repo, `number ${i}`))
    const seen: number[][] = [[], [], []]
    const writing = new AbortController()
    const readers = seen.map(async (list) => {
      while (!writing.signal.aborted) {
        const oid = (await read(repo)).refs[0]?.oid
        if (oid !== undefined) list.push(oids.indexOf(oid))
        await pause(1)
      }
    })
    for (const oid of oids) {
      await lab.git.exec({ name: 'update', args: ['update-ref', 'refs/heads/main', oid], cwd: repo.path })
      expect((await read(repo)).refs[0]?.oid).toBe(oid)
    }
    writing.abort()
    await Promise.all(readers)
    for (const list of seen) expect(list).toEqual([...list].sort((a, b) => a - b))
  })
})

describe('bounds', () => {
  test('100,000 packed refs', async () => {
    const repo = lab.bare('many')
    const one = emptyCommit(lab, repo, 'one')
    const lines = Array.from({ length: 100_000 }, (_, i) => `${one} refs/heads/b${String(i).padStart(6, '0')}\n`)
    writeFileSync(join(repo.path, 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${lines.join('')}`)
    expect((await read(repo)).refs).toHaveLength(100_000)
    lab.as(repo.path, 'update-ref', 'refs/heads/b050000-new', one)
    const more = await read(repo)
    expect(more.refs).toHaveLength(100_001)
    expect(more.refs[50_001]?.name).toBe('refs/heads/b050000-new')
    expect(findRef(more, 'refs/heads/b099999')?.oid).toBe(one)
  })

  test('snapshots of other repositories make room', async () => {
    const small = openRefs(lab.git, 20_000)
    const repos = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6'].map((name) => lab.bare(name))
    const versions = []
    for (const repo of repos) versions.push((await read(repo, small)).version)
    expect((await read(repos[5]!, small)).version).toBe(versions[5])
    expect((await read(repos[0]!, small)).version).toBeGreaterThan(versions[5]!)
    mkdirSync(join(repos[0]!.path, 'refs/heads/empty/folders'), { recursive: true })
    expect((await read(repos[0]!, small)).refs).toEqual([])
  })
})
