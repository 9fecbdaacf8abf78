// The data folder can no longer be written: reading goes on, health says so, nothing falls into a loop of crashes. FAULTS 6.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Client, client } from '../helpers/client.ts'
import { commitFile, git, tryGit } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { firstLine } from '../helpers/program.ts'
import { ADMIN, gitstead, MAIN, remove, tempDir, workersOf } from '../helpers/server.ts'
import { makeRepository, remoteOf, type Site } from '../helpers/site.ts'

/** Root may write whatever its permissions say, so the server is somebody else. */
const SOMEBODY = process.getuid?.() === 0 ? 65_534 : undefined

let dir: string
let data: string
let child: ChildProcess
let site: Site

beforeEach(async () => {
  dir = tempDir()
  data = tempDir()
  gitstead(['user', 'add', ADMIN.name, '--admin', '--password-stdin', '--data', data], ADMIN.password)
  if (SOMEBODY !== undefined) {
    chownSync(data, SOMEBODY, SOMEBODY)
    spawnSync('chown', ['-R', String(SOMEBODY), data])
  }
  const env = { ...process.env, GITSTEAD_BCRYPT_COST: '4', GITSTEAD_WORKERS: '2', GITSTEAD_QUIET_SECONDS: '60' }
  const own = SOMEBODY === undefined ? {} : { uid: SOMEBODY, gid: SOMEBODY }
  const args = [MAIN, 'serve', '--data', data, '--port', '0']
  child = spawn(process.execPath, args, { ...own, env, cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] })
  const url = /http:\S+/.exec(await firstLine(child))?.[0] ?? ''
  site = { server: { url }, dir, data } as Site
})
afterEach(async () => {
  writable(true)
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
  remove(dir)
  remove(data)
})

function writable(may: boolean): void {
  spawnSync('chmod', ['-R', may ? 'u+w' : 'a-w', data])
  chmodSync(join(data), may ? 0o700 : 0o500)
}

async function clones(name: string): Promise<number | null> {
  return (await tryGit(dir, ['clone', '-q', remoteOf(site, 'shop'), name])).code
}

const health = (ada: Client): ReturnType<Client['get']> => ada.get('/api/gitstead/1/health')

it(
  'reads go on, pushes are refused, health tells why, and all is well again afterwards',
  { timeout: 120_000 },
  async () => {
    const { work, ada } = await makeRepository(site, 'shop')
    await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
    expect(await health(ada)).toMatchObject({ status: 200 })

    writable(false)
    const folder = async (): Promise<string> => {
      const { body, status } = await health(ada)
      const found = body.checks?.find(({ name }: { name: string }) => name === 'data folder')
      return `${status} ${found?.words}`
    }
    const told = /^503 The data folder cannot be written: .+ Reading goes on; pushes fail\.$/
    expect(await eventually(async () => told.test(await folder()), 20_000)).toBe(true)
    await commitFile(work, 'refused.txt', 'refused\n')
    expect((await tryGit(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])).code).not.toBe(0)
    expect(await clones('one')).toBe(0)

    // A process that starts now finds the folder as it is, and serves all the same.
    const before = workersOf(child.pid ?? 0)
    const web1 = async (): Promise<{ pid: number; vitals: unknown } | undefined> => {
      const { body } = await ada.get('/api/gitstead/1/admin/operations')
      return body?.processes?.find(({ name }: { name: string }) => name === 'web1')
    }
    const old = await web1()
    process.kill(old?.pid ?? 0, 'SIGKILL')
    let young = await web1()
    const isUp = async (): Promise<boolean> => {
      young = await web1()
      return young !== undefined && young.pid !== old?.pid && young.vitals !== null
    }
    expect(await eventually(isUp, 30_000)).toBe(true)
    expect(workersOf(child.pid ?? 0)).toHaveLength(before.length)
    expect(await clones('two')).toBe(0)
    // Whoever finds the port taken still hears who it is.
    expect((await client(site.server).get('/api/gitstead/1/instance')).status).toBe(200)

    writable(true)
    expect(await eventually(async () => (await health(ada)).status === 200, 30_000)).toBe(true)
    // The process that began meanwhile asks for a successor, as it could write nothing.
    const pushed = async (): Promise<boolean> =>
      (await tryGit(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])).code === 0
    expect(await eventually(pushed, 30_000)).toBe(true)
    expect(await eventually(async () => (await web1())?.pid !== young?.pid, 30_000)).toBe(true)
  },
)
