// Imports lead nowhere inside: whatever the notation, whoever redirects, and whatever a name gives the second time.
import { mkdirSync, readdirSync } from 'node:fs'
import { createServer as createHttp, type RequestListener, type Server as HttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { remoteHead } from '../../server/git/care/fetch.ts'
import { type Lab, openLab } from '../git/lab.ts'
import { type Client, signIn } from '../helpers/client.ts'
import { traceGit } from '../helpers/program.ts'
import { pkt } from '../helpers/wire.ts'
import { gitstead, remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { rows } from '../helpers/world.ts'

const IMPORTS = '/api/gitstead/1/imports'

let server: Server
let ada: Client
let dir: string
let bait: NetServer
let port: number
/** Connections that were made to the bait. It answers nothing: who connects has done what must not be done. */
let bites = 0

beforeAll(async () => {
  dir = tempDir()
  mkdirSync(join(dir, 'trace'))
  bait = createServer((socket) => {
    bites += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => bait.listen(0, '127.0.0.1', () => resolve()))
  port = (bait.address() as AddressInfo).port
  server = await startServer()
  traceGit(server.data, join(dir, 'trace'))
  ada = await signIn(server)
})
beforeEach(() => (bites = 0))
afterAll(async () => {
  bait.close()
  await server.stop()
  remove(dir)
  remove(server.data)
})

const gits = (): number => readdirSync(join(dir, 'trace')).length
const begin = (url: unknown, name = 'caught'): ReturnType<Client['post']> =>
  ada.post(IMPORTS, { url, workspace: 'ada', name })

// oxlint-disable-next-line typescript/no-explicit-any -- the answer of the API, looked into by each test
async function ended(id: string): Promise<any> {
  for (let i = 0; i < 400; i++) {
    const { body } = await ada.get(`${IMPORTS}/${id}`)
    if (body.state !== 'waiting' && body.state !== 'running') return body
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the import did not end')
}

/** `PORT` stands for the port of the bait, `OWN` for ours. */
const INSIDE = [
  'http://127.0.0.1:PORT/a.git',
  'http://127.1:PORT/a.git',
  'http://127.255.255.254:PORT/a.git',
  'http://localhost:PORT/a.git',
  'http://LOCALHOST:PORT/a.git',
  'http://localhost.:PORT/a.git',
  'http://2130706433:PORT/a.git',
  'http://0x7f.1:PORT/a.git',
  'http://0x7f000001:PORT/a.git',
  'http://0177.0.0.1:PORT/a.git',
  'http://0:PORT/a.git',
  'http://0.0.0.0:PORT/a.git',
  'http://1２7.0.0.1:PORT/a.git',
  'http://127。0。0。1:PORT/a.git',
  'http://%31%32%37.0.0.1:PORT/a.git',
  'http://[::1]:PORT/a.git',
  'http://[::]:PORT/a.git',
  'http://[::ffff:7f00:1]:PORT/a.git',
  'http://[::ffff:127.0.0.1]:PORT/a.git',
  'http://[::127.0.0.1]:PORT/a.git',
  'http://[64:ff9b::7f00:1]:PORT/a.git',
  'http://[2002:7f00:1::]:PORT/a.git',
  'http://ada:secret@127.0.0.1:PORT/a.git',
  'http://example.com@127.0.0.1:PORT/a.git',
  'http://example.com:80@127.0.0.1:PORT/a.git',
  'http://example.com%40@127.0.0.1:PORT/a.git',
  'http://127.0.0.1:PORT#@example.com/a.git',
  'http://127.0.0.1:PORT?@example.com/a.git',
  'http://127.0.0.1:OWN/ada/web.git',
  'http://localhost:OWN/ada/web.git',
  'http://169.254.169.254/latest/meta-data',
  'http://[fd00:ec2::254]/latest/meta-data',
  'http://[fe80::1]/a.git',
  'http://10.0.0.1/a.git',
  'http://172.16.0.1/a.git',
  'http://192.168.0.1/a.git',
  'http://100.64.0.1/a.git',
]

const NOT_AN_ADDRESS = [
  'file:///etc/passwd',
  'file://127.0.0.1/etc',
  'FILE:///etc',
  'ext::sh -c "id >/tmp/x"',
  'ext::http://127.0.0.1:PORT/',
  'fd::17',
  'ssh://git@127.0.0.1:PORT/a.git',
  'git://127.0.0.1:PORT/a.git',
  'ftp://127.0.0.1:PORT/a.git',
  'git@127.0.0.1:a.git',
  '127.0.0.1:PORT/a.git',
  '//127.0.0.1:PORT/a.git',
  '/etc',
  '../x',
  '.',
  '',
  '-u',
  '--upload-pack=id',
  '-uhttp://127.0.0.1:PORT/a.git',
  ' http://127.0.0.1:PORT/a.git',
  '\thttp://127.0.0.1:PORT/a.git',
  'http://127.0.0.1:PORT/a.git\n',
  'http://example.com/a\u0000.git',
  'http://example.com/a\r\nHost: x',
  'http://exam\tple.com/a.git',
  'http:\\\\127.0.0.1:PORT/a.git',
  'http:127.0.0.1:PORT/a.git',
  'http:///127.0.0.1:PORT/a.git',
  'http://-oProxyCommand=id/a.git',
  'http://+example.com/a.git',
  'http://exa mple.com/',
  'http://',
  'javascript:alert(1)',
]

const filled = (url: string): string => url.replace('PORT', String(port)).replace('OWN', String(server.port))

describe('an address that leads inside, or is none', () => {
  it.each([...INSIDE, ...NOT_AN_ADDRESS])('%j is refused before anything is asked of anybody', async (url) => {
    const before = gits()
    const answer = await begin(filled(url))
    expect(answer.status, answer.text).toBe(400)
    expect(answer.body.error.fields.url[0]).toBeTruthy()
    expect(answer.text).not.toContain('secret')
    expect([bites, gits() - before]).toEqual([0, 0])
    expect((await ada.get('/2.0/repositories/ada/caught')).status).toBe(404)
  })

  it('is refused in every shape but a text', async () => {
    for (const url of [['http://127.0.0.1/'], { href: 'http://127.0.0.1/' }, 2130706433, null, true, undefined])
      expect((await begin(url)).status).toBe(400)
    expect(bites).toBe(0)
  })

  it('is refused when the job runs, where it was allowed when the import began', async () => {
    expect((await ada.post('/2.0/repositories/ada/caught')).status).toBe(201)
    const db = new Database(join(server.data, 'gitstead.db'))
    const now = new Date().toISOString()
    const { lastInsertRowid } = db
      .prepare(
        `insert into jobs (kind, repository_id, actor_id, data, state, attempts, run_at, progress, created_at)
         select 'import', r.id, r.created_by, ?, 'waiting', 0, ?, '', ? from repositories r where r.slug = 'caught'`,
      )
      .run(JSON.stringify({ url: filled('http://127.0.0.1:PORT/a.git') }), now, now)
    db.close()
    const job = await ended(String(lastInsertRowid))
    expect(job).toMatchObject({ state: 'failed', error: expect.stringMatching(/leads into this network/) })
    expect(bites).toBe(0)
  })
})

describe('a server that the admin allowed', () => {
  let allowed: HttpServer
  let source: string
  let respond: RequestListener
  let asked: string[] = []

  beforeAll(async () => {
    allowed = createHttp((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      respond(request, response)
    })
    await new Promise<void>((resolve) => allowed.listen(0, '127.0.0.1', () => resolve()))
    source = `http://127.0.0.1:${(allowed.address() as AddressInfo).port}`
    expect((await ada.put('/api/gitstead/1/settings', { allowed_imports: ['127.0.0.1'] })).status).toBe(200)
  })
  beforeEach(() => (asked = []))
  afterAll(() => allowed.close())

  // oxlint-disable-next-line typescript/no-explicit-any -- the answer of the API, looked into by each test
  async function failed(name: string): Promise<any> {
    const started = await begin(`${source}/${name}.git`, name)
    expect(started.status).toBe(202)
    const job = await ended(started.body.id)
    expect(job.state).toBe('failed')
    expect(asked.length).toBeGreaterThan(0)
    expect(bites).toBe(0)
    expect((await ada.get(`/2.0/repositories/ada/${name}`)).status).toBe(404)
    return job
  }

  it('is reached, so that what is never reached elsewhere in this file tells something', async () => {
    const before = gits()
    const started = await begin(filled('http://127.0.0.1:PORT/a.git'), 'reached')
    expect((await ended(started.body.id)).state).toBe('failed')
    expect(bites).toBeGreaterThan(0)
    expect(gits()).toBeGreaterThan(before)
  })

  it.each([301, 302, 303, 307, 308])(
    'redirects with %i to where it may not lead: nobody goes there',
    async (status) => {
      for (const [i, to] of [`http://localhost:${port}`, 'file:///etc', `//127.0.0.1:${port}`].entries()) {
        respond = (request, response) => void response.writeHead(status, { Location: `${to}${request.url}` }).end()
        expect((await failed(`redirect-${status}-${i}`)).error).toMatch(/redirects this address/)
      }
    },
  )

  it('redirects only the second request', async () => {
    const greeting = `${pkt('# service=git-upload-pack\n')}0000${pkt('version 2\n')}${pkt('ls-refs\n')}${pkt('fetch\n')}0000`
    respond = (request, response) => {
      if (request.method === 'GET')
        response.writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-advertisement' }).end(greeting)
      else response.writeHead(307, { Location: `http://localhost:${port}${request.url}` }).end()
    }
    await failed('second')
    expect(asked.some((line) => line.startsWith('POST'))).toBe(true)
  })

  it('names another store for its objects', async () => {
    const files: Record<string, string> = {
      '/dumb.git/info/refs': `${'a'.repeat(40)}\trefs/heads/main\n`,
      '/dumb.git/HEAD': 'ref: refs/heads/main\n',
      '/dumb.git/objects/info/http-alternates': `http://localhost:${port}/objects\n`,
      '/dumb.git/objects/info/alternates': `http://localhost:${port}/objects\n`,
    }
    respond = (request, response) => {
      const text = files[(request.url ?? '').split('?')[0] ?? '']
      response.writeHead(text === undefined ? 404 : 200, { 'Content-Type': 'text/plain' }).end(text)
    }
    await failed('dumb')
    expect(asked.some((line) => line.includes('/objects/'))).toBe(true)
  })

  it('asks for a password: nobody is asked, and no other one is given', async () => {
    const given: unknown[] = []
    respond = (request, response) => {
      given.push(request.headers.authorization)
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end()
    }
    expect((await failed('locked')).error).toMatch(/wants a user name and password/)
    expect(new Set(given)).toEqual(new Set([undefined]))
  })
})

describe('the address that was checked', () => {
  let lab: Lab
  let real: HttpServer
  const hosts: unknown[] = []

  beforeAll(async () => {
    lab = await openLab()
    real = createHttp((request, response) => {
      hosts.push(request.headers.host)
      response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => real.listen(0, '127.0.0.1', () => resolve()))
  })
  afterAll(async () => {
    real.close()
    await lab.close()
  })

  const there = (): number => (real.address() as AddressInfo).port
  const ask = (url: string, address: string): Promise<unknown> =>
    remoteHead(lab.git, { url: new URL(url), username: '', password: '', address }, AbortSignal.timeout(20_000))

  it.each(['rebind.test', 'rebind.test.', 'REBIND.test', 'b\u00fccher.test', 'under_score.test'])(
    'is the one that git connects to for %s, whatever the name would give now',
    async (name) => {
      const before = hosts.length
      await expect(ask(`http://${name}:${there()}/a.git`, '127.0.0.1')).rejects.toThrow(/no repository/)
      expect(hosts.length).toBeGreaterThan(before)
    },
  )

  it('is told by what happened there, not by the words of the address', async () => {
    await expect(ask(`http://localhost:${there()}/401-certificate-redirect.git`, '127.0.0.1')).rejects.toThrow(
      /no repository/,
    )
  })

  it('is used even where the name has another in the list of hosts', async () => {
    // Nobody listens at the other address: a look-up of the name would lead to the server instead.
    await expect(ask(`http://localhost:${there()}/a.git`, '127.0.0.9')).rejects.toThrow(/cannot be reached/)
  })

  it('may be one of IPv6', async () => {
    await expect(ask(`http://[::1]:${port}/a.git`, '::1')).rejects.toThrow(/cannot be reached/)
  })
})

// Last, as a command of the program writes git's configuration anew, and with it ends the trace.
it('refuses the same at the shell', () => {
  for (const url of ['http://localhost:PORT/a.git', 'ext::sh -c id', '/etc', '../x', '--upload-pack=id']) {
    const run = gitstead(['repo', 'import', 'ada/shell', filled(url), '--user', 'ada', '--data', server.data])
    expect(run.code, url).not.toBe(0)
  }
  expect(bites).toBe(0)
  expect(rows(server, "select * from repositories where slug = 'shell'")).toEqual([])
})
