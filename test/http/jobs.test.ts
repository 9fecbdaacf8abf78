// Jobs: none is lost and none is done twice, whoever works them off and however often the power goes.
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import pino from 'pino'
import { openBus } from '../../server/outbox/bus.ts'
import { claim, endHeld, enqueue, extendLease, findJob, nextDue, pruneJobs } from '../../server/outbox/queue.ts'
import { type JobKind, type Runner, startRunner } from '../../server/outbox/runner.ts'
import { takeSlots } from '../../server/outbox/timetable.ts'
import { client, signIn } from '../helpers/client.ts'
import { commitFile, git } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { type JobTableLab, openJobTable } from '../helpers/jobtable.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site, startAgain } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

describe('a job that waits for quiet', () => {
  let lab: JobTableLab
  beforeEach(async () => (lab = await openJobTable()))
  afterEach(() => lab.close())

  const ask = (quietMs: number, latestMs: number): Promise<number> =>
    lab.db.write((tx) => enqueue(tx, { kind: 'rest', repositoryId: lab.repository, quietMs, latestMs }))
  const runsAt = async (id: number): Promise<number> => Date.parse((await findJob(lab.db.read, id))?.run_at ?? '')
  const take = (): Promise<unknown> => lab.db.write((tx) => claim(tx, { rest: { parallel: 9 } }))

  it('is one for all who ask, and is pushed back by each', async () => {
    const first = await ask(50_000, 1e9)
    const before = await runsAt(first)
    expect(await ask(100_000, 1e9)).toBe(first)
    expect(await runsAt(first)).toBeGreaterThanOrEqual(before + 50_000)
    expect(await take()).toBeUndefined()
    expect(await nextDue(lab.db.read, ['rest'])).toBe(await runsAt(first))
  })
  it('is not pushed back for ever', async () => {
    const first = await ask(50_000, 60_000)
    const before = await runsAt(first)
    for (let times = 0; times < 5; times++) await ask(3_600_000, 60_000)
    expect(await runsAt(first)).toBe(before + 10_000)
  })
  it('starts at once where no quiet is asked for', async () => {
    const first = await ask(0, 0)
    expect(await take()).toMatchObject({ id: first, state: 'running' })
    expect(await ask(0, 0)).not.toBe(first)
  })
})

describe('upkeep after pushes', () => {
  let site: Site
  beforeAll(async () => (site = await openSite({ env: { GITSTEAD_QUIET_SECONDS: '1' } })))
  afterAll(() => closeSite(site))

  it('is done once for pushes that come one after another', async () => {
    const { work } = await makeRepository(site, 'busy')
    const pushes = 4
    for (let n = 0; n < pushes; n++) {
      await commitFile(work, 'a.txt', `${n}\n`)
      await git(work, ['push', '-q', remoteOf(site, 'busy'), 'main'])
    }
    const jobs = (): Record<string, unknown>[] => rows(site.server, "select state from jobs where kind = 'upkeep'")
    expect(await eventually(() => jobs().every(({ state }) => state === 'done'))).toBe(true)
    // A machine under load may pause between two pushes; each pause allows one upkeep.
    const [first, last] = rows(
      site.server,
      'select min(finished_at) as at from pushes union all select max(finished_at) from pushes',
    )
    const seconds = (Date.parse(String(last?.['at'])) - Date.parse(String(first?.['at']))) / 1000
    expect(jobs().length).toBeLessThanOrEqual(1 + Math.floor(seconds))
    expect(jobs().length).toBeGreaterThan(0)
  })
})

function kind(run: JobKind['run'], more: Partial<JobKind> = {}): JobKind {
  return { run, parallel: 4, attempts: 3, pauseMs: 1, ...more }
}

const ended = (list: { running: unknown[]; waiting: unknown[] }): boolean =>
  list.running.length + list.waiting.length === 0

const silent = pino({ level: 'silent' })

describe('several runners on one table', () => {
  let lab: JobTableLab
  const runners: Runner[] = []
  beforeEach(async () => (lab = await openJobTable()))
  afterEach(async () => {
    await Promise.all(runners.splice(0).map((one) => one.stop()))
    await lab.close()
  })

  const start = (kinds: Record<string, JobKind>): Runner => {
    const runner = startRunner({ db: lab.another(), bus: openBus(), log: silent }, { kinds })
    runners.push(runner)
    return runner
  }
  const add = (count: number, repositoryId?: string): Promise<void> =>
    lab.db.write(async (tx) => {
      const owner = repositoryId === undefined ? {} : { repositoryId }
      for (let n = 0; n < count; n++) await enqueue(tx, { kind: 'x', data: { n }, ...owner })
    })
  const count = async (state: string): Promise<number> =>
    (
      await lab.db.read
        .selectFrom('jobs')
        .select('id')
        .where('state', '=', state as 'done')
        .execute()
    ).length

  it('do each job once, and keep to what the kind allows all together', async () => {
    const done: number[] = []
    let now = 0
    let most = 0
    const run: JobKind['run'] = async ({ job }) => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setTimeout(resolve, 2))
      now--
      done.push(job.id)
    }
    await add(60)
    for (let n = 0; n < 4; n++) start({ x: kind(run, { parallel: 3 }) })
    expect(await eventually(async () => (await count('done')) === 60)).toBe(true)
    expect(new Set(done).size).toBe(60)
    expect(done).toHaveLength(60)
    expect(most).toBeLessThanOrEqual(3)
  })

  it('do one of a repository at a time where the kind says so', async () => {
    let now = 0
    let most = 0
    await add(8, lab.repository)
    const run = async (): Promise<void> => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setTimeout(resolve, 5))
      now--
    }
    for (let n = 0; n < 3; n++) start({ x: kind(run, { alone: true }) })
    expect(await eventually(async () => (await count('done')) === 8, 50_000)).toBe(true)
    expect(most).toBe(1)
  })

  it('park what fails each time, after as many attempts as the kind has', async () => {
    let tries = 0
    await add(1)
    start({ x: kind(() => Promise.reject(new Error(`try ${++tries}`))) })
    expect(await eventually(async () => (await count('parked')) === 1, 30_000)).toBe(true)
    expect(tries).toBe(3)
    expect(await findJob(lab.db.read, 1)).toMatchObject({ state: 'parked', attempts: 3, error: 'try 3' })
  })

  it('park what ends its runner each time, instead of beginning it for ever', async () => {
    await add(1)
    let begun = 0
    const ran = await lab.db.write(async (tx) => {
      const job = await claim(tx, { x: { parallel: 1 } })
      // As if the runner of the last attempt had been killed by it.
      await tx
        .updateTable('jobs')
        .set({ attempts: 3, lease_until: new Date(0).toISOString() })
        .execute()
      return job
    })
    expect(ran?.attempts).toBe(1)
    start({ x: kind(() => Promise.resolve(void ++begun)) })
    expect(await eventually(async () => (await findJob(lab.db.read, 1))?.state !== 'running')).toBe(true)
    expect(begun).toBe(0)
    expect(await findJob(lab.db.read, 1)).toMatchObject({
      state: 'parked',
      error: 'Whoever was at it ended each time.',
    })
  })

  it('give back at once what a stop interrupts, with its attempt not counted', async () => {
    await add(1)
    let begun = false
    const waits = start({
      x: kind(({ signal }) => {
        begun = true
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stop'))))
      }),
    })
    expect(await eventually(() => begun)).toBe(true)
    await waits.stop()
    expect(await findJob(lab.db.read, 1)).toMatchObject({ state: 'waiting', attempts: 0, lease: null })
  })

  it('take over from one that died, whose late word changes nothing', async () => {
    await add(1)
    const dead = await lab.db.write((tx) => claim(tx, { x: { parallel: 1 } }))
    if (!dead) throw new Error('nothing was claimed')
    await lab.db.write((tx) =>
      tx
        .updateTable('jobs')
        .set({ lease_until: new Date(0).toISOString() })
        .execute(),
    )
    const { promise: held, resolve: freed } = Promise.withResolvers<void>()
    start({ x: kind(() => held, { parallel: 1 }) })
    expect(await eventually(async () => (await findJob(lab.db.read, 1))?.attempts === 2)).toBe(true)
    expect(await lab.db.write((tx) => extendLease(tx, dead))).toBe(false)
    expect(await lab.db.write((tx) => endHeld(tx, dead, { state: 'failed', error: 'too late' }))).toBe(false)
    freed()
    expect(await eventually(async () => (await findJob(lab.db.read, 1))?.state === 'done')).toBe(true)
    expect((await findJob(lab.db.read, 1))?.error).toBeNull()
  })

  it('notice a lost lease, stop, and write nothing', async () => {
    await add(1)
    let aborted = false
    start({
      x: kind(({ signal }) => {
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            aborted = true
            reject(new Error('lost'))
          }),
        )
      }),
    })
    expect(await eventually(async () => (await findJob(lab.db.read, 1))?.state === 'running')).toBe(true)
    await lab.db.write((tx) => tx.updateTable('jobs').set({ lease: 'of another runner' }).execute())
    expect(await eventually(() => aborted, 30_000)).toBe(true)
    expect(await findJob(lab.db.read, 1)).toMatchObject({ state: 'running', lease: 'of another runner', error: null })
  })

  it('ask once for what the clock asks for, however long they were off', async () => {
    const entries = [{ name: 'nightly', kind: 'x', everyMs: 1000 }]
    const slot = (now: number): Promise<void> => lab.db.write((tx) => takeSlots(tx, entries, now))
    const others = lab.another()
    await slot(10_000)
    expect(await count('waiting')).toBe(0)
    await Promise.all([slot(11_000), others.write((tx) => takeSlots(tx, entries, 11_000))])
    expect(await count('waiting')).toBe(1)
    await lab.db.write((tx) => tx.updateTable('jobs').set({ state: 'done' }).execute())
    await slot(999_500)
    await slot(999_900)
    expect(await count('waiting')).toBe(1)
    const row = await lab.db.read.selectFrom('timetable').selectAll().executeTakeFirst()
    expect(row?.next_at).toBe(new Date(1_000_000).toISOString())
  })

  it('forget what ended long ago, and nothing that is still to do', async () => {
    await add(4)
    const states = ['done', 'parked', 'waiting', 'done'] as const
    const week = new Date(Date.now() - 8 * 86_400_000).toISOString()
    for (const [i, state] of states.entries()) {
      const finished_at = i === 3 ? new Date().toISOString() : week
      await lab.db.write((tx) =>
        tx
          .updateTable('jobs')
          .set({ state, finished_at })
          .where('id', '=', i + 1)
          .execute(),
      )
    }
    await lab.db.write((tx) => pruneJobs(tx))
    const left = await lab.db.read.selectFrom('jobs').select('id').orderBy('id').execute()
    expect(left.map(({ id }) => id)).toEqual([2, 3, 4])
  })
})

describe('admins and jobs', () => {
  let site: Site
  beforeAll(async () => (site = await openSite({ env: { GITSTEAD_QUIET_SECONDS: '60' } })))
  afterAll(() => closeSite(site))

  const OWN = '/api/gitstead/1/admin/jobs'
  const write = (sql: string): void => {
    const db = new Database(join(site.data, 'gitstead.db'), { timeout: 5000 })
    db.exec(sql)
    db.close()
  }

  it('see what waits, cancel it, and resume or discard what is parked', async () => {
    const { work, ada } = await makeRepository(site, 'seen')
    await git(work, ['push', '-q', remoteOf(site, 'seen'), 'main'])
    // Jobs of other kinds come and go beside it.
    const listed = async (list: string, which: (job: { id: number; kind: string }) => boolean) =>
      (await ada.get(OWN)).body[list].find(which)
    const waiting = await listed('waiting', ({ kind }) => kind === 'upkeep')
    const recent = () => listed('recent', ({ id }) => id === waiting.id)
    expect(waiting).toMatchObject({ kind: 'upkeep', repository: 'ada/seen', attempts: 0, state: 'waiting' })
    expect((await ada.post(`${OWN}/${waiting.id}/resume`)).status).toBe(409)
    expect((await ada.post(`${OWN}/${waiting.id}/cancel`)).status).toBe(204)
    expect((await ada.post(`${OWN}/${waiting.id}/cancel`)).status).toBe(409)
    expect(await recent()).toMatchObject({ state: 'cancelled' })

    write(`update jobs set state = 'parked', attempts = 5, error = 'broken' where id = ${waiting.id}`)
    expect((await ada.get(OWN)).body.parked[0]).toMatchObject({ error: 'broken', attempts: 5 })
    expect((await ada.post(`${OWN}/${waiting.id}/resume`)).status).toBe(204)
    expect(await eventually(async () => (await recent())?.state === 'done')).toBe(true)
    write(`update jobs set state = 'parked' where id = ${waiting.id}`)
    expect((await ada.post(`${OWN}/${waiting.id}/discard`)).status).toBe(204)
    expect((await ada.get(OWN)).body.counts.parked).toBeUndefined()
    expect((await ada.post(`${OWN}/999999/cancel`)).status).toBe(404)
    const told = rows(site.server, "select kind from events where kind like 'job:%' order by id").map(
      ({ kind }) => kind,
    )
    expect(told).toEqual(['job:cancelled', 'job:resumed', 'job:discarded'])
  })

  it('are the only ones who see them', async () => {
    expect((await client(site.server).get(OWN)).status).toBe(401)
  })

  it('lose none to a kill', async () => {
    const { work } = await makeRepository(site, 'killed')
    await git(work, ['push', '-q', remoteOf(site, 'killed'), 'main'])
    await site.server.stop('SIGKILL')
    write("update jobs set run_at = '2000-01-01T00:00:00.000Z' where state = 'waiting'")
    await startAgain(site)
    const ada = await signIn(site.server)
    expect(await eventually(async () => ended((await ada.get(OWN)).body), 50_000)).toBe(true)
    const states = rows(site.server, "select state, attempts from jobs where kind = 'upkeep' order by id desc limit 1")
    expect(states).toEqual([{ state: 'done', attempts: 1 }])
  })
})
