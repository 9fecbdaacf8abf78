// The bench itself, on a tiny repository and for a moment: its pieces work and its table has a line for each row.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { idleFetches, pushes } from '../load/clients.ts'
import { gate } from '../load/gate.ts'
import { listings, logins } from '../load/listings.ts'
import { memoryOf } from '../load/meter.ts'
import { hold } from '../load/rounds.ts'
import { setStage, type Stage } from '../load/stage.ts'
import { table } from '../load/table.ts'
import { transfers } from '../load/transfers.ts'
import { remove, tempDir } from '../helpers/server.ts'

let dir: string
let stage: Stage

beforeAll(async () => {
  dir = tempDir()
  const sizes = [{ name: 'tiny', commits: 120, files: 10, refs: 40 }]
  stage = await setStage({ dir, repositories: dir, sizes, tell: () => {}, plain: true })
})
afterAll(async () => {
  await stage?.close()
  remove(dir)
})

const SECONDS = 0.05

it('has proofs before figures, and a line for every row', async () => {
  expect((await gate(stage)).at(-1)).toMatch(/^tiny: clones whole/)
  const kinds = [
    listings(stage, SECONDS),
    idleFetches(stage),
    transfers(stage),
    logins(stage, SECONDS).slice(-1),
    pushes(stage),
  ]
  for (const [plan] of kinds) {
    if (!plan) throw new Error('a kind of row is empty')
    const contest = await plan.contest()
    const found = await hold(stage, contest, 1)
    expect(found.length).toBeGreaterThan(0)
    for (const line of found) {
      expect(line.ours.value.median).toBeGreaterThan(0)
      expect(line.backend === undefined).toBe(stage.without !== undefined || contest.repository === '')
    }
    expect(table(found)).toContain(contest.what)
  }
  expect(memoryOf(stage.ours.meter).rss).toBeGreaterThan(10)
})
