// Revisions as people type them, folders and files, on the zoo and on trees made to hurt.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pathBytes, pathText } from '../../server/git/format/paths.ts'
import { openReads, type Reads } from '../../server/git/read/reads.ts'
import { openRefs, type Repo } from '../../server/git/refs/refs.ts'
import { resolve, resolveWithPath } from '../../server/git/read/revisions.ts'
import { entryAt, listFiles, listFolder } from '../../server/git/read/trees.ts'
import { ask, makeBare, makeRepository, zoo } from '../helpers/repos.ts'
import { openLab, type Lab } from './lab.ts'

let lab: Lab
let reads: Reads
let repo: Repo
let oids: string[]
let empty: Repo

beforeAll(async () => {
  lab = await openLab()
  reads = openReads(lab.git, openRefs(lab.git))
  repo = place('zoo')
  oids = zoo(repo.path)
  empty = place('empty')
  makeBare(empty.path)
})
afterAll(async () => {
  reads.close()
  await lab.close()
})

const place = (id: string): Repo => ({ id, path: join(lab.dir, `${id}.git`) })
const missing = { code: 'git.object' }

describe('revisions', () => {
  it('knows branches, tags, ids and HEAD', async () => {
    const main = { oid: oids[6], kind: 'branch', name: 'refs/heads/main' }
    expect(await resolve(reads, repo, 'main')).toEqual(main)
    expect(await resolve(reads, repo, 'HEAD')).toEqual(main)
    expect(await resolve(reads, repo, 'refs/heads/main')).toEqual(main)
    expect(await resolve(reads, repo, 'feature/one')).toMatchObject({ oid: oids[3], kind: 'branch' })
    expect(await resolve(reads, repo, 'v1.0')).toEqual({ oid: oids[4], kind: 'tag', name: 'refs/tags/v1.0' })
    expect(await resolve(reads, repo, oids[2] ?? '')).toEqual({ oid: oids[2], kind: 'commit' })
    expect(await resolve(reads, repo, oids[2]?.slice(0, 9).toUpperCase() ?? '')).toEqual({
      oid: oids[2],
      kind: 'commit',
    })
    expect((await resolve(reads, repo, ask(repo.path, ['rev-parse', 'v1.0']))).oid).toBe(oids[4])
  })
  it('prefers a branch to a tag', async () => {
    expect(await resolve(reads, repo, 'both')).toMatchObject({ kind: 'branch', oid: oids[5] })
    expect(await resolve(reads, repo, 'refs/tags/both')).toMatchObject({ kind: 'tag', oid: oids[2] })
  })
  it('prefers a full id to a branch that is called like it', async () => {
    ask(repo.path, ['update-ref', `refs/heads/${oids[1]}`, oids[6] ?? ''])
    expect((await resolve(reads, repo, oids[1] ?? '')).oid).toBe(oids[1])
    ask(repo.path, ['update-ref', '-d', `refs/heads/${oids[1]}`])
  })
  it.each([
    '',
    'nothing',
    'mai',
    'gitstead/kept',
    'refs/gitstead/kept',
    'abc',
    'HEAD~1',
    'main^',
    'main@{0}',
    '--all',
    '-p',
    'ma\0in',
    'main\nHEAD',
    ':/Merge',
    'f'.repeat(40),
    'heads/main',
  ])('knows no %j', async (text) => {
    await expect(resolve(reads, repo, text)).rejects.toMatchObject(missing)
  })
  it('takes no tree for a commit', async () => {
    const tree = ask(repo.path, ['rev-parse', 'main^{tree}'])
    ask(repo.path, ['update-ref', 'refs/tags/tree', tree])
    await expect(resolve(reads, repo, 'tree')).rejects.toMatchObject(missing)
    await expect(resolve(reads, repo, tree)).rejects.toMatchObject(missing)
    ask(repo.path, ['update-ref', '-d', 'refs/tags/tree'])
  })
  it('says of an empty repository that it is so', async () => {
    for (const text of ['HEAD', 'main', 'abcd1234'])
      await expect(resolve(reads, empty, text)).rejects.toMatchObject({ code: 'git.empty' })
  })
  it('follows a detached HEAD and misses an unborn one', async () => {
    const other = place('heads')
    const [first = ''] = makeRepository(other.path, { commits: [{}], refs: { 'refs/heads/dev': 0 } })
    await expect(resolve(reads, other, 'HEAD')).rejects.toMatchObject(missing)
    writeFileSync(join(other.path, 'HEAD'), `${first}\n`)
    expect(await resolve(reads, other, 'HEAD')).toEqual({ oid: first, kind: 'commit' })
  })
  it('parts a path from the longest ref that exists', async () => {
    const split = async (text: string) => {
      const { oid, path } = await resolveWithPath(reads, repo, text)
      return [oids.indexOf(oid), path]
    }
    expect(await split('main')).toEqual([6, ''])
    expect(await split('main/src/deep')).toEqual([6, 'src/deep'])
    expect(await split('feature/one/src')).toEqual([3, 'src'])
    expect(await split('feature/README.md')).toEqual([1, 'README.md'])
    expect(await split(`${oids[0]}/src/`)).toEqual([0, 'src/'])
    expect(await split(`${oids[0]?.slice(0, 8)}/a`)).toEqual([0, 'a'])
    await expect(split('nothing/src')).rejects.toMatchObject(missing)
    await expect(split('')).rejects.toMatchObject(missing)
  })
})

const at = (path: string | Buffer, commit = oids[6] ?? '') => entryAt(reads, repo, { commit, path: Buffer.from(path) })

describe('entries', () => {
  it('lie at their paths', async () => {
    expect(await at('')).toMatchObject({ kind: 'folder', oid: ask(repo.path, ['rev-parse', 'main^{tree}']) })
    expect(await at('src/deep/er/leaf.txt')).toMatchObject({ kind: 'file', mode: '100644' })
    expect(await at('/src/deep/')).toMatchObject({ kind: 'folder' })
    expect(await at('run.sh')).toMatchObject({ kind: 'executable' })
    expect(await at('vendor/lib')).toMatchObject({ kind: 'submodule', oid: '1'.repeat(40) })
    expect(await at('new\nline')).toMatchObject({ kind: 'file' })
  })
  it('have an address when they are no UTF-8', async () => {
    const entry = await at(pathBytes('caf\\xe9.txt'))
    expect(pathText(entry?.path ?? Buffer.alloc(0))).toBe('caf\\xe9.txt')
  })
  it.each([
    'nothing',
    'src/../README.md',
    './src',
    'src//main.c',
    '..',
    '.git/config',
    'README.md/x',
    'link/x',
    'vendor/lib/x',
  ])('are not at %j', async (path) => expect(await at(path)).toBeUndefined())
  it('are not followed when they are links', async () => {
    expect(await at('link')).toMatchObject({ kind: 'symlink' })
  })
})

async function list(path: string, wish: { depth?: number; offset?: number; limit?: number } = {}) {
  const folder = await at(path)
  if (!folder) throw new Error('no such folder')
  const { entries, more } = await listFolder(reads, repo, { folder, depth: 1, offset: 0, limit: 100, ...wish })
  return { paths: entries.map((entry) => pathText(entry.path)), entries, more }
}

describe('listings', () => {
  it('show folders first, with sizes', async () => {
    const { paths, entries } = await list('')
    const names = ['src', 'vendor', 'README.md', 'bin.dat', 'caf\\xe9.txt', 'crlf.txt', 'link', 'new\nline', 'run.sh']
    expect(paths).toEqual(names)
    expect(entries.map(({ size }) => size)).toEqual([undefined, undefined, 6, 4, 6, 6, 10, 2, 10])
  })
  it('go deeper level by level', async () => {
    expect((await list('src', { depth: 9 })).paths).toEqual([
      'src/deep',
      'src/moved.c',
      'src/side.c',
      'src/deep/er',
      'src/deep/er/leaf.txt',
    ])
    expect((await list('src', { depth: 2 })).paths).toHaveLength(4)
  })
  it('come in pages', async () => {
    const whole = (await list('', { depth: 9 })).paths
    const paged: string[] = []
    for (let more = true; more;) {
      const page = await list('', { depth: 9, offset: paged.length, limit: 4 })
      paged.push(...page.paths)
      ;({ more } = page)
    }
    expect(paged).toEqual(whole)
  })
  it('list all files for a search by name', async () => {
    const { paths, truncated } = await listFiles(reads, repo, oids[6] ?? '', { limit: 100 })
    expect(paths.map(pathText)).toEqual(
      ask(repo.path, ['-c', 'core.quotePath=off', 'ls-tree', '-rz', '--name-only', 'main'])
        .split('\0')
        .filter(Boolean)
        .map((path) => path.replace('\ufffd', '\\xe9')),
    )
    expect(truncated).toBe(false)
    expect(await listFiles(reads, repo, oids[6] ?? '', { limit: 2 })).toMatchObject({
      truncated: true,
      paths: { length: 2 },
    })
  })
  it('show a page of a folder of 100,000 files', async () => {
    const blob = ask(repo.path, ['hash-object', '-w', '--stdin'], 'x')
    const lines = Array.from({ length: 100_000 }, (_, i) => `100644 blob ${blob}\tfile-${String(i).padStart(6, '0')}\n`)
    const oid = ask(repo.path, ['mktree'], lines.join(''))
    const folder = { oid, path: Buffer.alloc(0) }
    const { entries, more } = await listFolder(reads, repo, { folder, depth: 1, offset: 99_990, limit: 100 })
    expect([entries.length, more, String(entries[9]?.name)]).toEqual([10, false, 'file-099999'])
    expect((await listFolder(reads, repo, { folder, depth: 1, offset: 50_000, limit: 1 })).more).toBe(true)
  })
  it('end before a tree explodes', async () => {
    const blob = ask(repo.path, ['hash-object', '-w', '--stdin'], 'x')
    const ten = (kind: string, oid: string) =>
      ask(repo.path, ['mktree'], Array.from({ length: 10 }, (_, i) => `${kind} ${oid}\td${i}\n`).join(''))
    let oid = ten('100644 blob', blob)
    for (let i = 0; i < 9; i++) oid = ten('040000 tree', oid)
    const folder = { oid, path: Buffer.alloc(0) }
    expect((await listFolder(reads, repo, { folder, depth: 20, offset: 0, limit: 100 })).entries).toHaveLength(100)
    const far = listFolder(reads, repo, { folder, depth: 20, offset: 1e9, limit: 100 })
    await expect(far).rejects.toMatchObject({ code: 'git.output' })
    const bomb = ask(repo.path, ['commit-tree', '-m', 'bomb', oid])
    expect(await listFiles(reads, repo, bomb, { limit: 50 })).toMatchObject({ truncated: true, paths: { length: 50 } })
    await expect.poll(() => lab.git.running().filter(({ name }) => name === 'list files')).toEqual([])
  })
})
