// A pool of processes behind one socket: they die, are replaced and work side by side, and nobody outside notices.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { basic, client, session, signIn, teammate } from '../helpers/client.ts'
import { commitFile, git, tryGit } from '../helpers/git.ts'
import { broken, eventually, type Seen } from '../helpers/invariant.ts'
import { load } from '../helpers/load.ts'
import { hook, isRunning } from '../helpers/program.ts'
import { ADMIN, gitstead, remove, tempDir, workersOf } from '../helpers/server.ts'
import { pushBody, ZERO } from '../helpers/wire.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site, startAgain } from '../helpers/site.ts'

const SOAK = process.env['GITSTEAD_SOAK'] !== undefined
/** How many requests are under way at least while processes come and go. */
const REQUESTS = 2000
const PUSHES = SOAK ? 6 : 4
const LONG = SOAK ? 3_600_000 : 120_000
const TWO = { GITSTEAD_WORKERS: '2' }
let site: Site

const workers = (): number[] => workersOf(site.server.process.pid ?? 0)

/** Asks on a connection of its own each time, so that all processes get their share. */
function fresh(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${site.server.url}${path}`, { headers: { ...headers, Connection: 'close' } })
}

function pathsOf(name: string): string[] {
  return ['/', '/2.0/user', '/2.0/repositories/ada', `/ada/${name}.git/info/refs?service=git-upload-pack`]
}

/** What was cut off does not stand in the way of the next push. */
async function pushOnce(work: string, seen: Required<Seen>): Promise<void> {
  const oid = await commitFile(work, 'file', 'last')
  await git(work, ['push', '-q', remoteOf(site, 'web'), 'HEAD:refs/heads/main'])
  seen.acknowledged.push({ ref: 'refs/heads/main', oid })
}

async function statuses(headers: Record<string, string>): Promise<number[]> {
  return Promise.all(Array.from({ length: 8 }, async () => (await fresh('/2.0/user', headers)).status))
}

describe('replacing processes', () => {
  beforeEach(async () => {
    site = await openSite({ env: TWO })
  })
  afterEach(() => closeSite(site))

  it(
    'SIGTERM under load: who was let in is answered, and nothing is left running',
    async () => {
      await makeRepository(site, 'web')
      let [requests, missed, rounds] = [0, 0, 0]
      const failed: string[] = []
      for (; rounds < 2 || requests < REQUESTS; rounds++) {
        const at = load(site.server, pathsOf('web'), { untilRefused: true })
        await eventually(() => at.requests > 800, 60_000)
        const pids = workers()
        expect(await site.server.stop('SIGTERM'), site.server.stderr()).toBe(0)
        await at.stop()
        requests += at.requests
        missed += at.missed
        failed.push(...at.failed)
        expect(pids.filter(isRunning)).toEqual([])
        // The last one only looks at what is left.
        await startAgain(site, rounds > 0 && requests >= REQUESTS ? { GITSTEAD_WORKERS: '1' } : TWO)
      }
      console.log(`${requests} requests, ${missed} came in the moment in which the door closed`)
      expect(failed).toEqual([])
      // Between the last look before the door and its closing lies no time but what the system takes elsewhere.
      expect(missed).toBeLessThan(requests / 250)
      expect(await broken(site.server)).toEqual([])
    },
    LONG,
  )

  it(
    'kill -9 of each process in turn while clients push: each comes back, nothing acknowledged is lost',
    async () => {
      const { work } = await makeRepository(site, 'web')
      const seen: Required<Seen> = { repository: 'ada/web', acknowledged: [], refused: [], unknown: [] }
      await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
      for (const victim of workers()) {
        const push = async (): Promise<void> => {
          const oid = await commitFile(work, 'file', String(Math.random()))
          const refs = ['refs/heads/main', 'refs/heads/too']
          const args = ['push', '-q', '--atomic', remoteOf(site, 'web'), ...refs.map((ref) => `HEAD:${ref}`)]
          const tips = refs.map((ref) => ({ ref, oid }))
          if ((await tryGit(work, args)).code === 0) seen.acknowledged.push(...tips)
          else seen.unknown.push(tips)
        }
        const pushes = (async () => {
          for (let i = 0; i < PUSHES; i++) await push()
        })()
        await sleep(150 + Math.random() * 200)
        process.kill(victim, 'SIGKILL')
        await pushes
        expect(await eventually(() => workers().length === 3 && !workers().includes(victim), 30_000)).toBe(true)
        expect((await fresh('/')).status).toBe(200)
      }
      await pushOnce(work, seen)
      expect(await eventually(async () => (await broken(site.server, [seen])).length === 0, 20_000)).toBe(true)
      expect(await broken(site.server, [seen])).toEqual([])
    },
    LONG,
  )

  it('a push whose process dies after git has moved the ref is recorded by the others, without a restart', async () => {
    const { work } = await makeRepository(site, 'web')
    const oid = await git(work, ['rev-parse', 'main'])
    const pids = workers().join(' ')
    hook(site.data, 'reference-transaction', `test "$1" = committed || exit 0; rm "$0"; kill -9 ${pids}; sleep 1`)
    await tryGit(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
    expect(await eventually(() => workers().length === 3, 30_000)).toBe(true)
    const told = async (): Promise<unknown> => {
      const { values } = (await (await signIn(site.server)).get('/api/gitstead/1/pushes?repository=ada/web')).body
      return values[0]?.changes[0]?.new
    }
    if (!(await eventually(async () => (await told()) === oid))) console.log(site.server.stderr())
    expect(await eventually(async () => (await told()) === oid, 30_000)).toBe(true)
    expect(await broken(site.server)).toEqual([])
  })

  it('a push that its client sends again while the first one lies where its process died is recorded once', async () => {
    const { work } = await makeRepository(site, 'web')
    const oid = await git(work, ['rev-parse', 'main'])
    const body = pushBody(work, [{ ref: 'refs/heads/main', oldOid: ZERO, newOid: oid }])
    const send = (): Promise<Response> =>
      fetch(`${site.server.url}/ada/web.git/git-receive-pack`, {
        method: 'POST',
        headers: { ...basic(ADMIN.name, ADMIN.password), 'Content-Type': 'application/x-git-receive-pack-request' },
        body: new Uint8Array(body),
      })
    hook(
      site.data,
      'reference-transaction',
      `test "$1" = committed || exit 0; rm "$0"; kill -9 ${workers().join(' ')}; sleep 1`,
    )
    await expect(send()).rejects.toThrow()
    hook(site.data, 'pre-receive', 'sleep 2')
    expect(await (await send()).text()).toMatch(/ng refs\/heads\/main /)
    const ada = await signIn(site.server)
    const recorded = async (): Promise<unknown[]> =>
      (await ada.get('/api/gitstead/1/pushes?repository=ada/web')).body.values.map(
        ({ changes }: { changes: { new: string }[] }) => changes[0]?.new,
      )
    expect(await eventually(async () => (await recorded()).length > 0, 30_000), site.server.stderr()).toBe(true)
    expect(await recorded()).toEqual([oid])
    expect(await broken(site.server)).toEqual([])
  })
})

describe('with options of its own', () => {
  afterEach(() => closeSite(site))

  it(
    'after so many requests each process is renewed, one after the other, and no request fails',
    async () => {
      site = await openSite({ env: { ...TWO, GITSTEAD_RECYCLE_REQUESTS: '300' } })
      await makeRepository(site, 'web')
      const before = workers()
      const at = load(site.server, pathsOf('web'))
      // The old ones stay for connections that are still open; the one that works the jobs off serves nobody.
      const renewed = (): boolean => workers().filter((pid) => !before.includes(pid)).length >= 2
      try {
        expect(await eventually(renewed, 90_000), site.server.stderr()).toBe(true)
      } finally {
        await at.stop()
      }
      console.log(`${at.requests} requests`)
      expect(at.failed).toEqual([])
      expect(workers()).toContain(before[0])
    },
    LONG,
  )
})

it('a process that cannot start says why, once, and the program ends', () => {
  const data = tempDir()
  const { code, stderr, stdout } = gitstead(['serve', '--data', data, '--port', 'x'])
  remove(data)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/port/)
})

describe('side by side', () => {
  // One server for all of them, as each leaves it whole; accounts whose passwords are tried belong to one test alone.
  beforeAll(async () => {
    site = await openSite({ env: TWO })
  })
  afterAll(() => closeSite(site))

  it(
    'SIGHUP renews all of them under load, and no request fails',
    async () => {
      await makeRepository(site, 'renewed')
      const before = workers()
      expect(before).toHaveLength(3)
      const at = load(site.server, pathsOf('renewed'))
      try {
        for (let round = 0; round < 2 || at.requests < REQUESTS; round++) {
          const now = workers()
          site.server.process.kill('SIGHUP')
          // The old ones stay for connections that are still open.
          const renewed = (): boolean => workers().filter((pid) => !now.includes(pid)).length >= 3
          expect(await eventually(renewed, 60_000), site.server.stderr()).toBe(true)
          await sleep(1000)
        }
      } finally {
        await at.stop()
      }
      console.log(`${at.requests} requests`)
      expect(at.failed).toEqual([])
      expect(at.requests).toBeGreaterThanOrEqual(REQUESTS)
    },
    LONG,
  )

  it('each process knows at once what another has changed', async () => {
    const ada = await signIn(site.server)
    const made = await ada.post('/api/gitstead/1/app-passwords', { label: 'ci', scopes: ['account'] })
    const token = { Authorization: `Bearer ${made.body.secret}` }
    expect(new Set(await statuses(token))).toEqual(new Set([200]))
    expect((await ada.delete(`/api/gitstead/1/app-passwords/${made.body.id}`)).status).toBeLessThan(300)
    expect(new Set(await statuses(token))).toEqual(new Set([401]))

    await teammate(site.server, ada, { name: 'eve' })
    const old = basic('eve', 'eve has a password')
    expect(new Set(await statuses(old))).toEqual(new Set([200]))
    gitstead(['user', 'passwd', 'eve', '--password-stdin', '--data', site.data], 'another fine password')
    // 429 where guesses were too many, whatever was guessed.
    expect((await statuses(old)).every((status) => status === 401 || status === 429)).toBe(true)
  })

  it('wrong passwords count wherever they arrive', async () => {
    await teammate(site.server, await signIn(site.server), { name: 'bob' })
    const found: number[] = []
    for (let i = 0; i < 12; i++) {
      found.push((await fresh('/2.0/user', basic('bob', 'not the password'))).status)
      await sleep(20)
    }
    expect(found.slice(0, 5)).toEqual([401, 401, 401, 401, 401])
    // Each process by itself would have let most of them through.
    expect(found.filter((status) => status === 401).length).toBeLessThanOrEqual(8)
  })

  it('a push through one process reaches the pages of all', async () => {
    const { work } = await makeRepository(site, 'live')
    const headers = await session(site.server)
    const pages = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const answer = await fresh('/api/gitstead/1/live?repository=ada/live', headers)
        const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
        const text = { heard: '' }
        void (async () => {
          for (let next = await reader.read(); !next.done; next = await reader.read())
            text.heard += Buffer.from(next.value).toString()
        })().catch(() => {})
        return { text, reader }
      }),
    )
    await git(work, ['push', '-q', remoteOf(site, 'live'), 'main'])
    expect(await eventually(() => pages.every(({ text }) => text.heard.includes('event: push')))).toBe(true)
    await Promise.all(pages.map(({ reader }) => reader.cancel()))
  })

  it('both serve, both write, and none waits for ever', async () => {
    const guest = client(site.server)
    expect((await guest.get('/')).status).toBe(200)
    const ada = basic(ADMIN.name, ADMIN.password)
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        fetch(`${site.server.url}/2.0/repositories/ada/r${i}`, {
          method: 'POST',
          headers: { ...ada, 'Content-Type': 'application/json', Connection: 'close' },
          body: '{}',
        }).then(({ status }) => status),
      ),
    )
    expect(new Set(answers)).toEqual(new Set([201]))
  })
})
