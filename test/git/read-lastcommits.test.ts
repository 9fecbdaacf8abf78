// The last commit of each entry against `git log -1` of each, on random histories with merges, and after pushes.
import { array, assert, asyncProperty, boolean, constantFrom, nat, record, uniqueArray } from 'fast-check'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lastCommits, type FolderMemory, type LastCommits } from '../../server/git/read/lastcommits.ts'
import { openReads, type Reads } from '../../server/git/read/reads.ts'
import { openRefs, type Repo } from '../../server/git/refs/refs.ts'
import { ask, makeRepository, type Draft } from '../helpers/repos.ts'
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
  const id = `last${++number}`
  const path = join(lab.dir, `${id}.git`)
  const refs = { 'refs/heads/main': commits.length - 1 }
  return { repo: { id, path }, oids: makeRepository(path, { commits, refs }) }
}

async function found(repo: Repo, commit: string, folder = '', memory?: FolderMemory): Promise<Map<string, string>> {
  const whole = new Map<string, string>()
  const wish = { commit, folder: Buffer.from(folder, 'latin1'), ...(memory ? { memory } : {}) }
  for await (const piece of lastCommits(reads, repo, wish))
    for (const [name, oid] of piece) {
      expect(whole.has(name)).toBe(false)
      whole.set(name, oid)
    }
  return whole
}

function memory(): FolderMemory & { size: number } {
  const known = new Map<string, LastCommits>()
  return {
    get: (commit) => Promise.resolve(known.get(commit)),
    known: () => Promise.resolve((commit) => known.has(commit)),
    put: (commit, whole) => void known.set(commit, whole),
    get size() {
      return known.size
    },
  }
}

const writeGraph = (repo: Repo): string => ask(repo.path, ['commit-graph', 'write', '--reachable', '--changed-paths'])

const FILES = ['a', 'b', 'dir/c', 'dir/d', 'dir/sub/e', 'dir.txt']
const drafts = array(
  record({
    back: uniqueArray(nat(3), { maxLength: 2 }),
    files: uniqueArray(constantFrom(...FILES), { maxLength: 2 }),
    gone: boolean(),
  }),
  { minLength: 1, maxLength: 18 },
).map((list) =>
  list.map(({ back, files, gone }, at): Draft => {
    const parents = [...new Set(back.map((n) => at - 1 - n).filter((id) => id >= 0))]
    const content = gone && parents.length === 1 ? null : String(at % 5)
    return { parents, files: Object.fromEntries(files.map((name) => [name, content])) }
  }),
)

const filesOf = (at: number): Record<string, string> =>
  at === 0 ? { old: '1', hot: '0' } : { hot: String(at), x: String(at) }

describe('last commits', () => {
  it('have the content that the entry has, and their parents have another', async () => {
    const property = asyncProperty(drafts, boolean(), async (list, withGraph) => {
      const { repo, oids } = newRepo(list)
      if (withGraph) writeGraph(repo)
      const tip = oids.at(-1) ?? ''
      for (const folder of ['', 'dir']) {
        if (folder !== '' && idAt(repo, tip, folder) === undefined) continue
        const answer = await found(repo, tip, folder)
        const names = ask(repo.path, ['ls-tree', '--name-only', `${tip}:${folder}`])
          .split('\n')
          .filter(Boolean)
        expect([...answer.keys()].toSorted()).toEqual(names.toSorted())
        for (const [name, oid] of answer)
          checkMade(repo, { tip, oid, path: folder === '' ? name : `${folder}/${name}` })
      }
      reads.forget(repo.id)
      rmSync(repo.path, { recursive: true })
    })
    await assert(property, { numRuns: 15 })
  })
  it('are those of git log on a line of commits', async () => {
    const { repo, oids } = newRepo(
      Array.from({ length: 300 }, (_, at) => ({
        files: { [`f${at % 40}`]: String(at), [`dir/g${at % 7}`]: String(at) },
      })),
    )
    const tip = oids[299] ?? ''
    for (const graph of [false, true]) {
      if (graph) writeGraph(repo)
      for (const folder of ['', 'dir'])
        for (const [name, oid] of await found(repo, tip, folder))
          expect(oid).toBe(ask(repo.path, ['rev-list', '-1', tip, '--', folder === '' ? name : `${folder}/${name}`]))
    }
  })
  it('are told in order of age, and old ones need few comparisons', async () => {
    const { repo, oids } = newRepo(Array.from({ length: 2000 }, (_, at) => ({ files: filesOf(at) })))
    writeGraph(repo)
    const pieces: string[][] = []
    for await (const piece of lastCommits(reads, repo, { commit: oids[1999] ?? '', folder: Buffer.alloc(0) }))
      pieces.push([...piece.keys()])
    expect(pieces).toEqual([['hot', 'x'], ['old']])
  })
  it('remember: after a push only what was pushed is looked at', async () => {
    const { repo, oids } = newRepo(Array.from({ length: 50 }, (_, at) => ({ files: { [`f${at % 9}`]: String(at) } })))
    const known = memory()
    const tip = oids[49] ?? ''
    const before = await found(repo, tip, '', known)
    const spawned = lab.git.spawned
    expect(await found(repo, tip, '', known)).toEqual(before)
    expect(lab.git.spawned).toBe(spawned)
    const blob = ask(repo.path, ['hash-object', '-w', '--stdin'], 'new')
    const tree = ask(repo.path, ['mktree'], `${ask(repo.path, ['ls-tree', tip])}\n100644 blob ${blob}\tnew\n`)
    const next = ask(repo.path, ['commit-tree', '-p', tip, '-m', 'new', tree])
    expect(await found(repo, next, '', known)).toEqual(new Map([...before, ['new', next]]))
    expect(known.size).toBe(2)
  })
  it('name what a merge made of its own', async () => {
    const { repo, oids } = newRepo([
      { files: { a: '1', b: '1' } },
      { files: { a: '2' } },
      { parents: [0], files: { b: '2' } },
      { parents: [1, 2], files: { a: '3', b: '2' } },
    ])
    expect(await found(repo, oids[3] ?? '')).toEqual(
      new Map([
        ['a', oids[3]],
        ['b', oids[2]],
      ]),
    )
  })
  it('know odd names, and no folder that is not there', async () => {
    const { repo, oids } = newRepo([
      { files: { 'caf\xe9/x\xe9': '1', 'new\nline': '2', f: '3' } },
      { files: { f: '4' } },
    ])
    const tip = oids[1] ?? ''
    expect(await found(repo, tip, 'caf\xe9')).toEqual(new Map([['x\xe9', oids[0]]]))
    expect((await found(repo, tip)).get('new\nline')).toBe(oids[0])
    for (const none of ['f', 'none', '..'])
      await expect(found(repo, tip, none)).rejects.toMatchObject({ code: 'git.object' })
  })
  it('leave nothing running when the reader goes', async () => {
    const { repo, oids } = newRepo(Array.from({ length: 200 }, (_, at) => ({ files: { [`f${at}`]: '1' } })))
    for await (const piece of lastCommits(reads, repo, { commit: oids[199] ?? '', folder: Buffer.alloc(0) }))
      if (piece.size > 0) break
    await expect.poll(() => lab.git.running().filter(({ name }) => name === 'last commits')).toEqual([])
  })
})

function idAt(repo: Repo, commit: string, path: string): string | undefined {
  const line = ask(repo.path, ['ls-tree', commit, '--', path])
  return line === '' ? undefined : line.split(/[ \t]/)[2]
}

/** The commit reaches the tip's content of the path, and none of its parents has it. */
function checkMade(repo: Repo, { tip, oid, path }: { tip: string; oid: string; path: string }): void {
  const content = idAt(repo, tip, path)
  expect(idAt(repo, oid, path)).toBe(content)
  const parents = ask(repo.path, ['rev-list', '--parents', '-1', oid]).split(' ').slice(1)
  for (const parent of parents) expect(idAt(repo, parent, path)).not.toBe(content)
  expect(ask(repo.path, ['merge-base', oid, tip])).toBe(oid)
}
