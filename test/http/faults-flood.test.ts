// Floods: many clones at once, one repository that is crawled, an API that is overrun, descriptors that run out, processes
// that are killed meanwhile. Everybody else is served. FAULTS 21, 22 and the war stories of the original.
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { basic, teammate } from '../helpers/client.ts'
import { commitFile, git, gitEnv, withLogin } from '../helpers/git.ts'
import { broken, eventually } from '../helpers/invariant.ts'
import { load } from '../helpers/load.ts'
import { treeOf } from '../helpers/proc.ts'
import { residentKiB } from '../helpers/program.ts'
import { ADMIN, workersOf } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

const SOAK = process.env['GITSTEAD_SOAK'] !== undefined
const CLONES = SOAK ? 200 : 8
const CRAWLERS = SOAK ? 600 : 60
const MEGABYTES = SOAK ? 128 : 8
const LONG = SOAK ? 3_600_000 : 180_000

let site: Site
async function open(): Promise<void> {
  site = await openSite({ env: { GITSTEAD_WORKERS: '2' } })
}

const supervisor = (): number => site.server.process.pid ?? 0
const bob = basic('bob', 'bob has a password')

/** The repository that everybody wants, and one of bob's that nobody else asks for. */
async function twoRepositories(): Promise<string> {
  const { work, ada } = await makeRepository(site, 'wanted')
  for (let i = 0; i < MEGABYTES; i += 8) writeFileSync(join(work, `large${i}.bin`), randomBytes(8 * 1024 * 1024))
  await git(work, ['add', '.'])
  await commitFile(work, 'file', 'second')
  await git(work, ['push', '-q', remoteOf(site, 'wanted'), 'main'])
  await ada.post('/2.0/repositories/ada/quiet')
  await git(work, ['push', '-q', remoteOf(site, 'quiet'), 'main~1:refs/heads/main'])
  await teammate(site.server, ada, { name: 'bob', grants: [{ repository: 'ada/quiet', permission: 'write' }] })
  return work
}

interface BobsWork {
  failed: string[]
  pages: number
  slowestPageMs: number
  fetches: number
  slowestFetchMs: number
}

/** What bob does all the time meanwhile, and how long the slowest of it took. */
function bobWorks(): { end: () => Promise<BobsWork> } {
  const paths = ['/', '/ada/quiet', '/2.0/repositories/ada/quiet/src/main/README.md', '/2.0/user']
  const pages = load(site.server, paths, { clients: 2, headers: bob })
  const fetches = load(site.server, ['/ada/quiet.git/info/refs?service=git-upload-pack'], { clients: 1, headers: bob })
  return {
    end: async () => {
      await Promise.all([pages.stop(), fetches.stop()])
      return {
        failed: [...pages.failed, ...fetches.failed],
        pages: pages.requests,
        slowestPageMs: pages.slowestMs,
        fetches: fetches.requests,
        slowestFetchMs: fetches.slowestMs,
      }
    },
  }
}

/** Clients elsewhere have disks of their own: in memory where there is room, they leave that of the server alone. */
function theirDisk(): string {
  const memory = '/dev/shm'
  if (!existsSync(memory)) return join(site.dir, 'clients')
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > 8 * 2 ** 30 ? mkdtempSync(join(memory, 'gitstead-clients-')) : join(site.dir, 'clients')
}

/** Elsewhere clients have machines of their own: here they leave the processor to the server. Gives what went wrong. */
function cloneAside(to: string): Promise<string> {
  const args = ['-n', '19', 'git', 'clone', '-q', '--bare', remoteOf(site, 'wanted'), to]
  const child = spawn('nice', args, { env: gitEnv(join(site.dir, 'home')), stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve(code === 0 ? '' : `${code}: ${stderr}`)))
}

function memoryOf(pid: number): number {
  try {
    return residentKiB(pid)
  } catch {
    return 0
  }
}

/** So many more descriptors than it has open now, and no more. */
function limit(pid: number, more: number | 'none'): void {
  const soft = more === 'none' ? 4096 : readdirSync(`/proc/${pid}/fd`).length + more
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${soft}:`])
}

/** On a connection of its own; gives the answer when it is over. */
function alone(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(site.server.port, '127.0.0.1')
    socket.once('error', reject).once('close', () => resolve(answer))
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    socket.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  })
}

// One server for these, as each leaves it whole.
describe('while all goes on', () => {
  let work: string
  beforeAll(async () => {
    await open()
    work = await twoRepositories()
  })
  afterAll(() => closeSite(site))

  it(
    `${CLONES} clones at once of ${MEGABYTES} MB queue, memory stays bounded, and others work on`,
    async () => {
      const most = { servers: 0, git: 0 }
      const watch = setInterval(() => {
        const tree = treeOf([supervisor()]).map((pid) => memoryOf(pid))
        most.servers = Math.max(most.servers, ...tree)
        most.git = Math.max(most.git, tree.length)
        // Not more often, as it goes through all processes of the machine.
      }, 2000)
      const disk = theirDisk()
      const clones = Array.from({ length: CLONES }, async (_, i) => {
        const to = join(disk, `clone${i}`)
        const said = await cloneAside(to)
        if (said === '') await rm(to, { recursive: true, force: true })
        return said
      })
      // Now that all of them are started, which kept this process from asking anything itself.
      const others = bobWorks()
      const failed = (await Promise.all(clones)).filter((stderr) => stderr !== '')
      clearInterval(watch)
      rmSync(disk, { recursive: true, force: true })
      const beside = await others.end()
      console.log({ clones: CLONES, unserved: failed.length, mostMiB: Math.round(most.servers / 1024), ...beside })
      // Where clients and server share two cores, so many take longer than anybody is let wait: those are told.
      expect(
        failed.filter((stderr) => !(SOAK && stderr.includes('The server is busy. Try again in a moment.'))),
      ).toEqual([])
      expect(failed.length).toBeLessThan(CLONES / 2)
      expect(beside.failed).toEqual([])
      expect(most.servers).toBeLessThan(700 * 1024)
      expect(await broken(site.server)).toEqual([])
    },
    LONG,
  )

  it(
    'a crawler on one repository and a flood of the API leave other repositories and git alone',
    async () => {
      await commitFile(work, 'file', 'third')
      await git(work, ['push', '-q', remoteOf(site, 'wanted'), 'main'])
      // What is compared with another number of lines around it is asked of git each time.
      const paths = Array.from({ length: 60 }, (_, i) => `/2.0/repositories/ada/wanted/diff/main?context=${i + 4}`)
      const crawl = load(site.server, [...paths, '/2.0/repositories/ada/wanted/commits', '/2.0/repositories'], {
        clients: CRAWLERS,
        fine: [200, 503],
        restMs: 0,
      })
      const others = bobWorks()
      await eventually(() => crawl.requests > 100, 60_000)
      const remote = withLogin(`${site.server.url}/ada/quiet.git`, 'bob', 'bob has a password')
      for (let i = 0; i < (SOAK ? 50 : 2); i++) {
        const to = join(site.dir, `bob${i}`)
        await git(site.dir, ['clone', '-q', remote, to])
        await commitFile(to, 'file', String(i))
        await git(to, ['push', '-q', remote, 'HEAD:refs/heads/main'])
      }
      const beside = await others.end()
      await crawl.stop()
      console.log({ crawled: crawl.requests, ...beside })
      expect(beside.failed).toEqual([])
      expect(crawl.failed).toEqual([])
      expect(await broken(site.server)).toEqual([])
    },
    LONG,
  )

  it('a connection that did not reach its process for want of descriptors is handed out again, and ends with it', async () => {
    const before = site.server.stderr().length
    const pids = workersOf(supervisor())
    for (const pid of pids) limit(pid, -15)
    const asked = alone('/healthz')
    const told = (): boolean => site.server.stderr().slice(before).includes('did not reach their process')
    expect(await eventually(told, 20_000)).toBe(true)
    for (const pid of pids) limit(pid, 'none')
    expect(await asked).toMatch(/^HTTP\/1.1 200 /)
    // Nobody keeps a copy of what came after it: it is over for the client when it is over for the process.
    expect(await alone('/healthz')).toMatch(/^HTTP\/1.1 200 /)
  })
})

describe('where something goes down', () => {
  beforeEach(open)
  afterEach(() => closeSite(site))

  it(
    'kill -9 of the process of the jobs: nobody who asks or pushes notices; of one that serves: the next request is served',
    async () => {
      const work = await twoRepositories()
      const [jobs, web] = workersOf(supervisor())
      const at = load(site.server, ['/', '/2.0/user', '/ada/quiet.git/info/refs?service=git-upload-pack'])
      for (let i = 0; i < 4; i++) {
        if (i === 1) process.kill(jobs ?? 0, 'SIGKILL')
        await commitFile(work, 'file', `more ${i}`)
        await git(work, ['push', '-q', remoteOf(site, 'wanted'), 'HEAD:refs/heads/main'])
      }
      expect(await eventually(() => workersOf(supervisor()).length === 3, 30_000)).toBe(true)
      await at.stop()
      expect(at.failed).toEqual([])
      process.kill(web ?? 0, 'SIGKILL')
      const after = load(site.server, ['/', '/2.0/user'], { untilRefused: true })
      await eventually(() => after.requests > 200, 30_000)
      await after.stop()
      expect(after.failed).toEqual([])
      // At most one for each client, in the process that died.
      expect(after.missed).toBeLessThanOrEqual(6)
      expect(await eventually(async () => (await broken(site.server)).length === 0, 20_000)).toBe(true)
    },
    LONG,
  )

  it(
    'where descriptors run out, who cannot be served is told so, nothing breaks, and it is over when there are some again',
    async () => {
      const work = await twoRepositories()
      await commitFile(work, 'file', 'third')
      await git(work, ['push', '-q', remoteOf(site, 'wanted'), 'main'])
      const pids = [supervisor(), ...workersOf(supervisor())]
      const paths = Array.from({ length: 40 }, (_, i) => `/2.0/repositories/ada/wanted/diff/main?context=${i + 4}`)
      for (const pid of pids) limit(pid, 12)
      const at = load(site.server, paths, { clients: 12, fine: [200, 503], untilRefused: true })
      await eventually(() => at.requests > 60, 20_000)
      await at.stop()
      for (const pid of pids) limit(pid, 'none')
      console.log({ requests: at.requests, withoutAnswer: at.missed })
      expect(at.failed).toEqual([])
      const served = async (): Promise<boolean> => {
        const answers = await Promise.all(
          paths
            .slice(0, 8)
            .map((path) => fetch(site.server.url + path, { headers: basic(ADMIN.name, ADMIN.password) })),
        )
        return answers.every(({ status }) => status === 200)
      }
      expect(await eventually(served, 30_000), site.server.stderr()).toBe(true)
      await git(work, ['push', '-q', remoteOf(site, 'wanted'), 'HEAD:refs/heads/after'])
      await git(site.dir, ['clone', '-q', remoteOf(site, 'wanted'), join(site.dir, 'after')])
      expect(await eventually(async () => (await broken(site.server)).length === 0, 20_000)).toBe(true)
    },
    LONG,
  )
})
