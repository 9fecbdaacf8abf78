// A log that nobody reads: the server goes on, counts what was lost, says so, and ends when it is told to. FAULTS 25.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { constants, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { basic, type Client, signIn } from '../helpers/client.ts'
import { git, tryGit } from '../helpers/git.ts'
import { eventually, findPath } from '../helpers/invariant.ts'
import { parseMetrics } from '../helpers/metrics.ts'
import { firstLine } from '../helpers/program.ts'
import { addAdmin, ADMIN, MAIN, remove, tempDir } from '../helpers/server.ts'
import { makeRepository, remoteOf, type Site } from '../helpers/site.ts'

let dir: string
let data: string
beforeEach(() => {
  dir = tempDir()
  data = tempDir()
  addAdmin(data)
})
afterEach(() => {
  remove(dir)
  remove(data)
})

/** A pipe that is full to the brim, as this end sees it that nobody reads from. */
function fullPipe(): number {
  const path = join(dir, 'log')
  spawnSync('mkfifo', [path])
  const end = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  try {
    for (;;) writeSync(end, 'x'.repeat(4096))
  } catch {
    // It is full.
  }
  rmSync(path)
  return end
}

async function serve(stderr: number | 'pipe'): Promise<{ child: ChildProcess; url: string }> {
  const env = { ...process.env, GITSTEAD_BCRYPT_COST: '4', GITSTEAD_WORKERS: '2', GITSTEAD_QUIET_SECONDS: '0' }
  const args = [MAIN, 'serve', '--data', data, '--port', '0']
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', stderr] })
  const url = /http:\S+/.exec(await firstLine(child))?.[0] ?? ''
  return { child, url }
}

const ENDS = { 'a full pipe': fullPipe, 'a socket that nobody reads': (): 'pipe' => 'pipe' }

it.each(Object.entries(ENDS))('%s as stderr blocks nothing', { timeout: 120_000 }, async (_name, open) => {
  const { child, url } = await serve(open())
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    const server = { url }
    const site = { server, dir, data } as Site
    const { work } = await makeRepository(site, 'shop')
    await makeRepository(site, 'hurt')
    await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
    // Each question about a damaged repository is a line of the log.
    rmSync(join(findPath(data, 'ada/hurt'), 'HEAD'))
    const ada = await signIn(server)
    await floodUntilLost(url, ada)
    const answer = await ada.get('/api/gitstead/1/health')
    expect(answer.body.checks.find(({ name }: { name: string }) => name === 'log')).toMatchObject({ state: 'strained' })
    expect((await tryGit(dir, ['clone', '-q', remoteOf(site, 'shop'), 'clone'])).code).toBe(0)
  } finally {
    child.kill('SIGTERM')
  }
  const late = new Promise((resolve) => setTimeout(resolve, 30_000, 'still there'))
  expect(await Promise.race([ended, late])).toBe(0)
})

async function askHurt(url: string): Promise<number> {
  const headers = basic(ADMIN.name, ADMIN.password)
  const answer = await fetch(`${url}/ada/hurt.git/info/refs?service=git-upload-pack`, { headers })
  await answer.arrayBuffer()
  return answer.status
}

async function floodUntilLost(url: string, ada: Client): Promise<void> {
  const lost = async (): Promise<boolean> => {
    const statuses = await Promise.all(Array.from({ length: 100 }, () => askHurt(url)))
    expect(new Set(statuses)).toEqual(new Set([503]))
    return parseMetrics((await ada.get('/metrics')).text).sum('gitstead_log_dropped_total') > 0
  }
  expect(await eventually(lost, 60_000)).toBe(true)
}
