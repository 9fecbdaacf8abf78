// What the server has to say to the desktop that starts it: a word when it is ready or refused, the state of a data folder,
// who it is, and a link that signs in once.
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ServerWord } from '../../server/contract/process.ts'
import { client, signIn, teammate } from '../helpers/client.ts'
import { attempt, occupied, refused } from '../helpers/program.ts'
import { addAdmin, ADMIN, gitstead, MAIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { rows } from '../helpers/world.ts'

const OWN = '/api/gitstead/1'
const dirs: string[] = []
const running: Server[] = []

function folder(): string {
  const dir = tempDir()
  dirs.push(dir)
  return dir
}

async function serving(options: Parameters<typeof startServer>[0] = {}): Promise<Server> {
  const server = await startServer({ data: folder(), ...options })
  running.push(server)
  return server
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop('SIGKILL')))
})
afterAll(() => dirs.forEach(remove))

/** Starts the server as the desktop does, and gives what it says until it has ended, or is stopped because it is ready. */
function asChild(args: string[], env: Record<string, string> = {}): Promise<{ words: ServerWord[]; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, 'serve', ...args], {
    env: { ...process.env, GITSTEAD_LOG: 'error', GITSTEAD_WORKERS: '1', ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const words: ServerWord[] = []
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.on('message', (word: ServerWord) => {
    words.push(word)
    if (word.kind === 'ready') child.kill('SIGTERM')
  })
  return new Promise((resolve) => child.once('close', () => resolve({ words, stderr: stderr.trim() })))
}

const at = (data: string, ...more: string[]): string[] => ['--data', data, '--port', '0', ...more]

describe('a word to whoever started it', () => {
  it('when it is ready, with its address', async () => {
    const { words } = await asChild(at(folder()))
    expect(words).toEqual([{ kind: 'ready', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string }])
  })

  it('when it is refused, with what stands in the way and the sentence that it prints', async () => {
    const other = await occupied()
    const { port } = other.address() as { port: number }
    const damaged = folder()
    writeFileSync(
      join(damaged, 'gitstead.db'),
      'This is no database, but is long enough to be taken for one. '.repeat(20),
    )
    const file = join(folder(), 'file')
    writeFileSync(file, '')
    const newer = folder()
    addAdmin(newer)
    const db = new Database(join(newer, 'gitstead.db'))
    db.exec(`insert into migrations values (9999, 'future', '')`)
    db.close()
    const first = await serving()
    const cases: [string[], string, Record<string, string>?][] = [
      [['--data', folder(), '--port', String(port)], 'port'],
      [at(folder(), '--host', '192.0.2.1'), 'address'],
      [at(folder(), '--host', 'nowhere.invalid'), 'address'],
      [at(join(file, 'deeper')), 'data'],
      [at(damaged), 'data'],
      [at(newer), 'data'],
      [at(first.data), 'in-use'],
      [at(folder()), 'other', { PATH: folder() }],
      [at(folder(), '--prot', '1'), 'other'],
      [['--data', folder(), '--port', 'http'], 'other'],
    ]
    for (const [args, reason, env] of cases) {
      const { words, stderr } = await asChild(args, env)
      expect(words).toEqual([{ kind: 'refused', reason, message: stderr }])
      expect(stderr.split('\n')).toHaveLength(1)
    }
    other.close()
  })
})

interface Status {
  running: { pid: number; url: string } | null
  accounts: number
  admins: string[]
  instance: string | null
  version: string
}

function status(data: string): Status {
  const { code, stdout, stderr } = gitstead(['status', '--json', '--data', data])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Status
}

/** The index of the journal, which is shared memory in a file, is no data: whoever comes first after a crash makes it anew. */
function traces(data: string): string[] {
  return readdirSync(data).map((name) => (name.endsWith('-shm') ? name : told(data, name)))
}

function told(data: string, name: string): string {
  const { size, mtimeMs } = statSync(join(data, name))
  return `${name} ${size} ${mtimeMs}`
}

describe('status', () => {
  it('of a folder that may not be read is not told', () => {
    const data = folder()
    gitstead(['user', 'add', 'ada', '--password-stdin', '--data', data], ADMIN.password)
    const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {}
    for (const mode of [0o000, 0o755]) {
      chmodSync(data, mode)
      if (mode === 0o755) chmodSync(join(data, 'gitstead.db'), 0o000)
      for (const more of [[], ['--json']])
        refused(attempt([MAIN, 'status', ...more, '--data', data], nobody), /^The data folder .* cannot be read\./)
    }
    chmodSync(data, 0o700)
  })

  it('of a folder that is not there, or empty, makes nothing', () => {
    const none = join(folder(), 'none')
    const empty = folder()
    for (const data of [none, empty])
      expect(status(data)).toMatchObject({ running: null, accounts: 0, admins: [], instance: null })
    expect([existsSync(none), readdirSync(empty)]).toEqual([false, []])
    expect(gitstead(['status', '--data', none]).stdout).toMatch(/No server runs\.\nThere is no account yet\.\n$/)
  })

  it('tells who administers it, beside a server, after one and after a killed one, and changes nothing', async () => {
    const server = await serving()
    const { data } = server
    const ada = await signIn(server)
    for (const name of ['zoe', 'bob', 'cleo']) await teammate(server, ada, { name })
    for (const name of ['zoe', 'bob']) await ada.patch(`${OWN}/people/${name}`, { is_admin: true })
    await ada.patch(`${OWN}/people/bob`, { state: 'disabled' })
    const now = status(data)
    expect(now).toMatchObject({
      running: { pid: server.process.pid, url: server.url },
      accounts: 4,
      admins: ['ada', 'zoe'],
    })
    expect((await client(server).get(`${OWN}/instance`)).body).toEqual({ instance: now.instance, version: now.version })
    expect(gitstead(['status', '--data', data]).stdout).toMatch(
      /A server runs at http:.* \(process \d+, since 20.*\)\.\n/,
    )
    await server.stop('SIGKILL')
    for (const end of ['killed', 'stopped']) {
      const before = traces(data)
      expect(status(data), end).toMatchObject({
        running: null,
        accounts: 4,
        admins: ['ada', 'zoe'],
        instance: now.instance,
      })
      expect(traces(data)).toEqual(before)
      const next = await serving({ data })
      await next.stop()
    }
  })

  it('believes the lock, not the note of somebody who is gone', async () => {
    const server = await serving()
    await server.stop('SIGKILL')
    const lock = new Database(join(server.data, 'gitstead.lock'))
    lock.exec('begin exclusive')
    expect(status(server.data).running).toEqual({ pid: 0, url: '' })
    lock.close()
    expect(status(server.data).running).toBeNull()
  })
})

describe('which Gitstead it is', () => {
  it('is the same after a restart, and another one for other data', async () => {
    const server = await serving()
    const { instance } = (await client(server).get(`${OWN}/instance`)).body
    await server.stop()
    const [again, other] = [await serving({ data: server.data }), await serving({ admin: false })]
    expect((await client(again).get(`${OWN}/instance`)).body.instance).toBe(instance)
    expect((await client(other).get(`${OWN}/instance`)).body.instance).not.toBe(instance)
  })

  it('is told while somebody else writes the database', async () => {
    const server = await serving()
    const db = new Database(join(server.data, 'gitstead.db'))
    db.exec('begin exclusive')
    expect((await client(server).get(`${OWN}/instance`)).status).toBe(200)
    db.close()
  })
})

function link(data: string, name = ADMIN.name): string {
  const { code, stdout } = gitstead(['user', 'link', name, '--json', '--data', data])
  expect(code).toBe(0)
  return (JSON.parse(stdout) as { token: string }).token
}

describe('a link that signs in', () => {
  let server: Server
  beforeAll(async () => {
    server = await startServer({ data: folder() })
  })
  afterAll(() => server.stop('SIGKILL'))

  it('opens a session once, with cookie and CSRF token, and is written down', async () => {
    const token = link(server.data)
    const enter = (): ReturnType<ReturnType<typeof client>['post']> =>
      client(server).post(`${OWN}/links/${token}/enter`)
    const first = await enter()
    expect([first.status, first.body.user.username]).toEqual([201, 'ada'])
    const Cookie = (first.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const mine = client(server, { Cookie, 'X-CSRF-Token': first.body.csrf })
    expect((await mine.put(`${OWN}/profile`, { display_name: 'Ada again' })).status).toBe(200)
    const second = await enter()
    expect([second.status, second.body.error.message]).toEqual([410, expect.stringMatching(/has been used/)])
    expect(rows(server, 'select kind from events').map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['user:entry-link', 'session:opened']),
    )
    for (const wrong of ['x', 'reset', `${token}x`])
      expect((await client(server).post(`${OWN}/links/${wrong}/enter`)).status).toBe(410)
    expect(
      (await client(server).post(`${OWN}/links/${link(server.data)}/reset`, { password: 'a password of theirs' }))
        .status,
    ).toBe(410)
  })

  it('ends after a minute, and with the account', async () => {
    const ada = await signIn(server)
    await teammate(server, ada, { name: 'bob' })
    const [late, gone] = [link(server.data), link(server.data, 'bob')]
    const [{ s } = { s: 0 }] = rows(
      server,
      `select round((julianday(expires_at) - julianday(created_at)) * 86400) as s from links where kind = 'entry' limit 1`,
    )
    expect(s).toBe(60)
    const db = new Database(join(server.data, 'gitstead.db'))
    db.prepare(
      `update links set expires_at = '2020-01-01T00:00:00.000Z' where kind = 'entry' and user_id = (select id from users where name = 'ada')`,
    ).run()
    db.close()
    await ada.patch(`${OWN}/people/bob`, { state: 'disabled' })
    for (const token of [late, gone])
      expect((await client(server).post(`${OWN}/links/${token}/enter`)).status).toBe(410)
    refused(gitstead(['user', 'link', 'bob', '--data', server.data]), /The account bob is disabled\./)
    refused(gitstead(['user', 'link', 'nobody', '--data', server.data]), /There is no account nobody\./)
  })

  // The last one, as it gives everybody a second factor and stops the server.
  it('stands for password and second factor, and is printed with the address', async () => {
    const db = new Database(join(server.data, 'gitstead.db'))
    db.exec(`update users set factor_since = '2026-01-01T00:00:00.000Z'`)
    db.close()
    const { stdout } = gitstead(['user', 'link', 'ada', '--data', server.data])
    const url = new URL(stdout.trim())
    expect([url.origin, url.pathname]).toEqual([server.url, '/enter'])
    const answer = await client(server).post(`${OWN}/links/${url.hash.replace('#token=', '')}/enter`)
    expect([answer.status, answer.body.user?.username]).toEqual([201, 'ada'])
    await server.stop()
    const alone = gitstead(['user', 'link', 'ada', '--data', server.data])
    expect([alone.stdout, alone.stderr]).toEqual([
      expect.stringMatching(/^\/enter#token=\S+\n$/),
      expect.stringMatching(/^No server runs/),
    ])
  })
})
