// The program at the shell: what it prints, what it refuses in one sentence, how it ends, and its commands.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { basic, client, signIn } from '../helpers/client.ts'
import { git, makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { broken, findPath } from '../helpers/invariant.ts'
import { treeOf } from '../helpers/proc.ts'
import { attempt, firstLine, freePort, hook, occupied, refused, residentKiB } from '../helpers/program.ts'
import { addAdmin, ADMIN, gitstead, MAIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const NOBODY = 65534
const serve = (data: string, ...more: string[]): string[] => [MAIN, 'serve', '--data', data, '--port', '0', ...more]
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

describe('what it prints', () => {
  it('says one line when it is ready, and a second with a link while there is no account', async () => {
    const server = await serving({ admin: false })
    const at = `http://127.0.0.1:${server.port}`
    expect(server.stdout()).toMatch(new RegExp(`^Gitstead is ready at ${at}\nSet it up at ${at}/setup#token=\\S+\n$`))
    const token = new URL(server.setup ?? '').hash.replace('#token=', '')
    const account = { username: 'ada', display_name: 'Ada', password: ADMIN.password }
    expect((await client(server).post('/api/gitstead/1/setup', { token, ...account })).status).toBe(201)
    await server.stop()

    const again = await serving({ data: server.data })
    await sleep(200)
    expect(again.stdout()).toBe(`Gitstead is ready at http://127.0.0.1:${again.port}\n`)
    expect(await again.stop()).toBe(0)
    expect(again.stdout()).toBe(`Gitstead is ready at http://127.0.0.1:${again.port}\n`)
  })

  it('takes folder, address and port from the environment, and arguments before it', async () => {
    const data = folder()
    const port = await freePort()
    const child = spawn(process.execPath, [MAIN, 'serve', '--port', String(port)], {
      env: {
        ...process.env,
        GITSTEAD_DATA: data,
        GITSTEAD_HOST: '127.0.0.2',
        GITSTEAD_PORT: '1',
        GITSTEAD_LOG: 'error',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      expect(await firstLine(child)).toBe(`Gitstead is ready at http://127.0.0.2:${port}`)
      expect(existsSync(join(data, 'gitstead.db'))).toBe(true)
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('is soon ready and small when idle', async () => {
    const before = performance.now()
    const server = await serving({ admin: false })
    const ready = performance.now() - before
    await sleep(1000)
    const tree = treeOf([server.process.pid ?? 0])
    const memory = tree.map(residentKiB).reduce((sum, one) => sum + one, 0) / 1024
    console.log(`ready after ${ready.toFixed(0)} ms; idle, ${tree.length} processes hold ${memory.toFixed(0)} MiB`)
    expect(tree.length).toBeLessThanOrEqual(2)
  })
})

describe('what it refuses to start with', () => {
  it('a port that is taken', async () => {
    const other = await occupied()
    const port = String((other.address() as { port: number }).port)
    const taken = attempt([MAIN, 'serve', '--data', folder(), '--port', port])
    other.close()
    refused(taken, new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is taken by another program\\. .*--port`))
  })

  it('an address that the machine has not', () => {
    refused(attempt(serve(folder(), '--host', '192.0.2.1')), /^This machine has no address 192\.0\.2\.1\./)
  })

  it('a name that leads to no address', () => {
    refused(attempt(serve(folder(), '--host', 'nowhere.invalid')), /^The name nowhere\.invalid leads to no address\./)
  })

  it('a data folder on a disk that is not there', () => {
    const link = join(folder(), 'disk')
    symlinkSync(join(folder(), 'unmounted'), link)
    refused(
      attempt(serve(join(link, 'data'))),
      /^The data folder .* what it lies in is not there\. Is its disk mounted\?$/m,
    )
  })

  it('options that mean nothing', () => {
    refused(attempt([MAIN, 'serve', '--data', folder(), '--port', 'http']), /^The options are not right\. port: /)
    refused(attempt(serve(folder(), '--port', '80800')), /port: must be a number from 0 to 65535$/m)
    refused(attempt(serve(folder(), '--prot', '1')), /--prot/)
  })

  it('a data folder with a file in its way', () => {
    const file = join(folder(), 'data')
    writeFileSync(file, '')
    refused(attempt(serve(file)), /^The data folder .*data cannot be made: a file stands in the way\.$/m)
    refused(attempt(serve(join(file, 'deeper'))), /^The data folder .* cannot be made: a file stands in the way\.$/m)
  })

  it('a data folder whose parts are not what they should be', () => {
    const data = folder()
    writeFileSync(join(data, 'volumes'), '')
    refused(attempt(serve(data)), /a file stands in the way\.$/m)
    const other = folder()
    writeFileSync(
      join(other, 'gitstead.db'),
      'This is no database, but it is long enough to be taken for one. '.repeat(20),
    )
    refused(attempt(serve(other)), /^The database in .* is damaged\. Restore/)
    const third = folder()
    writeFileSync(join(third, 'gitstead.lock'), 'This is no lock. '.repeat(200))
    refused(attempt(serve(third)), /damaged/)
  })

  it('a data folder that it may not write', () => {
    const root = process.getuid?.() === 0
    const data = folder()
    chmodSync(data, root ? 0o755 : 0o500)
    refused(
      attempt(serve(data), root ? { uid: NOBODY } : {}),
      /^The data folder .* cannot be written\. Change its owner/,
    )
    refused(attempt(serve(join(data, 'new')), root ? { uid: NOBODY } : {}), /^The data folder .* cannot be written\./)
    chmodSync(data, 0o700)
  })

  it('a data folder that another server uses', async () => {
    const first = await serving()
    const { pid } = first.process
    refused(
      attempt(serve(first.data)),
      new RegExp(`is in use by another Gitstead \\(process ${pid} at ${first.url}\\)\\.`),
    )
    expect((await client(first).get('/api/gitstead/1/session')).status).toBe(200)
  })

  it('a machine without git, or with an old one', () => {
    const empty = folder()
    refused(attempt(serve(folder()), { env: { PATH: empty } }), /^Git was not found on this machine\. Install git/)
    refused(
      attempt(serve(folder()), { env: { PATH: fakeGit('echo git version 2.30.2') } }),
      /^Git 2\.30\.2 is too old: version 2\.38/,
    )
    refused(
      attempt(serve(folder()), { env: { PATH: fakeGit('exit 127') } }),
      /^Git was not found .*could not be started/,
    )
  })

  it('a database that a newer program wrote', () => {
    const data = folder()
    addAdmin(data)
    const db = new Database(join(data, 'gitstead.db'))
    db.exec(`insert into migrations values (9999, 'future', '')`)
    db.close()
    refused(attempt(serve(data)), /^The database was written by a newer Gitstead \(step 9999/)
  })

  it('a command that there is not', () => {
    const run = gitstead(['swerve'])
    expect([run.code, run.stderr]).toEqual([1, expect.stringMatching(/^There is no command swerve\.\n\nGitstead: /)])
    expect(gitstead(['help']).stdout).toMatch(/serve .*\n.*user +add/s)
    expect(gitstead(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    })
    for (const args of [
      ['serve', '--help'],
      ['serve', '--port', '0', '-h'],
    ]) {
      const { code, stdout } = gitstead(args)
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^ +serve .*\n.*--data DIR/s)])
      expect(stdout).not.toMatch(/user +add/)
    }
  })

  it('words that mean nothing', () => {
    const data = folder()
    const at = ['--data', data]
    refused(gitstead(['serve', 'now', ...at]), /^There is a word too many: now\.$/m)
    refused(gitstead(['user', 'add', 'x', 'y', 'z', '--password-stdin', ...at], 'a long password'), /too many: y\.$/m)
    refused(gitstead(['user', 'frob', ...at]), /knows add, passwd, factor-off, link and list/)
    refused(gitstead(['repo', 'frob', ...at]), /knows create/)
    refused(gitstead(['status', 'x', ...at]), /too many: x\.$/m)
    refused(gitstead(['tls', 'status', 'x', ...at]), /too many: x\.$/m)
    expect(readdirSync(data)).toEqual([])
  })

  it('an environment without PATH', () => {
    const env = { GITSTEAD_LOG: 'error', HOME: folder() }
    const args = [MAIN, 'serve', '--data', folder(), '--port', '0']
    const { status: code, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
    refused({ code, stdout, stderr }, /^The options are not right\. PATH: /)
  })

  it('a data folder where none can be made', { timeout: 30_000 }, () => {
    const place = `/proc/gitstead-${process.pid}`
    refused(attempt(serve(place)), /^The data folder \/proc\/\S+ cannot be made: what it lies in is not there\./)
    const add = [MAIN, 'user', 'add', 'ada', '--password-stdin', '--data', place]
    refused(attempt(add), /^The data folder \/proc\/\S+ cannot be made: what it lies in is not there\./)
  })
})

describe('on an old Node', () => {
  const old = oldNode()

  it.skipIf(old === undefined)('the program changes over to the Node that npm brought along', async () => {
    const child = spawn(old ?? '', [join(ROOT, 'build', 'gitstead.mjs'), ...serve(folder()).slice(1)], {
      env: { ...process.env, GITSTEAD_LOG: 'error' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    expect(await firstLine(child)).toMatch(/^Gitstead is ready at /)
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })

  it.skipIf(old === undefined)('without it the program says what it needs', () => {
    const dir = folder()
    cpSync(join(ROOT, 'build', 'gitstead.mjs'), join(dir, 'build', 'gitstead.mjs'))
    mkdirSync(join(dir, 'out', 'server'), { recursive: true })
    writeFileSync(join(dir, 'out', 'server', 'main.js'), '')
    const run = attempt([join(dir, 'build', 'gitstead.mjs'), 'serve'], { node: old ?? '' })
    refused(run, /^Gitstead needs Node 22 or newer; this is \d+\.\d+\.\d+\. Run npm ci/)
  })

  it('an unbuilt program says so', () => {
    const dir = folder()
    cpSync(join(ROOT, 'build', 'gitstead.mjs'), join(dir, 'build', 'gitstead.mjs'))
    refused(attempt([join(dir, 'build', 'gitstead.mjs'), 'serve']), /^Gitstead is not built yet\. Run npm run build/)
  })
})

describe('how it ends', () => {
  let server: Server
  let dir: string
  beforeAll(() => {
    dir = folder()
  })

  async function withRepository(): Promise<string> {
    server = await serving()
    const ada = await signIn(server)
    expect((await ada.post('/2.0/repositories/ada/web')).status).toBe(201)
    return withLogin(`${server.url}/ada/web.git`, ADMIN.name, ADMIN.password)
  }

  it('SIGTERM lets a push that is under way finish, takes no new connection, and exits 0', async () => {
    const remote = await withRepository()
    const work = join(dir, 'drain')
    await makeWork(work)
    hook(server.data, 'pre-receive', `touch '${dir}/received'; sleep 1.5; exit 0`)
    const push = tryGit(work, ['push', '-q', remote, 'main'])
    while (!existsSync(join(dir, 'received'))) await sleep(20)
    const end = server.stop('SIGTERM')
    await sleep(200)
    await expect(once(connect(server.port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED')
    expect(await push).toMatchObject({ code: 0 })
    expect(await end).toBe(0)
    const refs = await git(findPath(server.data, 'ada/web'), ['for-each-ref', '--format=%(objectname)', 'refs/heads'])
    expect(refs).toBe(await git(work, ['rev-parse', 'main']))
    const after = await serving({ data: server.data })
    expect(await broken(after)).toEqual([])
  })

  it('SIGTERM lets a clone that is under way finish, and exits 0', async () => {
    const remote = await withRepository()
    const work = join(dir, 'big')
    await makeWork(work)
    writeFileSync(join(work, 'noise'), randomBytes(12 * 1024 * 1024))
    await git(work, ['config', 'core.compression', '0'])
    await git(work, ['add', 'noise'])
    await git(work, ['commit', '-q', '-m', 'Add noise'])
    await git(work, ['push', '-q', remote, 'main'])
    const advert = await fetch(`${server.url}/ada/web.git/info/refs?service=git-upload-pack`, {
      headers: basic(ADMIN.name, ADMIN.password),
    })
    await advert.arrayBuffer()
    const want = await git(work, ['rev-parse', 'main'])
    const body = `0032want ${want}\n00000009done\n`
    const type = { 'Content-Type': 'application/x-git-upload-pack-request' }
    const response = await fetch(`${server.url}/ada/web.git/git-upload-pack`, {
      method: 'POST',
      body,
      headers: { ...basic(ADMIN.name, ADMIN.password), ...type },
    })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    let bytes = (await reader.read()).value?.length ?? 0
    const end = server.stop('SIGTERM')
    await sleep(300)
    for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.length
    expect(bytes).toBeGreaterThan(12 * 1024 * 1024)
    expect(await end).toBe(0)
  })

  it('SIGTERM does not wait for idle connections', async () => {
    await withRepository()
    await client(server).get('/api/gitstead/1/session')
    const before = performance.now()
    expect(await server.stop()).toBe(0)
    expect(performance.now() - before).toBeLessThan(8000)
  })

  it('a lock left by kill -9 does not block the next start', async () => {
    const first = await serving()
    await first.stop('SIGKILL')
    expect(existsSync(join(first.data, 'running.json'))).toBe(true)
    const second = await serving({ data: first.data })
    expect(await broken(second)).toEqual([])
    expect(await second.stop()).toBe(0)
    expect(existsSync(join(first.data, 'running.json'))).toBe(false)
  })
})

function fakeGit(script: string): string {
  const dir = folder()
  writeFileSync(join(dir, 'git'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(dir, 'git'), 0o755)
  return [dir, '/usr/bin', '/bin'].join(delimiter)
}

function oldNode(): string | undefined {
  const places = ['/usr/bin/node', '/usr/local/bin/node', '/opt/homebrew/bin/node']
  return places
    .filter((path) => existsSync(path))
    .find((path) => {
      const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
      return Number(/^v(\d+)/.exec(stdout)?.[1] ?? 99) < 22
    })
}
