// The history of paths against git, across renames and merges, page by page.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pathBytes, pathText } from '../../server/git/format/paths.ts'
import { pathHistory, type PathPlace } from '../../server/git/read/pathlog.ts'
import { openReads, type Reads } from '../../server/git/read/reads.ts'
import { openRefs, type Repo } from '../../server/git/refs/refs.ts'
import { ask, makeRepository, type Draft } from '../helpers/repos.ts'
import { openLab, type Lab } from './lab.ts'

let lab: Lab
let reads: Reads
let repo: Repo
let oids: string[]
let tip: string

const body = (n: number) => `${Array.from({ length: 30 }, (_, i) => `line ${i}`).join('\n')}\n${n}\n`

/** `a.txt` becomes `dir/b.txt` at 10 and `dir/c.txt` at 20; every third commit changes it. */
const COMMITS = Array.from({ length: 30 }, (_, at): Draft => {
  if (at === 10) return { files: { 'a.txt': null, 'dir/b.txt': body(9) } }
  if (at === 20) return { files: { 'dir/b.txt': null, 'dir/c.txt': body(18) } }
  const name = at < 10 ? 'a.txt' : at < 20 ? 'dir/b.txt' : 'dir/c.txt'
  if (at % 3 === 0) return { files: { [name]: body(at) } }
  return { files: { 'other.txt': String(at), ...(at === 4 ? { 'caf\xe9': 'x', '--all': 'x', '*': 'x' } : {}) } }
})

beforeAll(async () => {
  lab = await openLab()
  reads = openReads(lab.git, openRefs(lab.git))
  repo = { id: 'paths', path: join(lab.dir, 'paths.git') }
  oids = makeRepository(repo.path, { commits: COMMITS, refs: { 'refs/heads/main': 29 } })
  tip = oids[29] ?? ''
})
afterAll(async () => {
  reads.close()
  await lab.close()
})

async function history(path: string, more: { follow?: boolean; limit?: number } = {}): Promise<string[]> {
  const found: string[] = []
  let place: PathPlace | undefined = { include: [tip], path: pathBytes(path), skip: 0 }
  while (place) {
    const page = await pathHistory(reads, repo, { limit: 100, ...more, ...place })
    found.push(...page.records.map((record) => `${oids.indexOf(record.oid)} ${pathText(record.path)}`))
    place = page.next
  }
  return found
}

const byGit = (path: string): string[] =>
  ask(repo.path, ['rev-list', tip, '--', path])
    .split('\n')
    .map((oid) => `${oids.indexOf(oid)} ${path}`)

describe('path history', () => {
  it('is that of git', async () => {
    for (const path of ['dir/c.txt', 'dir', 'other.txt']) expect(await history(path)).toEqual(byGit(path))
    expect(await history('nothing')).toEqual([])
  })
  it.each([1, 3, 7, 100])('goes on under older names, in pages of %d', async (limit) => {
    const followed = await history('dir/c.txt', { follow: true, limit })
    const expected = ask(repo.path, ['log', '--follow', '--format=%H', 'main', '--', 'dir/c.txt']).split('\n')
    expect(followed.map((record) => oids[Number(record.split(' ')[0])])).toEqual(expected)
    expect(followed.filter((record) => record.endsWith('dir/b.txt'))).toHaveLength(4)
    expect(followed.at(-1)).toBe('0 a.txt')
  })
  it('takes names for names, whatever they look like', async () => {
    expect(await history('caf\\xe9')).toEqual(['4 caf\\xe9'])
    expect(await history('--all')).toEqual(['4 --all'])
    expect(await history('*')).toEqual(['4 *'])
    expect(await history(':(glob)*')).toEqual([])
  })
  it('leaves out what other commits reach', async () => {
    const wish = { include: [tip], exclude: [oids[25] ?? ''], path: Buffer.from('dir'), skip: 0, limit: 9 }
    expect((await pathHistory(reads, repo, wish)).records).toEqual([{ oid: oids[27], path: Buffer.from('dir') }])
  })
})
