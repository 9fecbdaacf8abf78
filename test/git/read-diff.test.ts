// Comparisons against what git itself says, with odd names, renames, binaries and limits.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { diffBody, diffstat, diffStream, patchOf, patchSeries } from '../../server/git/read/diff.ts'
import { resolveComparison } from '../../server/git/read/diffspec.ts'
import { pathText } from '../../server/git/format/paths.ts'
import { openReads, type Reads } from '../../server/git/read/reads.ts'
import { openRefs, type Repo } from '../../server/git/refs/refs.ts'
import { ask, makeRepository, zoo } from '../helpers/repos.ts'
import { openLab, personEnv, type Lab } from './lab.ts'

let lab: Lab
let reads: Reads
let repo: Repo
let oids: string[]

beforeAll(async () => {
  lab = await openLab()
  reads = openReads(lab.git, openRefs(lab.git))
  repo = { id: 'zoo', path: join(lab.dir, 'zoo.git') }
  oids = zoo(repo.path)
})
afterAll(async () => {
  reads.close()
  await lab.close()
})

const one = (at: number) => ({ from: oids[at - 1] ?? null, to: oids[at] ?? '' })
const stat = async (wish: Parameters<typeof diffstat>[2]) =>
  (await diffstat(reads, repo, wish)).map(({ status, oldPath, newPath, added, removed }) => [
    status,
    oldPath && pathText(oldPath),
    newPath && pathText(newPath),
    added,
    removed,
  ])

describe('diffstat', () => {
  it('names files of every kind', async () => {
    expect(await stat({ from: null, to: oids[0] ?? '' })).toEqual([
      ['added', undefined, 'README.md', 1, 0],
      ['added', undefined, 'src/deep/er/leaf.txt', 1, 0],
      ['added', undefined, 'src/main.c', 40, 0],
    ])
    expect(await stat(one(5))).toEqual([['renamed', 'src/main.c', 'src/moved.c', 1, 0]])
    expect(await stat({ ...one(5), renames: false })).toEqual([
      ['removed', 'src/main.c', undefined, 0, 40],
      ['added', undefined, 'src/moved.c', 41, 0],
    ])
    expect(await stat(one(6))).toEqual([
      ['added', undefined, 'bin.dat', undefined, undefined],
      ['added', undefined, 'new\nline', 1, 0],
    ])
    expect(await stat({ from: oids[6] ?? '', to: oids[6] ?? '' })).toEqual([])
  })
  it('keeps to the paths that it is given, byte for byte', async () => {
    const whole = { from: null, to: oids[6] ?? '' }
    const paths = (...names: string[]) => stat({ ...whole, paths: names.map((name) => Buffer.from(name, 'latin1')) })
    expect(await paths('src/deep', 'run.sh')).toHaveLength(2)
    expect(await paths('caf\xe9.txt')).toEqual([['added', undefined, 'caf\\xe9.txt', 1, 0]])
    expect(await paths('new\nline')).toHaveLength(1)
    for (const none of ['*', '*.txt', ':/', ':(glob)*', '--cached', '-p', ':!src', 'caf?.txt'])
      expect(await paths(none)).toEqual([])
  })
})

const lines = (indent: string, change: string) => `${'a\n'.repeat(9)}${indent}b\n${'c\n'.repeat(9)}${change}\n`

describe('patches', () => {
  it('are those of git', async () => {
    const own = ask(repo.path, ['diff', '-M', '--full-index', oids[4] ?? '', oids[5] ?? ''])
    expect((await text(await diffStream(reads, repo, one(5)))).trimEnd()).toBe(own)
  })
  it('take context, whitespace and paths as asked', async () => {
    const path = join(lab.dir, 'spaces.git')
    const [from = '', to = ''] = makeRepository(path, {
      commits: [{ files: { f: lines('', 'x') } }, { files: { f: lines('  ', 'y'), g: 'g\n' } }],
      refs: { 'refs/heads/main': 1 },
    })
    const spaces = { id: 'spaces', path }
    const patch = async (wish: object) => text(await diffStream(reads, spaces, { from, to, ...wish }))
    expect((await patch({})).match(/^@@/gm)).toHaveLength(3)
    expect(await patch({ ignoreWhitespace: true })).not.toContain('+  b')
    expect(await patch({ context: 0 })).not.toMatch(/^ [ac]/m)
    expect((await patch({ context: 1e9 })).match(/^ [ac]/gm)).toHaveLength(18)
    expect(await patch({ paths: [Buffer.from('g')] })).not.toContain('a/f')
  })
  it('come without a process of their own where they are usual, and whole where they are large', async () => {
    const usual = await diffBody(reads, repo, one(5))
    const spawned = lab.git.spawned
    for (let at = 1; at < 7; at++) {
      const patch = await diffBody(reads, repo, one(at))
      expect(patch).toEqual(await buffer(await diffStream(reads, repo, one(at))))
    }
    expect(lab.git.spawned - spawned).toBe(6)
    expect(await diffBody(reads, repo, one(5))).toEqual(usual)
    const path = join(lab.dir, 'large.git')
    const [from = '', to = ''] = makeRepository(path, {
      commits: [{}, { files: { f: 'a line of text\n'.repeat(100_000) } }],
      refs: { 'refs/heads/main': 1 },
    })
    const large = { id: 'large', path }
    const body = await diffBody(reads, large, { from, to })
    expect(Buffer.isBuffer(body) ? 0 : (await buffer(body)).length).toBeGreaterThan(1_500_000)
    expect(await diffBody(reads, large, { from: to, to })).toEqual(Buffer.alloc(0))
  })
  it('show names that are no ASCII as they are', async () => {
    const patch = await buffer(await diffStream(reads, repo, one(2)))
    expect(patch.includes(Buffer.from('+++ b/caf\xe9.txt', 'latin1'))).toBe(true)
  })
  it('of a commit can be applied by git am', async () => {
    for (const at of [5, 6]) {
      const work = join(lab.dir, `am-${at}`)
      mkdirSync(work)
      const env = personEnv(join(lab.dir, 'home'))
      const git = (args: string[], input?: Buffer) =>
        execFileSync('git', args, { cwd: work, env, input, stdio: ['pipe', 'pipe', 'pipe'] }).toString()
      git(['clone', '-q', repo.path, '.'])
      git(['checkout', '-q', oids[at - 1] ?? ''])
      const patch = await buffer(await patchOf(reads, repo, oids[at] ?? ''))
      expect(patch.toString()).toMatch(/^From [0-9a-f]{40} .*\nFrom: (Ada|Bo) /)
      if (at === 5) git(['am', '-q'], patch)
      if (at === 5) expect(git(['diff', oids[at] ?? ''])).toBe('')
    }
  })
  it('of a merge is what it brought to its first parent', async () => {
    const patch = await text(await patchOf(reads, repo, oids[4] ?? ''))
    expect(patch).toContain('Subject: [PATCH] Merge side')
    expect(patch).toContain('+++ b/src/side.c')
    expect(patch).not.toContain('crlf.txt')
  })
  it('of a range come as a series, oldest first', async () => {
    const series = await text(await patchSeries(reads, repo, { include: oids[6] ?? '', exclude: oids[3] ?? '' }))
    expect(series.match(/^Subject: .*$/gm)).toEqual(
      [2, 5, 6].map((at, i) => `Subject: [PATCH ${i + 1}/3] Commit ${at}`),
    )
  })
})

const compare = async (spec: string, topic = true) => {
  const { from, to, destination } = await resolveComparison(reads, repo, { spec, topic })
  return [from === null ? null : oids.indexOf(from), oids.indexOf(to), destination && oids.indexOf(destination)]
}

describe('comparisons', () => {
  it('of one commit start at its first parent', async () => {
    expect(await compare('main')).toEqual([5, 6, undefined])
    expect(await compare('v1.0')).toEqual([2, 4, undefined])
    expect(await compare(oids[0] ?? '')).toEqual([null, 0, undefined])
  })
  it('of source..destination start where the source left, or at the destination', async () => {
    expect(await compare('feature/one..refs/tags/both')).toEqual([1, 3, 2])
    expect(await compare('feature/one..refs/tags/both', false)).toEqual([2, 3, 2])
    expect(await compare('main..feature/one')).toEqual([3, 6, 3])
  })
  it.each(['..', 'main..', '..main', 'main..nothing', 'main...feature/one', '--output=x', 'main..-p'])(
    'of %j are not found',
    async (spec) => {
      await expect(resolveComparison(reads, repo, { spec, topic: true })).rejects.toMatchObject({ code: 'git.object' })
    },
  )
})
