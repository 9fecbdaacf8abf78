// The bench itself, on a tiny repository and for a moment: its pieces work and its table has a line for each row.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { idleFetches, pushes } from '../load/clients.ts'
import { signing } from '../load/auth.ts'
import { jobs, writes } from '../load/database.ts'
import { gate } from '../load/gate.ts'
import { listings, logins } from '../load/listings.ts'
import { memoryOf } from '../load/meter.ts'
import { hold } from '../load/rounds.ts'
import { setStage, type Stage } from '../load/stage.ts'
import { table } from '../load/table.ts'
import { transfers } from '../load/transfers.ts'
import { crew } from '../load/workers.ts'
import { remove, tempDir } from '../helpers/server.ts'

let dir: string
let stage: Stage

beforeAll(async () => {
  dir = tempDir()
  const sizes = [{ name: 'tiny', commits: 120, files: 10, refs: 40 }]
  stage = await setStage({ dir, repositories: dir, sizes, tell: () => {}, plain: true, privates: true })
})
afterAll(async () => {
  await stage?.close()
  remove(dir)
})

const SECONDS = 0.05
/** These start a dozen processes for each figure: `npm run soak` runs them. */
const long = process.env['GITSTEAD_SOAK'] === undefined ? it.skip : it

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

long('measures what people sign in with, each kind beside the others', async () => {
  const { plans, close } = await signing(stage, SECONDS)
  try {
    const [plan] = plans
    if (!plan) throw new Error('there is no row')
    const found = await hold(stage, await plan.contest(), 1)
    expect(found.map(({ variant }) => variant)).toEqual([
      'anonymous',
      'app password',
      'HMAC token',
      'password',
      'password, not remembered',
    ])
    // Counted by what the server spends: bcrypt twice for one list of refs, or not at all.
    const [, , , remembered, computed] = found
    expect(computed?.ours.cpuMs.median).toBeGreaterThan((remembered?.ours.cpuMs.median ?? Infinity) * 2)
    expect(table(found)).toContain('of anonymous')
  } finally {
    await close()
  }
})

long('measures one process and two', async () => {
  const { plans, close } = await crew(stage, SECONDS)
  try {
    const [json] = plans
    if (!json) throw new Error('there is no row')
    const found = await hold(stage, await json.contest(), 1)
    expect(found.map(({ variant }) => variant)).toEqual(['1 process', '2 processes'])
    for (const { ours, limit } of found) {
      expect(ours.value.median).toBeGreaterThan(0)
      expect(limit?.value.median).toBeGreaterThan(0)
    }
  } finally {
    await close()
  }
})

long('measures jobs and writes of several processes', async () => {
  const wish = { dir, rounds: 1, tell: () => {} }
  const found = [...(await jobs(wish, 20)), ...(await writes(wish, SECONDS))]
  expect(found).toHaveLength(2 + 2 * 6)
  for (const { ours } of found) expect(ours.value.median).toBeGreaterThan(0)
})
