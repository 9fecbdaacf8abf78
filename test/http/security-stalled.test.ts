// Hundreds of connections on which nothing moves, or hardly: everybody else is served, and all of them are gone in time.
import { readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { basic, teammate } from '../helpers/client.ts'
import { commitFile, git, withLogin } from '../helpers/git.ts'
import { broken, eventually, gitAtWork } from '../helpers/invariant.ts'
import { raw } from '../helpers/raw.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { post, pushBody, ZERO } from '../helpers/wire.ts'

const IDLE_S = 12
const OF_EACH = 75

let site: Site
let work: string
let main: string
const open: Socket[] = []

beforeAll(async () => {
  site = await openSite({ env: { GITSTEAD_IDLE_SECONDS: String(IDLE_S) } })
  const made = await makeRepository(site, 'web')
  work = made.work
  main = await git(work, ['rev-parse', 'main'])
  await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
  await made.ada.put('/2.0/repositories/ada/web', { visibility: 'public' })
  const grants = [{ repository: 'ada/web', permission: 'write' }]
  for (const name of ['bob', 'mal']) await teammate(site.server, made.ada, { name, grants })
})
afterEach(() => open.splice(0).forEach((socket) => socket.destroy()))
afterAll(() => closeSite(site))

/** Connections that the server holds open, as the kernel counts them: half-closed ones are still held. */
function held(): number {
  const [, ...lines] = readFileSync('/proc/net/tcp', 'latin1').trim().split('\n')
  const port = site.server.port.toString(16).toUpperCase().padStart(4, '0')
  const [ESTABLISHED, CLOSE_WAIT] = ['01', '08']
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state = '']) => local?.endsWith(`:${port}`) && [ESTABLISHED, CLOSE_WAIT].includes(state))
    .length
}

function kept(socket: Socket): Socket {
  open.push(socket)
  return socket.on('error', () => {}).resume()
}

function begin(bytes: string): Socket {
  const socket = kept(connect({ host: '127.0.0.1', port: site.server.port }))
  socket.write(bytes)
  return socket
}

/** A push of somebody's that has sent all but the end of its pack. */
async function halfAPush(name: string, ref: string): Promise<void> {
  const body = pushBody(work, [{ ref, oldOid: ZERO, newOid: main }])
  const at = { repository: 'ada/web', service: 'git-receive-pack' } as const
  const headers = { ...basic(name, `${name} has a password`), 'Content-Length': String(body.length) }
  kept(post(site.server, at, headers).socket).write(body.subarray(0, body.length - 30))
}

const host = (): string => `Host: 127.0.0.1:${site.server.port}\r\n`

async function stall(): Promise<void> {
  for (let i = 0; i < OF_EACH; i++) {
    begin('POST /api/gitstead/1/ses')
    begin(`GET /ada/web HTTP/1.1\r\n${host()}Accept: text/html\r\nX-More: `)
    begin(`GET /api/gitstead/1/session HTTP/1.1\r\n${host()}\r\n`)
    await halfAPush('mal', `refs/heads/half-${i}`)
  }
}

/** What somebody else does meanwhile, each over connections of its own. */
async function others(name: string): Promise<void> {
  const agent = new Agent()
  for (const path of ['/', '/ada/web', '/api/gitstead/1/session', '/2.0/repositories/ada/web/src'])
    expect((await raw(site.server, { path, agent })).status, path).toBeLessThan(400)
  agent.destroy()
  const remote = withLogin(`${site.server.url}/ada/web.git`, name, `${name} has a password`)
  expect(await git(work, ['ls-remote', remote, 'main'])).toContain('refs/heads/main')
  await commitFile(work, name, name)
  await git(work, ['push', '-q', remote, `HEAD:refs/heads/${name}`])
  await git(site.dir, ['clone', '-q', remote, join(site.dir, `clone-of-${name}`)])
}

it(`others are served beside ${OF_EACH * 4} stalled connections, and all of those end`, async () => {
  expect(await eventually(() => held() === 0, 60_000)).toBe(true)
  await stall()
  expect(await eventually(() => gitAtWork(site.data).some(({ args }) => args.includes('index-pack')))).toBe(true)
  expect(await eventually(() => held() === OF_EACH * 4)).toBe(true)
  await others('bob')
  expect(held()).toBe(OF_EACH * 4)

  expect(await eventually(() => held() === 0, 60_000)).toBe(true)
  expect(await eventually(() => gitAtWork(site.data).length === 0)).toBe(true)
  expect(await eventually(async () => (await broken(site.server)).length === 0)).toBe(true)
  await others('mal')
}, 120_000)

it('whoever sends a request head or a body letter by letter is cut off too', async () => {
  const long = 'x'.repeat(1_000_000)
  const slow = [
    `GET /${long} HTTP/1.1\r\n${host()}\r\n`,
    `GET / HTTP/1.1\r\n${host()}X-Long: ${long}\r\n\r\n`,
    `POST /api/gitstead/1/session HTTP/1.1\r\n${host()}Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n{"username":"${long}`,
  ].flatMap((text) => Array.from({ length: 20 }, () => ({ text, at: 200, socket: begin(text.slice(0, 200)) })))
  expect(await eventually(() => held() === slow.length)).toBe(true)
  const dripping = setInterval(() => {
    for (const one of slow) if (one.socket.writable) one.socket.write(one.text[one.at++] ?? 'x')
  }, 500)
  try {
    expect(await eventually(() => held() === 0, 90_000)).toBe(true)
  } finally {
    clearInterval(dripping)
  }
}, 120_000)
