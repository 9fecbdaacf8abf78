// Classes of requests: one that is flooded says so, in a form for whoever asked, and the others serve on.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { delimiter, join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ClassState } from '../../server/contract/ingress.ts'
import { basic, type Client, client, signIn, teammate } from '../helpers/client.ts'
import { commitFile, git, tryGit, withLogin } from '../helpers/git.ts'
import { eventually, gitAtWork } from '../helpers/invariant.ts'
import { ADMIN, tempDir, remove } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { pkt, post, pushBody, ZERO } from '../helpers/wire.ts'

// Half of the places for a caller, three quarters for a repository: two and three of four.
const CLASSES = 'api=4:4:1:4 git=4:2:1 live=2:0 web=64:8:1'
const PEOPLE = ['bob', 'cid']

let site: Site
let ada: Client
let work: string
/** Small, and all that the pushes here are made of. */
let first: string
let slowGit: string
const closing: (() => void)[] = []

beforeAll(async () => {
  slowGit = tempDir()
  const real = (process.env['PATH'] ?? '').split(delimiter)
  // Once a file says so, what compares commits takes for ever.
  const script = `#!/bin/sh\nPATH=${real.join(':')}\nif test -e ${slowGit}/slow; then case "$*" in *diff-tree*) exec sleep 600;; esac; fi\nexec git "$@"\n`
  mkdirSync(join(slowGit, 'bin'))
  writeFileSync(join(slowGit, 'bin', 'git'), script)
  chmodSync(join(slowGit, 'bin', 'git'), 0o755)
  const path = [join(slowGit, 'bin'), ...real].join(delimiter)
  site = await openSite({ env: { GITSTEAD_CLASSES: CLASSES, PATH: path } })
  const made = await makeRepository(site, 'web')
  ada = made.ada
  work = made.work
  first = await git(work, ['rev-parse', 'main'])
  writeFileSync(join(work, 'large.bin'), randomBytes(16 * 1024 * 1024))
  await git(work, ['add', '.'])
  await commitFile(work, 'second', 'second')
  await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
  await ada.post('/2.0/repositories/ada/other')
  await git(work, ['push', '-q', remoteOf(site, 'other'), 'main'])
  const grants = ['ada/web', 'ada/other'].map((repository) => ({ repository, permission: 'write' }))
  for (const name of PEOPLE) await teammate(site.server, ada, { name, grants })
}, 120_000)

afterAll(async () => {
  await closeSite(site)
  remove(slowGit)
})

/** Asks and takes nothing of the answer: its place stays taken until `letGo`. */
function hold(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(`${site.server.url}${path}`, { headers, agent: false })
    call.on('response', (response) => {
      response.pause()
      resolve(response.statusCode ?? 0)
    })
    call.on('error', reject)
    call.end()
    closing.push(() => {
      call.off('error', reject)
      call.on('error', () => {})
      call.destroy()
    })
  })
}

async function letGo(): Promise<void> {
  for (const close of closing.splice(0)) close()
  expect(await eventually(async () => (await count('api')).running === 1 && (await count('git')).running === 0)).toBe(
    true,
  )
}

const person = (name: string): Record<string, string> =>
  name === 'ada' ? basic(ADMIN.name, ADMIN.password) : basic(name, `${name} has a password`)
const LARGE = '/2.0/repositories/ada/web/src/main/large.bin'
const OTHER = '/2.0/repositories/ada/other/src/main/large.bin'

async function count(name: string): Promise<ClassState> {
  const { values } = (await ada.get('/api/gitstead/1/classes')).body as { values: ClassState[] }
  return values.find((one) => one.class === name) as ClassState
}

it('a caller gets half of the places of the API and a repository three quarters; the rest wait, and then are told', async () => {
  expect(await hold(LARGE, person('bob'))).toBe(200)
  expect(await hold(LARGE, person('bob'))).toBe(200)
  const third = await fetch(site.server.url + LARGE, { headers: person('bob') })
  expect(third.status).toBe(503)
  expect(third.headers.get('retry-after')).toBe('5')
  expect(await third.json()).toMatchObject({ type: 'error', error: { data: { code: 'busy' } } })
  expect(await hold(LARGE, person('cid'))).toBe(200)
  expect((await fetch(site.server.url + LARGE, { headers: person('cid') })).status).toBe(503)
  expect((await client(site.server, person('cid')).get('/2.0/repositories/ada/other')).status).toBe(200)
  const { running, refused } = await count('api')
  expect([running, refused]).toEqual([4, 2])

  expect(
    await git(work, ['ls-remote', withLogin(`${site.server.url}/ada/web.git`, 'bob', 'bob has a password')]),
  ).toContain('refs/heads/main')
  expect((await fetch(`${site.server.url}/ada/web`)).status).toBe(200)
  await letGo()
  expect((await client(site.server, person('bob')).get('/2.0/repositories/ada/web/src/main/second')).status).toBe(200)
})

it('whoever waits is served as soon as a place is free', async () => {
  await hold(LARGE, person('bob'))
  await hold(OTHER, person('bob'))
  const waiting = client(site.server, person('bob')).get('/2.0/user')
  expect(await eventually(async () => (await count('api')).waiting === 1)).toBe(true)
  for (const close of closing.splice(0)) close()
  expect((await waiting).status).toBe(200)
  await letGo()
})

it('pages that listen for news take no places from the API, and have bounds of their own', async () => {
  const live = '/api/gitstead/1/live?repository=ada/web'
  expect(await hold(live, person('bob'))).toBe(200)
  expect(await hold(live, person('cid'))).toBe(200)
  expect((await count('live')).running).toBe(2)
  expect((await count('api')).running).toBe(1)
  const third = await fetch(site.server.url + live, { headers: person('ada') })
  expect(third.status).toBe(503)
  await third.text()
  for (const close of closing.splice(0)) close()
  expect(await eventually(async () => (await count('live')).running === 0)).toBe(true)
})

function halfAPush(name: string, repository: string, ref: string): void {
  const body = pushBody(work, [{ ref, oldOid: ZERO, newOid: first }])
  const headers = { ...person(name), 'Content-Length': String(body.length) }
  const { socket } = post(site.server, { repository, service: 'git-receive-pack' }, headers)
  socket.on('error', () => {}).write(body.subarray(0, body.length - 30))
  closing.push(() => socket.destroy())
}

it('git clients read that the server is busy, at each step, and the API serves on', async () => {
  for (const [name, repository] of [
    ['bob', 'ada/web'],
    ['bob', 'ada/other'],
    ['cid', 'ada/web'],
    ['cid', 'ada/other'],
  ] as const)
    halfAPush(name, repository, `refs/heads/half-${name}`)
  expect(await eventually(async () => (await count('git')).running === 4)).toBe(true)
  const fetched = await tryGit(work, ['ls-remote', remoteOf(site, 'web')])
  expect(fetched.code).toBe(128)
  expect(fetched.stderr).toContain('remote: The server is busy. Try again in a moment.')

  const wanted = Buffer.from(`${pkt('command=ls-refs\n')}0000`)
  const listing = { ...person('ada'), 'Git-Protocol': 'version=2', 'Content-Length': String(wanted.length) }
  const asked = post(site.server, { repository: 'ada/web', service: 'git-upload-pack' }, listing)
  asked.socket.write(wanted)
  expect(await asked.end).toContain('ERR The server is busy. Try again in a moment.')

  const body = pushBody(work, [{ ref: 'refs/heads/more', oldOid: ZERO, newOid: first }])
  const pushed = post(
    site.server,
    { repository: 'ada/web', service: 'git-receive-pack' },
    { ...person('ada'), 'Content-Length': String(body.length) },
  )
  pushed.socket.write(body)
  expect(await pushed.end).toContain('ng refs/heads/more The server is busy. Try again in a moment.')

  expect((await client(site.server, person('bob')).get('/2.0/repositories/ada/web/src/main/second')).status).toBe(200)
  await letGo()
  expect(await git(work, ['ls-remote', remoteOf(site, 'web')])).not.toContain('refs/heads/half')
})

it('an answer that takes too long ends with words, and so does the git that was at work for it', async () => {
  const before = (await count('api')).late
  writeFileSync(join(slowGit, 'slow'), '')
  try {
    const answer = await ada.get('/2.0/repositories/ada/web/diff/main?context=7')
    expect([answer.status, answer.body.error?.message]).toEqual([503, 'This took longer than 4 seconds and was ended.'])
    expect((await count('api')).late).toBe(before + 1)
    expect(await eventually(() => gitAtWork(site.data).length === 0)).toBe(true)
    expect(await eventually(async () => (await count('api')).running === 1)).toBe(true)
  } finally {
    remove(join(slowGit, 'slow'))
  }
  expect((await ada.get('/2.0/repositories/ada/web/diff/main?context=7')).status).toBe(200)
})

it('a browser that finds no place is told to come back, and does', async () => {
  const own = await openSite({ env: { GITSTEAD_CLASSES: 'web=1:0' } })
  try {
    const asset = /\/assets\/[\w.-]+\.js/.exec(await (await fetch(own.server.url)).text())?.[0] ?? ''
    const held = Array.from({ length: 12 }, () => fetch(own.server.url + asset))
    const answers = await Promise.all(held)
    const busy = answers.find(({ status }) => status === 503)
    expect(busy?.headers.get('refresh')).toBe('5')
    expect(busy?.headers.get('retry-after')).toBe('5')
    expect(await busy?.text()).toContain('Gitstead is busy')
    for (const answer of answers) if (answer !== busy) await answer.body?.cancel()
    const again = await signIn(own.server)
    expect((await again.get('/')).status).toBe(200)
  } finally {
    await closeSite(own)
  }
})
