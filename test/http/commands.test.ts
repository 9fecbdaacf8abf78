// The other commands of the program, beside a running server and without one: accounts, repositories, tokens, doctor.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it } from 'vitest'
import { signIn } from '../helpers/client.ts'
import { makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { findPath } from '../helpers/invariant.ts'
import { freePort, occupied, refused } from '../helpers/program.ts'
import { addCommits, ask } from '../helpers/repos.ts'
import { addAdmin, gitstead, MAIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'

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

it('user: add, passwd and list, beside a running server and without one', async () => {
  const data = folder()
  const at = ['--data', data]
  expect(gitstead(['user', 'add', 'eve', '--password-stdin', ...at], 'eve has a password')).toMatchObject({
    code: 0,
    stdout: 'Added eve.\n',
  })
  const server = await serving({ data })
  expect(
    gitstead(['user', 'add', 'bob', '--display-name', 'Bob B', '--password-stdin', ...at], 'bob has a password\n').code,
  ).toBe(0)
  await signIn(server, 'bob', 'bob has a password')
  await signIn(server, 'eve', 'eve has a password')
  expect(gitstead(['user', 'passwd', 'eve', '--password-stdin', ...at], 'eve has another one').code).toBe(0)
  await signIn(server, 'eve', 'eve has another one')
  await expect(signIn(server, 'eve', 'eve has a password')).rejects.toThrow(/wrong/)
  expect(
    gitstead(['user', 'list', ...at])
      .stdout.trim()
      .split('\n')
      .sort(),
  ).toEqual(['ada\tada\tadmin', 'bob\tBob B\t', 'eve\teve'])
  for (const [args, sentence] of [
    [['add', 'bob', '--password-stdin'], /bob is already taken/],
    [['add', 'x y', '--password-stdin'], /./],
    [['add', 'carl'], /--password-stdin/],
    [['passwd', 'nobody', '--password-stdin'], /^There is no account nobody\.$/m],
    [['burn', 'ada'], /knows add, passwd, factor-off, link and list/],
  ] as const)
    refused(gitstead(['user', ...args, ...at], 'a password for all'), sentence)
})

it('repo: create and list; token: create, used at once by the running server', async () => {
  let server = await serving()
  const at = ['--data', server.data, '--user', 'ada']
  expect(gitstead(['repo', 'create', 'ada/tools', '--visibility', 'internal', ...at])).toMatchObject({
    code: 0,
    stdout: 'Created ada/tools.\n',
  })
  expect(gitstead(['repo', 'list', ...at]).stdout).toBe('ada/tools\tinternal\tadmin\n')
  refused(gitstead(['repo', 'create', 'ada/tools', ...at]), /already taken/)
  refused(gitstead(['repo', 'create', 'nowhere/tools', ...at]), /ada may not create nowhere\/tools/)
  refused(gitstead(['repo', 'create', 'ada/..', ...at]), /./)
  refused(gitstead(['repo', 'list', '--data', server.data]), /--user NAME/)

  // Nobody listens there.
  await (await signIn(server)).put('/api/gitstead/1/settings', { allowed_imports: ['127.0.0.1'] })
  const source = `http://127.0.0.1:${await freePort()}/x.git`
  await server.stop()
  refused(gitstead(['repo', 'import', 'ada/copy', source, ...at]), /^The repository could not be imported\./)
  refused(gitstead(['repo', 'import', 'ada/copy', 'ftp://x/y', ...at]), /./)
  expect(gitstead(['repo', 'list', ...at]).stdout).toBe('ada/tools\tinternal\tadmin\n')
  server = await serving({ data: server.data })

  const token = gitstead(['token', 'create', '--scopes', 'repository', '--days', '1', ...at])
  expect(token.stdout).toMatch(/^gsp_\S+\n$/)
  const remote = withLogin(`${server.url}/ada/tools.git`, 'ada', token.stdout.trim())
  const work = join(folder(), 'work')
  await makeWork(work)
  expect((await tryGit(work, ['ls-remote', remote])).code).toBe(0)
  expect((await tryGit(work, ['push', remote, 'main'])).stderr).toMatch(/lacks the scope repository:write/)
  refused(gitstead(['token', 'create', '--scopes', 'all', ...at]), /There is no scope all/)
  refused(gitstead(['token', 'create', '--repository', 'ada/none', ...at]), /There is no repository ada\/none/)
  refused(gitstead(['token', 'create', '--days', 'x', ...at]), /whole number/)
})

it('what only looks makes no data folder', () => {
  const none = join(folder(), 'typo')
  const asks = [
    ['user', 'list'],
    ['user', 'link', 'ada'],
    ['repo', 'list', '--user', 'ada'],
    ['repo', 'create', 'ada/x', '--user', 'ada'],
    ['token', 'create', '--user', 'ada'],
    ['tls'],
  ]
  for (const args of asks) refused(gitstead([...args, '--data', none]), /^There is no data of Gitstead in .*typo\./)
  expect(existsSync(none)).toBe(false)
})

it('doctor: all is well, beside a server and without one, and on a folder that is not there yet', async () => {
  const server = await serving()
  gitstead(['repo', 'create', 'ada/tools', '--user', 'ada', '--data', server.data])
  const beside = gitstead(['doctor', '--data', server.data])
  expect(beside).toMatchObject({ code: 0, stdout: expect.stringMatching(/All is well\.\n$/) as string })
  expect(beside.stdout).toContain(`a server runs on this data at ${server.url}`)
  await server.stop()
  const told = gitstead(['doctor', '--json', '--data', server.data, '--port', String(await freePort())])
  const { checks } = JSON.parse(told.stdout) as { checks: Record<string, string>[] }
  expect([told.code, checks.map(({ name }) => name)]).toEqual([
    0,
    ['node', 'data', 'disk', 'port', 'git', 'https', 'database', 'volume', 'repositories'],
  ])
  expect(checks.at(-1)).toEqual({ name: 'repositories', state: 'ok', words: '1 repository is whole', advice: '' })
  const alone = gitstead(['doctor', '--data', server.data, '--port', String(await freePort())])
  expect(alone).toMatchObject({ code: 0 })
  expect(alone.stdout).toMatch(
    /ok {3}node \d.*ok {3}data folder .* is writable.*GiB free.*port \d+ .* is free.*git \d.*database is whole.*1 repository is whole/s,
  )
  const none = gitstead(['doctor', '--data', join(folder(), 'none'), '--port', String(await freePort())])
  expect(none).toMatchObject({ code: 0 })
  expect(none.stdout).toMatch(/does not exist yet.*GiB free.*port \d+ .* is free.*git \d.*All is well/s)
})

it('doctor: says what is bad and what to do', async () => {
  const data = folder()
  addAdmin(data)
  for (const name of ['gone', 'hurt', 'index', 'fine'])
    gitstead(['repo', 'create', `ada/${name}`, '--user', 'ada', '--data', data])
  remove(findPath(data, 'ada/gone'))
  mkdirSync(join(findPath(data, 'ada/hurt'), 'objects', 'ab'))
  writeFileSync(join(findPath(data, 'ada/hurt'), 'objects', 'ab', 'c'.repeat(38)), '')
  // A date that the format of the commit-graph cannot hold is no damage; a file of it that is broken is.
  for (const name of ['fine', 'index']) {
    addCommits(findPath(data, `ada/${name}`), { commits: [{ date: 253_402_300_800 }], refs: { 'refs/heads/main': 0 } })
    ask(findPath(data, `ada/${name}`), ['commit-graph', 'write', '--reachable'])
  }
  const graph = join(findPath(data, 'ada/index'), 'objects', 'info', 'commit-graph')
  chmodSync(graph, 0o600)
  truncateSync(graph, 200)
  const other = await occupied()
  const { port } = other.address() as { port: number }
  const run = gitstead(['doctor', '--data', data, '--port', String(port)])
  const told = gitstead(['doctor', '--json', '--data', data, '--port', String(port)])
  other.close()
  const { checks } = JSON.parse(told.stdout) as { checks: Record<string, string>[] }
  expect([told.code, told.stdout.trim().split('\n').length]).toEqual([1, 1])
  // Repositories come in the order of their ids, which are random.
  const found = checks.filter(({ state }) => state !== 'ok')
  expect(found.toSorted((a, b) => ((a['words'] ?? '') < (b['words'] ?? '') ? -1 : 1))).toEqual([
    {
      name: 'port',
      state: 'failed',
      words: expect.stringMatching(/EADDRINUSE/),
      advice: expect.stringMatching(/--port/),
    },
    {
      name: 'repository',
      state: 'failed',
      words: expect.stringMatching(/gone/),
      advice: expect.stringMatching(/Restore/),
    },
    {
      name: 'repository',
      state: 'failed',
      words: expect.stringMatching(/hurt/),
      advice: expect.stringMatching(/Restore/),
    },
    {
      name: 'repository',
      state: 'failed',
      words: expect.stringMatching(/index .*: .*commit-graph/),
      advice: expect.stringMatching(/Restore/),
    },
  ])
  expect(run.code).toBe(1)
  expect(run.stdout).toMatch(/^BAD  port \d+ on 127\.0\.0\.1: .*EADDRINUSE.*\n +→ End the program/m)
  expect(run.stdout).toMatch(/^BAD  repository gone \(.*\) is missing on disk\n +→ Restore/m)
  expect(run.stdout).toMatch(/^BAD  repository hurt \(.*\): .*\n +→ Restore/m)
  expect(run.stdout).not.toMatch(/repository fine/)
  expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['https', 'database', 'volume']))
  expect(run.stdout).toMatch(/^4 of \d+ checks need a hand\.\n$/m)

  for (const place of [data, join(folder(), 'none')]) {
    const noGit = spawnSync(process.execPath, [MAIN, 'doctor', '--data', place], {
      env: { ...process.env, PATH: folder() },
      encoding: 'utf8',
    })
    expect(noGit.status).toBe(1)
    expect(noGit.stdout).toMatch(/^BAD .*git/m)
    expect(noGit.stdout).toMatch(/Git was not found on this machine\. Install git/)
  }
  const file = join(folder(), 'file')
  writeFileSync(file, '')
  const blocked = gitstead(['doctor', '--data', join(file, 'data')])
  expect(blocked.stdout).toMatch(/^BAD  data folder .*file is not writable\n +→ Change its owner/m)
})
