// The commit graph in process against git itself, over histories of any shape and graph files of any kind.
import { array, assert, asyncProperty, boolean, constantFrom, integer, nat, record, uniqueArray } from 'fast-check'
import { appendFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as history from '../../server/git/read/history.ts'
import { openReads, type Reads } from '../../server/git/read/reads.ts'
import { openRefs, type Repo } from '../../server/git/refs/refs.ts'
import { addCommits, ask, makeRepository, type Draft } from '../helpers/repos.ts'
import { openLab, type Lab } from './lab.ts'

let lab: Lab
let reads: Reads
let number = 0

beforeAll(async () => {
  lab = await openLab()
  reads = openReads(lab.git, openRefs(lab.git))
})
afterAll(async () => {
  reads.close()
  await lab.close()
})

function newRepo(commits: Draft[]): { repo: Repo; oids: string[] } {
  const id = `r${++number}`
  const path = join(lab.dir, `${id}.git`)
  const tips = Object.fromEntries(commits.map((_, at) => [`refs/heads/b${at}`, at]))
  return { repo: { id, path }, oids: makeRepository(path, { commits, refs: tips }) }
}

const START = 1_700_000_000
/** Dates may be equal or run backwards. */
const drafts = array(
  record({ back: uniqueArray(nat(4), { maxLength: 3 }), date: integer({ min: 0, max: 9 }), straight: boolean() }),
  { minLength: 2, maxLength: 25 },
).map((list) =>
  list.map(({ back, date, straight }, at): Draft => ({
    parents: [...new Set(back.map((n) => at - 1 - n).filter((id) => id >= 0))],
    date: START + (straight ? at : date) * 10,
  })),
)
const graphKinds = constantFrom('none', 'whole', 'part', 'chain', 'v1')

function writeGraph(repo: Repo, kind: string, oids: string[]): void {
  const write = (tips: string[], ...more: string[]): void =>
    void ask(repo.path, [...more, 'commit-graph', 'write', '--stdin-commits'], tips.join('\n'))
  const half = oids.slice(0, Math.ceil(oids.length / 2))
  if (kind === 'whole') write(oids)
  if (kind === 'part') write(half)
  if (kind === 'v1') write(oids, '-c', 'commitGraph.generationVersion=1')
  if (kind !== 'chain') return
  for (const tips of [half, oids])
    ask(repo.path, ['commit-graph', 'write', '--stdin-commits', '--split=no-merge'], tips.join('\n'))
}

describe('against git', () => {
  it('answers alike on any history', async () => {
    const property = asyncProperty(
      drafts,
      graphKinds,
      array(nat(), { minLength: 2, maxLength: 5 }),
      async (list, kind, numbers) => {
        const { repo, oids } = newRepo(list)
        writeGraph(repo, kind, oids)
        const tips = numbers.map((n) => oids[n % oids.length] ?? '')
        const [a = '', b = ''] = tips
        await compare(repo, tips)
        expect((await history.mergeBases(reads, repo, [a, b])).toSorted()).toEqual(
          lines(repo, ['merge-base', '--all', a, b]).toSorted(),
        )
        reads.forget(repo.id)
        rmSync(repo.path, { recursive: true })
      },
    )
    await assert(property, { numRuns: 40 })
  })
})

function lines(repo: Repo, args: string[]): string[] {
  try {
    return ask(repo.path, args).split('\n').filter(Boolean)
  } catch {
    return []
  }
}

async function compare(repo: Repo, tips: string[]): Promise<void> {
  const [a = '', b = '', ...more] = tips
  const all = await history.log(reads, repo, { include: tips, limit: 100 })
  expect(all.oids).toEqual(lines(repo, ['rev-list', ...tips]))
  const less = await history.log(reads, repo, { include: [a, ...more], exclude: [b], limit: 100 })
  const expected = lines(repo, ['rev-list', '--topo-order', a, ...more, `^${b}`])
  expect(less.oids.toSorted()).toEqual(expected.toSorted())
  expect(await history.countCommits(reads, repo, { include: [a, ...more], exclude: [b] })).toBe(expected.length)
  const [left, right] = ask(repo.path, ['rev-list', '--count', '--left-right', '--topo-order', `${a}...${b}`]).split(
    '\t',
  )
  const both = { ahead: Number(left), behind: Number(right) }
  expect(await history.aheadBehind(reads, repo, { base: b, tips: [a, b] })).toEqual([both, { ahead: 0, behind: 0 }])
  expect(await history.isAncestor(reads, repo, a, b)).toBe(both.ahead === 0)
}

/** A line of commits with a side branch that is merged now and then. */
function long(count: number): Draft[] {
  return Array.from({ length: count }, (_, at): Draft => {
    if (at === 0) return { parents: [] }
    if (at % 10 === 9) return { parents: [at - 1, at - 5] }
    return { parents: [at % 10 === 5 ? at - 3 : at - 1] }
  })
}

describe('a history of 5,000 commits', () => {
  let repo: Repo
  let oids: string[]
  let tip: string
  beforeAll(() => {
    ;({ repo, oids } = newRepo(long(5000)))
    tip = oids[4999] ?? ''
  })

  it('is walked without a graph file by one process, and held after', async () => {
    const before = lab.git.spawned
    expect(await history.countCommits(reads, repo, { include: [tip] })).toBe(lines(repo, ['rev-list', tip]).length)
    expect(lab.git.spawned - before).toBeLessThanOrEqual(3)
    const held = lab.git.spawned
    expect((await history.log(reads, repo, { include: [tip], limit: 30 })).oids).toEqual(
      lines(repo, ['rev-list', '-30', tip]),
    )
    expect(lab.git.spawned).toBe(held)
  })
  it('needs no process at all with one, and follows when it grows', async () => {
    ask(repo.path, ['commit-graph', 'write', '--reachable', '--split'])
    const before = lab.git.spawned
    expect((await history.log(reads, repo, { include: [tip], limit: 30 })).oids).toEqual(
      lines(repo, ['rev-list', '-30', tip]),
    )
    expect(await history.mergeBases(reads, repo, [tip, oids[4000] ?? ''])).toEqual([oids[4000]])
    expect(lab.git.spawned).toBe(before)

    const [fresh = ''] = addCommits(repo.path, { commits: [{ message: 'alone' }], refs: { 'refs/heads/x': 0 } })
    const onTop = ask(repo.path, ['commit-tree', '-p', tip, '-p', fresh, '-m', 'on top', `${tip}^{tree}`])
    ask(repo.path, ['update-ref', 'refs/heads/y', onTop])
    expect((await history.log(reads, repo, { include: [onTop], limit: 1 })).oids).toEqual([onTop])
    expect(await history.isAncestor(reads, repo, fresh, onTop)).toBe(true)
    ask(repo.path, ['commit-graph', 'write', '--reachable', '--split=no-merge'])
    expect(await history.countCommits(reads, repo, { include: [onTop], exclude: [tip] })).toBe(2)
  })
  it('is paged as it is listed', async () => {
    const all = lines(repo, ['rev-list', '-100', tip])
    const paged: string[] = []
    for (let after: string | undefined; paged.length < 100;) {
      const page = await history.log(reads, repo, { include: [tip], limit: 7, after })
      paged.push(...page.oids)
      after = page.next
    }
    expect(paged.slice(0, 100)).toEqual(all)
    const last = await history.log(reads, repo, { include: [oids[2] ?? ''], limit: 3 })
    expect(last).toEqual({ oids: [oids[2], oids[1], oids[0]], next: undefined })
  })
  it('does without a damaged file, and says when commits are missing', async () => {
    const { repo: other, oids: own } = newRepo(long(20))
    ask(other.path, ['commit-graph', 'write', '--reachable'])
    const file = join(other.path, 'objects/info/commit-graph')
    const end = own[19] ?? ''
    for (const harm of [() => truncateSync(file, 1500), () => appendToHead(file), () => writeFileSync(file, '')]) {
      rmSync(file, { force: true })
      ask(other.path, ['commit-graph', 'write', '--reachable'])
      harm()
      reads.forget(other.id)
      expect((await history.log(reads, other, { include: [end], limit: 50 })).oids).toEqual(
        ask(other.path, ['-c', 'core.commitGraph=false', 'rev-list', end]).split('\n'),
      )
    }
    await expect(history.log(reads, other, { include: ['f'.repeat(40)], limit: 1 })).rejects.toMatchObject({
      code: 'git.object',
    })
    const tree = ask(other.path, ['rev-parse', `${end}^{tree}`])
    await expect(history.log(reads, other, { include: [tree], limit: 1 })).rejects.toMatchObject({ code: 'git.object' })
  })
  it('ends where a shallow repository ends', async () => {
    const path = join(lab.dir, 'shallow.git')
    ask(repo.path, ['clone', '-q', '--bare', '--depth=3', '--branch=b4000', `file://${repo.path}`, path])
    const cut = { id: 'shallow', path }
    const found = await history.log(reads, cut, { include: [oids[4000] ?? ''], limit: 100 })
    expect(found.oids).toEqual(lines(cut, ['rev-list', oids[4000] ?? '']))
  })
  it('stops when nobody waits any more', async () => {
    const gone = new AbortController()
    gone.abort(new Error('gone'))
    const { repo: other, oids: own } = newRepo(long(10))
    await expect(history.log(reads, other, { include: [own[9] ?? ''], limit: 9 }, gone.signal)).rejects.toThrow('gone')
  })
})

function appendToHead(file: string): void {
  writeFileSync(file, 'CGPH\u0001\u0001\u0040\u0000garbage')
  appendFileSync(file, Buffer.alloc(4000, 7))
}
