// Whether a branch moved forward, near and far, straight, merged and not at all.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isForward } from '../../server/git/read/forward.ts'
import { openReads, type Reads } from '../../server/git/read/reads.ts'
import { openRefs, type Repo } from '../../server/git/refs/refs.ts'
import { ask, makeRepository } from '../helpers/repos.ts'
import { openLab, type Lab } from './lab.ts'

const LENGTH = 40
let lab: Lab
let reads: Reads
let repo: Repo
let oids: string[]

beforeAll(async () => {
  lab = await openLab()
  reads = openReads(lab.git, openRefs(lab.git))
  const path = join(lab.dir, 'line.git')
  const line = Array.from({ length: LENGTH }, (_, at) => ({ parents: at === 0 ? [] : [at - 1] }))
  // Behind the line: a root of its own, and a merge whose second parent is the tip of the line.
  const commits = [...line, { parents: [] }, { parents: [LENGTH, LENGTH - 1] }]
  repo = { id: 'line', path }
  oids = makeRepository(path, { commits, refs: { 'refs/heads/main': LENGTH + 1 } })
})
afterAll(async () => {
  reads.close()
  await lab.close()
})

const moved = (from: number, to: number): Promise<boolean> =>
  isForward({ git: lab.git, reads }, repo, { from: oids[from] ?? '', to: oids[to] ?? '' })

it('follows a line, also where it is long', async () => {
  expect(await moved(LENGTH - 2, LENGTH - 1)).toBe(true)
  expect(await moved(0, LENGTH - 1)).toBe(true)
  expect(await moved(3, 3)).toBe(true)
})

it('knows a step back and another history', async () => {
  expect(await moved(LENGTH - 1, LENGTH - 2)).toBe(false)
  expect(await moved(LENGTH, LENGTH - 1)).toBe(false)
})

it('finds what came in by a merge', async () => {
  expect(await moved(LENGTH - 1, LENGTH + 1)).toBe(true)
  expect(await moved(0, LENGTH + 1)).toBe(true)
})

it('takes tags for their commits, and what leads to no commit for no step forward', async () => {
  const [first = '', last = ''] = [oids[0], oids[LENGTH - 1]]
  lab.as(repo.path, 'tag', '-a', '-m', 'x', 'v1', last)
  const tag = ask(repo.path, ['rev-parse', 'v1']).trim()
  const tree = ask(repo.path, ['rev-parse', `${first}^{tree}`]).trim()
  const rooms = { git: lab.git, reads }
  expect(await isForward(rooms, repo, { from: first, to: tag })).toBe(true)
  expect(await isForward(rooms, repo, { from: tag, to: first })).toBe(false)
  expect(await isForward(rooms, repo, { from: first, to: tree })).toBe(false)
})
