// Connections that break, stall or creep. What nobody waits for any more ends; what only is slow goes on. FAULTS 20.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { git, tryGit } from '../helpers/git.ts'
import { broken, eventually, gitAtWork, refsOf } from '../helpers/invariant.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { type Conversation, pkt, post, pushBody, ZERO } from '../helpers/wire.ts'

const IDLE_S = 2
const SLOW_S = process.env['GITSTEAD_SOAK'] === undefined ? 6 : 3600
const MAIN = 'refs/heads/main'

let site: Site
let work: string
let path: string
let main: string
let count = 0
const open: { destroy(): void }[] = []

beforeAll(async () => {
  site = await openSite({ env: { GITSTEAD_IDLE_SECONDS: String(IDLE_S) } })
})
beforeEach(async () => {
  ;({ work, path } = await makeRepository(site, `web${++count}`))
  main = await git(work, ['rev-parse', 'main'])
})
afterEach(() => open.splice(0).forEach((one) => one.destroy()))
afterAll(() => closeSite(site))

const receive = (): { repository: string; service: 'git-receive-pack' } => ({
  repository: `ada/web${count}`,
  service: 'git-receive-pack',
})

/** Sends a push up to somewhere in the middle of its pack, and waits until git is at work on it. */
async function halfAPush(): Promise<Conversation> {
  const body = pushBody(work, [{ ref: MAIN, oldOid: ZERO, newOid: main }])
  const talk = post(site.server, receive(), { 'Content-Length': String(body.length) })
  open.push(talk.socket)
  talk.socket.write(body.subarray(0, body.length - 30))
  expect(await eventually(() => gitAtWork(site.data).some(({ args }) => args.includes('index-pack')))).toBe(true)
  return talk
}

async function nothingIsLeft(): Promise<void> {
  expect(await eventually(() => gitAtWork(site.data).length === 0)).toBe(true)
  expect(await refsOf(path)).toEqual(new Map())
  expect(await eventually(async () => (await broken(site.server)).length === 0)).toBe(true)
  await git(work, ['push', '-q', remoteOf(site, `web${count}`), 'main'])
  expect(await broken(site.server)).toEqual([])
}

it('a push that is cut in the middle of its pack: its git ends, nothing is left, the next push works', async () => {
  const { socket } = await halfAPush()
  socket.end()
  socket.destroy()
  await nothingIsLeft()
})

it('a push that ends in a reset', async () => {
  const { socket } = await halfAPush()
  socket.resetAndDestroy()
  await nothingIsLeft()
})

it('a push whose client fell silent: cut after the idle time', async () => {
  const { socket } = await halfAPush()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await closed
  await nothingIsLeft()
})

it('a push whose sender closed its half in the middle of a pack', async () => {
  const { socket } = await halfAPush()
  socket.end()
  await nothingIsLeft()
})

it('a client that sends 1 kB/s is served to its end, long past the idle time', async () => {
  writeFileSync(join(work, 'noise'), randomBytes(SLOW_S * 1000))
  await git(work, ['add', 'noise'])
  await git(work, ['commit', '-q', '-m', 'Add noise'])
  const newOid = await git(work, ['rev-parse', 'main'])
  const body = pushBody(work, [{ ref: MAIN, oldOid: ZERO, newOid }])
  const { socket, end } = post(site.server, receive(), { 'Content-Length': String(body.length) })
  open.push(socket)
  for (let at = 0; at < body.length; at += 250) {
    socket.write(body.subarray(at, at + 250))
    await sleep(250)
  }
  expect(await end).toMatch(/^HTTP\/1\.1 200 .*unpack ok.*ok refs\/heads\/main/s)
  expect(
    await broken(site.server, [{ repository: `ada/web${count}`, acknowledged: [{ ref: MAIN, oid: newOid }] }]),
  ).toEqual([])
})

it('a client that reads 200 kB/s gets all of a clone, long past the idle time', async () => {
  await pushNoise(1_500_000)
  const { socket, heard, end } = await startClone()
  const reading = setInterval(() => {
    socket.resume()
    socket.once('data', () => socket.pause())
  }, 200)
  socket.pause()
  await end
  clearInterval(reading)
  expect(heard().length).toBeGreaterThan(1_500_000)
})

it('a client that stops reading in the middle of a clone: its git and its connection end', async () => {
  await pushNoise(24_000_000)
  const { socket } = await startClone()
  let closed = false
  socket.once('close', () => (closed = true))
  await eventually(() => socket.bytesRead > 0)
  socket.pause()
  expect(await eventually(() => gitAtWork(site.data).length === 0)).toBe(true)
  await sleep(IDLE_S * 2000)
  socket.resume()
  expect(await eventually(() => closed)).toBe(true)
})

it('a clone that is broken off: its git ends within seconds', async () => {
  await pushNoise(24_000_000)
  const proxy = await slowProxy(site.server.port)
  const remote = new URL(remoteOf(site, `web${count}`))
  remote.port = String(proxy.port)
  const clone = tryGit(site.dir, ['-c', 'protocol.version=0', 'clone', '-q', remote.href, `clone${count}`])
  expect(await eventually(() => proxy.passed() > 1_000_000)).toBe(true)
  proxy.cut()
  expect((await clone).code).not.toBe(0)
  expect(await eventually(() => gitAtWork(site.data).length === 0)).toBe(true)
})

async function pushNoise(size: number): Promise<void> {
  writeFileSync(join(work, 'noise'), randomBytes(size))
  await git(work, ['config', 'core.compression', '0'])
  await git(work, ['add', 'noise'])
  await git(work, ['commit', '-q', '-m', 'Add noise'])
  await git(work, ['push', '-q', remoteOf(site, `web${count}`), 'main'])
}

async function startClone(): Promise<Conversation> {
  const want = await git(work, ['rev-parse', 'main'])
  const body = `${pkt(`want ${want}\n`)}0000${pkt('done\n')}`
  const at = { repository: `ada/web${count}`, service: 'git-upload-pack' } as const
  const talk = post(site.server, at, { 'Content-Length': String(body.length) })
  open.push(talk.socket)
  talk.socket.write(body)
  return talk
}

/** Passes bytes on, from the server at a few MB per second; cut resets both sides. */
async function slowProxy(port: number): Promise<{ port: number; passed(): number; cut(): void }> {
  const sockets: Socket[] = []
  let passed = 0
  const proxy: NetServer = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port })
    sockets.push(near, far)
    for (const socket of [near, far]) socket.on('error', () => socket.destroy())
    near.pipe(far)
    far.on('data', (chunk: Buffer) => {
      passed += chunk.length
      near.write(chunk)
      far.pause()
      setTimeout(() => far.resume(), chunk.length / 4000)
    })
    far.on('close', () => near.end())
  })
  open.push({ destroy: () => proxy.close() })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return {
    port: (proxy.address() as { port: number }).port,
    passed: () => passed,
    cut: () => sockets.forEach((socket) => socket.resetAndDestroy()),
  }
}
