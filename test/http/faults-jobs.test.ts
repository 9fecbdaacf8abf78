// The process that works the jobs off hangs or keeps dying: pushes and pages go on without it, and what was left to do is
// done once. FAULTS 25.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Client } from '../helpers/client.ts'
import { commitFile, git } from '../helpers/git.ts'
import { broken, eventually, type Tip } from '../helpers/invariant.ts'
import { openReceiver, type Receiver } from '../helpers/receiver.ts'
import { workersOf } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

/** How long nobody works, in full longer than the supervisor waits for a process that is silent. */
const DEAD_MS = process.env['GITSTEAD_SOAK'] === undefined ? 4000 : 180_000
const PUSHES = 6

let site: Site
let receiver: Receiver
let ada: Client
let work: string
let serving: number[]

beforeEach(async () => {
  site = await openSite({ env: { GITSTEAD_WORKERS: '2' } })
  serving = workers()
    .sort((a, b) => a - b)
    .slice(1)
  receiver = await openReceiver()
  ;({ work, ada } = await makeRepository(site, 'web'))
  await ada.put('/api/gitstead/1/settings', { allowed_hooks: ['127.0.0.1'] })
  const hook = { url: receiver.url, description: '', active: true, events: ['repo:push'] }
  expect((await ada.post('/2.0/repositories/ada/web/hooks', hook)).status).toBe(201)
  await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
  expect(await eventually(() => receiver.arrived.length === 1)).toBe(true)
})
afterEach(async () => {
  await receiver.close()
  await closeSite(site)
})

/** The process for jobs: at the start, it is the first of all. */
const jobs = (): number | undefined => workers().find((pid) => !serving.includes(pid))
const workers = (): number[] => workersOf(site.server.process.pid ?? 0)

/** Pushes and looks at pages for as long as nobody works the jobs off. */
async function goOn(): Promise<Tip[]> {
  const tips: Tip[] = []
  for (let i = 0; i < PUSHES; i++) {
    const oid = await commitFile(work, 'file', `${i}`)
    await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
    tips.push({ ref: 'refs/heads/main', oid })
    for (const path of ['/', '/2.0/repositories/ada/web/commits', '/api/gitstead/1/pushes?repository=ada/web'])
      expect((await ada.get(path)).status).toBe(200)
    await sleep(DEAD_MS / PUSHES)
  }
  return tips
}

/** Killed between the answer and the note of it, a delivery comes again under the id that it had. */
function told(): string[] {
  const once = new Map(receiver.arrived.map((one) => [one.headers['x-request-uuid'], one.body]))
  return [...once.values()].map((body) => body.push.changes[0].new.target.hash)
}

async function caughtUp(tips: Tip[]): Promise<void> {
  expect(await eventually(() => told().length > PUSHES, 60_000)).toBe(true)
  const left = "select count(*) as n from jobs where state in ('waiting', 'running')"
  expect(await eventually(() => rows(site.server, left)[0]?.['n'] === 0, 60_000)).toBe(true)
  expect(told().slice(1).sort()).toEqual(tips.map(({ oid }) => oid).sort())
  expect(await broken(site.server, [{ repository: 'ada/web', acknowledged: tips }])).toEqual([])
}

function isLocked(): boolean {
  const db = new Database(join(site.data, 'gitstead.db'), { timeout: 200 })
  try {
    db.exec('begin immediate; rollback')
    return false
  } catch {
    return true
  } finally {
    db.close()
  }
}

it('it hangs, with the turn to write in its hands', async () => {
  const stuck = jobs() ?? 0
  process.kill(stuck, 'SIGSTOP')
  // Not in the middle of a transaction of its own: SQLite's lock is then held until the supervisor ends it.
  while (isLocked()) {
    process.kill(stuck, 'SIGCONT')
    await sleep(50)
    process.kill(stuck, 'SIGSTOP')
  }
  const tips = await goOn()
  // Nobody waited until the supervisor ends what is silent for a minute.
  if (DEAD_MS < 60_000) expect(workers()).toContain(stuck)
  if (workers().includes(stuck)) process.kill(stuck, 'SIGKILL')
  await caughtUp(tips)
}, 600_000)

it('it is killed again and again', async () => {
  const state = { over: false, killed: 0 }
  const killing = (async () => {
    for (; !state.over; await sleep(100)) {
      const pid = jobs()
      if (pid === undefined) continue
      process.kill(pid, 'SIGKILL')
      state.killed++
    }
  })()
  const tips = await goOn()
  state.over = true
  await killing
  expect(state.killed).toBeGreaterThan(2)
  await caughtUp(tips)
}, 600_000)
