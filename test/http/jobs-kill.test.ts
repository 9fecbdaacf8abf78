// Runners are killed in the middle of their work: no job is lost, none is done twice, none runs without end.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrate } from '../../server/db/migrate.ts'
import { type Db, openDb } from '../../server/db/open.ts'
import { enqueue } from '../../server/outbox/queue.ts'
import { eventually } from '../helpers/invariant.ts'
import { remove, tempDir } from '../helpers/server.ts'
import { KIND } from '../load/mate.ts'
import { type Mates, openMates } from '../load/mates.ts'

const KILLS = process.env['GITSTEAD_SOAK'] === undefined ? 6 : 50
const RUNNERS = 3
const PARALLEL = 6
const PER_KILL = 40

let dir: string
let file: string
let trace: string
let db: Db
let mates: Mates

beforeAll(async () => {
  dir = tempDir()
  file = join(dir, 'gitstead.db')
  trace = join(dir, 'trace')
  writeFileSync(trace, '')
  await migrate(file)
  sqlite('create table effects (job integer primary key)')
  db = openDb(file)
  mates = openMates(file, { turns: true })
})
afterAll(async () => {
  await mates.close()
  await db.close()
  remove(dir)
})

function sqlite(statement: string): unknown[] {
  const raw = new Database(file)
  try {
    const prepared = raw.prepare(statement)
    if (prepared.reader) return prepared.all()
    prepared.run()
    return []
  } finally {
    raw.close()
  }
}

async function hire(): Promise<void> {
  const mate = await mates.add()
  mate.say({ kind: 'run', parallel: PARALLEL, trace })
}

async function ask(count: number): Promise<void> {
  await db.write(async (tx) => {
    for (let i = 0; i < count; i++) await enqueue(tx, { kind: KIND, data: { i } })
  })
  for (const mate of mates.all()) mate.say({ kind: 'jobs' })
}

const numbers = (statement: string): number[] => (sqlite(statement) as { n: number }[]).map(({ n }) => n)
const begun = (): number => readFileSync(trace, 'utf8').split('\n').length
const left = (): number => numbers("select count(*) as n from jobs where state in ('waiting', 'running')")[0] ?? 0

it(`none is lost and none done twice across ${KILLS} kills`, { timeout: 600_000 }, async () => {
  for (let i = 0; i < RUNNERS; i++) await hire()
  for (let kill = 0; kill < KILLS; kill++) {
    const before = begun()
    await ask(PER_KILL)
    await eventually(() => begun() > before + 5)
    await sleep(Math.random() * 30)
    await mates.all()[kill % RUNNERS]?.kill()
    await hire()
  }
  // The last ones too, so that nobody is left who could renew a lease: then all that are held have run out.
  await mates.close()
  sqlite("update jobs set lease_until = '2000-01-01' where state = 'running'")
  for (let i = 0; i < RUNNERS; i++) await hire()
  expect(await eventually(() => left() === 0)).toBe(true)

  const asked = numbers('select id as n from jobs order by id')
  expect(asked).toHaveLength(KILLS * PER_KILL)
  expect(numbers("select id as n from jobs where state != 'done'")).toEqual([])
  expect(numbers('select job as n from effects order by job')).toEqual(asked)
  // Begun again are only those that a runner had in its hands when it was killed.
  const times = Map.groupBy(readFileSync(trace, 'utf8').trim().split('\n'), (job) => job)
  const again = [...times.values()].reduce((sum, all) => sum + all.length - 1, 0)
  console.log(`${asked.length} jobs, ${KILLS + RUNNERS} runners killed, ${again} jobs begun again`)
  expect(again).toBeLessThanOrEqual((KILLS + RUNNERS) * PARALLEL)
  expect(times.size).toBe(asked.length)
})
