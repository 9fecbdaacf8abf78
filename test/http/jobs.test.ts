// Jobs: none is lost and none is done twice, whoever works them off and however often the power goes.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claim, enqueue, findJob, nextDue } from '../../server/outbox/queue.ts'
import { commitFile, git } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { type JobTableLab, openJobTable } from '../helpers/jobtable.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

describe('a job that waits for quiet', () => {
  let lab: JobTableLab
  beforeEach(async () => (lab = await openJobTable()))
  afterEach(() => lab.close())

  const ask = (quietMs: number, latestMs: number): Promise<number> =>
    lab.db.write((tx) => enqueue(tx, { kind: 'rest', repositoryId: lab.repository, quietMs, latestMs }))
  const runsAt = async (id: number): Promise<number> => Date.parse((await findJob(lab.db.read, id))?.run_at ?? '')
  const take = (): Promise<unknown> => lab.db.write((tx) => claim(tx, ['rest']))

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
