// The data of a stopped server is copied: all of it, proven file by file, and nothing is left where it fails.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { signIn } from '../helpers/client.ts'
import { makeDisk, noDisks } from '../helpers/disk.ts'
import { commitFile, git } from '../helpers/git.ts'
import { broken, findPath } from '../helpers/invariant.ts'
import { refused } from '../helpers/program.ts'
import { gitstead, MAIN, remove, startServer, tempDir } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site, startAgain } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

const STORAGE = '/api/gitstead/1/admin/storage'
const NOISE = 24 * 1024 * 1024

/** Made once, with a repository that takes a while to copy, and stopped. Each test gets data like these, and no server. */
let prepared: Site
let site: Site
let outside: string
let work: string

beforeAll(async () => {
  prepared = await openSite()
  ;({ work } = await makeRepository(prepared, 'web'))
  writeFileSync(join(work, 'noise'), randomBytes(NOISE))
  await git(work, ['config', 'core.compression', '0'])
  await git(work, ['add', 'noise'])
  await git(work, ['commit', '-q', '-m', 'Add noise'])
  await git(work, ['push', '-q', remoteOf(prepared, 'web'), 'main'])
  await prepared.server.stop()
})
afterAll(() => closeSite(prepared))
beforeEach(() => {
  const data = join(tempDir('gitstead-daten '), 'Käse & Brot')
  cpSync(prepared.data, data, { recursive: true })
  site = { ...prepared, dir: tempDir(), data }
  outside = tempDir('gitstead-outside-')
})
afterEach(async () => {
  await closeSite(site)
  remove(join(site.data, '..'))
  remove(outside)
})

/** Every file that is no cache and no lock, with what it holds. */
function contents(data: string): Record<string, string> {
  const out = /^(?:gitstead\.lock|cache\/|feed\.db|gitstead\.db-|volumes\/main\/scratch\/)/
  const all = readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(data, path), path] as const)
    .filter(([name]) => !out.test(name))
  return Object.fromEntries(
    all.map(([name, path]) => [
      name,
      `${statSync(path).mode.toString(8)} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`,
    ]),
  )
}

type Line = { state: string; done?: number; total?: number; message?: string; outside?: string[] }

interface Copying {
  child: ChildProcess
  lines: Line[]
  /** Resolves with the first line of this state. */
  reached: (state: string) => Promise<Line>
  end: Promise<number | null>
}

function copying(to: string): Copying {
  const child = spawn(process.execPath, [MAIN, 'data', 'copy', to, '--json', '--data', site.data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: Line[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts.map((text) => JSON.parse(text) as Line))
    for (const look of waiting) look()
  })
  const end = new Promise<number | null>((resolve) => child.once('close', resolve))
  const reached = (state: string): Promise<Line> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const line = lines.find((one) => one.state === state)
        if (line) resolve(line)
      }
      waiting.add(look)
      look()
      void end.then(() => reject(new Error(`ended before ${state}: ${JSON.stringify(lines.at(-1))}`)))
    })
  return { child, lines, reached, end }
}

function idOf(volume: string): string {
  return String(rows(site.server, 'select id from volumes where name = ?', volume)[0]?.['id'])
}

function refusedCopy(to: string, words: RegExp): void {
  refused(gitstead(['data', 'copy', to, '--data', site.data]), words)
}

describe('a copy', () => {
  it('serves all repositories, on all disks that lie in the folder, and the original is as it was', async () => {
    await startAgain(site)
    const ada = await signIn(site.server)
    const inside = join(site.data, 'volumes', 'zweite Platte ü')
    const added = await ada.post(`${STORAGE}/volumes`, { name: 'Second', path: inside })
    expect(added.status).toBe(201)
    expect((await ada.post(`${STORAGE}/volumes`, { name: 'Third', path: outside })).status).toBe(201)
    await ada.patch(`${STORAGE}/volumes/main`, { state: 'closed' })
    await ada.patch(`${STORAGE}/volumes/${idOf('Third')}`, { state: 'closed' })
    const second = await makeRepository(site, 'second')
    expect(second.path.startsWith(inside)).toBe(true)
    await git(second.work, ['push', '-q', remoteOf(site, 'second'), 'main'])
    await site.server.stop()
    const before = contents(site.data)

    const to = join(site.dir, 'neuer Ort – größer', 'data')
    const run = gitstead(['data', 'copy', to, '--data', site.data])
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toBe(
      `Copied ${site.data} to ${to} and compared every file. The folder before is as it was.\nThe disk ${outside} stays where it is.\n`,
    )
    expect(contents(site.data)).toEqual(before)
    const { 'gitstead.db': database, ...copied } = contents(to)
    const { 'gitstead.db': original, ...others } = before
    expect(copied).toEqual(others)
    expect([database, original]).toEqual([expect.stringMatching(/^100600 /), expect.stringMatching(/^100600 /)])
    expect(existsSync(join(to, 'cache'))).toBe(false)

    // Nothing of the copy leads back: the folder before is out of the way.
    const away = join(site.dir, 'away')
    cpSync(site.data, away, { recursive: true, preserveTimestamps: true })
    rmSync(site.data, { recursive: true })
    const next = await startServer({ data: to })
    try {
      const at = { server: next }
      for (const name of ['web', 'second']) {
        expect(findPath(to, `ada/${name}`).startsWith(to)).toBe(true)
        await git(site.dir, ['clone', '-q', remoteOf(at, name), `clone-${name}`])
        const oid = await commitFile(join(site.dir, `clone-${name}`), 'more', 'more\n')
        await git(join(site.dir, `clone-${name}`), ['push', '-q', 'origin', 'main'])
        expect(await git(site.dir, ['ls-remote', remoteOf(at, name), 'refs/heads/main'])).toContain(oid)
      }
      const { volumes } = (await (await signIn(next)).get(STORAGE)).body
      expect(volumes.map(({ path, condition }: { path: string; condition: string }) => [path, condition])).toEqual([
        [join(to, 'volumes', 'main'), 'ready'],
        [join(to, 'volumes', 'zweite Platte ü'), 'ready'],
        [outside, 'ready'],
      ])
      expect(await broken(next)).toEqual([])
    } finally {
      await next.stop('SIGKILL')
    }
  })

  it('of a server that was killed is tidied up like the original', async () => {
    await startAgain(site)
    await site.server.stop('SIGKILL')
    const to = join(site.dir, 'copy')
    expect(gitstead(['data', 'copy', to, '--data', site.data])).toMatchObject({ code: 0 })
    expect(existsSync(join(to, 'running.json'))).toBe(true)
    expect(existsSync(join(site.data, 'running.json'))).toBe(true)
    const next = await startServer({ data: to })
    expect(await broken(next)).toEqual([])
    await next.stop()
    expect(existsSync(join(to, 'running.json'))).toBe(false)
  })

  it('tells a program how far it is, and takes an empty folder that is there', async () => {
    const to = join(site.dir, 'empty')
    mkdirSync(to)
    const began = performance.now()
    const run = copying(to)
    expect(await run.end).toBe(0)
    const seconds = (performance.now() - began) / 1000
    const { lines } = run
    expect(lines.at(-1)).toEqual({ state: 'done', outside: [] })
    expect([...new Set(lines.map(({ state }) => state))]).toEqual(['copying', 'verifying', 'done'])
    expect(lines.length).toBeLessThanOrEqual(4 * seconds + 4)
    for (const { done = 0, total = 0 } of lines.slice(0, -1)) {
      expect(total).toBeGreaterThan(NOISE)
      expect(done).toBeLessThanOrEqual(total)
    }
  })
})

describe('it is refused', () => {
  it('while a server runs', async () => {
    await startAgain(site)
    refusedCopy(join(site.dir, 'copy'), /^A server runs on this data \(process \d+ at http:.*\)\. Stop it first/)
    expect(existsSync(join(site.dir, 'copy'))).toBe(false)
  })

  it('to a place that is not empty, is a file, or lies in the data, also by a link', async () => {
    refusedCopy(work, /is not empty/)
    refusedCopy(join(work, 'README.md'), /a file stands in the way/)
    refusedCopy(join(work, 'README.md', 'deeper'), /a file stands in the way/)
    refusedCopy(join(site.data, 'copy'), /lies inside the data folder/)
    symlinkSync(site.data, join(site.dir, 'link'))
    refusedCopy(join(site.dir, 'link', 'deep', 'copy'), /lies inside the data folder/)
    refusedCopy(site.data, /lies inside the data folder/)
    expect(existsSync(join(site.data, 'deep'))).toBe(false)
    expect(gitstead(['data', 'move', 'x', '--data', site.data]).stderr).toMatch(/^Use: gitstead data copy TO/)
    refused(
      gitstead(['data', 'copy', join(site.dir, 'x'), '--data', join(site.dir, 'none')]),
      /There is no data of Gitstead/,
    )
    expect(existsSync(join(site.dir, 'none'))).toBe(false)
  })

  it('where a disk of the folder is missing, or a link would be lost', async () => {
    await startAgain(site)
    const ada = await signIn(site.server)
    const inside = join(site.data, 'volumes', 'second')
    await ada.post(`${STORAGE}/volumes`, { name: 'Second', path: inside })
    await site.server.stop()
    rmSync(join(inside, 'gitstead-volume.json'))
    refusedCopy(join(site.dir, 'copy'), /^The disk Second \(.*\) is not there\. Connect it first/)
    remove(inside)
    await startAgain(site)
    expect((await (await signIn(site.server)).delete(`${STORAGE}/volumes/${idOf('Second')}`)).status).toBe(204)
    await site.server.stop()
    symlinkSync(work, join(site.data, 'volumes', 'main', 'odd'))
    refusedCopy(join(site.dir, 'copy'), /holds a link or another odd thing, volumes\/main\/odd/)
    expect(existsSync(join(site.dir, 'copy'))).toBe(false)
  })

  it.skipIf(noDisks !== undefined)('where there is too little room, or the disk goes away meanwhile', async () => {
    const [small, large] = [makeDisk(12), makeDisk(200)]
    try {
      refusedCopy(join(small.path, 'copy'), /has too little room: \d+ MiB are needed, \d+ MiB are free/)
      expect(readdirSync(small.path)).toEqual([])
      const run = copying(join(large.path, 'copy'))
      await run.reached('copying')
      run.child.kill('SIGSTOP')
      large.unmount()
      run.child.kill('SIGCONT')
      expect(await run.end).toBe(1)
      expect(run.lines.at(-1)).toMatchObject({ state: 'failed', message: expect.stringMatching(/went away/) as string })
      expect(readdirSync(large.path)).toEqual([])
    } finally {
      small.remove()
      large.remove()
    }
  })
})

describe('nothing is left of it', () => {
  it('after SIGTERM and SIGINT, and the data is as it was', async () => {
    const before = contents(site.data)
    const [deep, empty] = [join(site.dir, 'new', 'deep'), join(site.dir, 'empty')]
    mkdirSync(empty)
    for (const [to, signal] of [
      [deep, 'SIGTERM'],
      [empty, 'SIGINT'],
    ] as const) {
      const run = copying(to)
      await run.reached('copying')
      run.child.kill(signal)
      expect(await run.end).toBe(1)
      expect(run.lines.at(-1)).toMatchObject({ state: 'failed', message: expect.stringMatching(/stopped/) as string })
    }
    expect(existsSync(join(site.dir, 'new'))).toBe(false)
    expect(readdirSync(empty)).toEqual([])
    expect(contents(site.data)).toEqual(before)
    expect(await broken(await startAgain(site))).toEqual([])
  })

  it('when the comparison finds that the copy is damaged', async () => {
    const to = join(site.dir, 'copy')
    const run = copying(to)
    await run.reached('verifying')
    run.child.kill('SIGSTOP')
    const [pack] = readdirSync(join(to, 'volumes'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.pack'))
      .toSorted((a, b) => statSync(join(to, 'volumes', b)).size - statSync(join(to, 'volumes', a)).size)
      .map((name) => join(to, 'volumes', name))
    const bytes = readFileSync(pack ?? '')
    bytes[bytes.length - 100] = 255 - (bytes.at(-100) ?? 0)
    rmSync(pack ?? '')
    writeFileSync(pack ?? '', bytes)
    run.child.kill('SIGCONT')
    expect(await run.end).toBe(1)
    expect(run.lines.at(-1)).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/is damaged: volumes\/main\/.*\.pack is not what was written/) as string,
    })
    expect(existsSync(to)).toBe(false)
  })
})

it('killed in the middle, it leaves the original whole, and a second one goes to another folder', async () => {
  const before = contents(site.data)
  const half = join(site.dir, 'half')
  const run = copying(half)
  await run.reached('copying')
  run.child.kill('SIGKILL')
  await run.end
  expect(contents(site.data)).toEqual(before)
  refusedCopy(half, /is not empty/)
  const to = join(site.dir, 'whole')
  expect(gitstead(['data', 'copy', to, '--data', site.data])).toMatchObject({ code: 0 })
  for (const data of [site.data, to]) {
    const server = await startServer({ data })
    await git(site.dir, ['clone', '-q', remoteOf({ server }, 'web'), data === to ? 'second' : 'first'])
    expect(await broken(server)).toEqual([])
    await server.stop()
  }
})

it('what somebody writes meanwhile is found', async () => {
  const to = join(site.dir, 'copy')
  const run = copying(to)
  await run.reached('verifying')
  run.child.kill('SIGSTOP')
  expect(gitstead(['user', 'add', 'eve', '--password-stdin', '--data', site.data], 'eve has a password').code).toBe(0)
  run.child.kill('SIGCONT')
  expect(await run.end).toBe(1)
  expect(run.lines.at(-1)?.message).toMatch(/was changed while it was copied/)
  expect(existsSync(to)).toBe(false)
})
