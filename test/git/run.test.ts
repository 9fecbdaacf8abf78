// Starting git: answers, faults, bounds, and that nothing is left behind: no fd, no zombie, no orphan.
import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openGit, type Git } from '../../server/git/run/run.ts'
import { openLog } from '../../server/kit/log.ts'
import { childrenOf, commandOf, everyProcess } from '../helpers/proc.ts'

const log = openLog('silent')
const dir = mkdtempSync(join(tmpdir(), 'gitstead-test-'))
const bare = join(dir, 'some.git')
let git: Git

beforeAll(async () => {
  git = await openGit({ dir: join(dir, 'git'), log })
  await git.exec({ name: 'init', args: ['init', '--quiet', '--bare', bare] })
})
afterAll(async () => {
  await git.close()
  rmSync(dir, { recursive: true, force: true })
})

/** Processes whose command line holds `text`. */
function processes(text: string): number[] {
  return everyProcess().filter((pid) => commandOf(pid).includes(text))
}
async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !what(); i++) await pause(25)
  expect(what()).toBe(true)
}

/** An alias that runs a shell: a child that does what the test needs. */
const shell = (script: string): string[] => ['-c', `alias.x=!${script}`, 'x']

describe('exec', () => {
  test('gives stdout, counts the process', async () => {
    const before = git.spawned
    const { stdout, code } = await git.exec({ name: 'hash', args: ['hash-object', '--stdin'], input: 'hello\n' })
    expect(stdout.toString().trim()).toBe('ce013625030ba8dba906f756967f9e9ca394464a')
    expect(code).toBe(0)
    expect(git.spawned).toBe(before + 1)
  })

  test('an unexpected exit code is a fault with the name and the masked stderr in its facts', async () => {
    const url = 'https://me:hunter2@127.0.0.1:1/x.git'
    const failed = git.exec({ name: 'try', args: ['ls-remote', url] })
    await expect(failed).rejects.toMatchObject({ code: 'git.failed', facts: { name: 'try', exit: 128 } })
    const facts = JSON.stringify(await failed.catch((error: unknown) => error))
    expect(facts).not.toContain('hunter2')
  })

  test('expected codes are answers', async () => {
    const args = ['rev-parse', '--verify', '--quiet', 'refs/heads/none']
    expect(await git.exec({ name: 'rev', args, cwd: bare, expect: [0, 1] })).toMatchObject({ code: 1 })
  })

  test('too much output ends the child', async () => {
    const call = { name: 'flood', args: shell('yes'), cwd: bare, maxOutput: 100_000 }
    await expect(git.exec(call)).rejects.toMatchObject({ code: 'git.output' })
    expect(git.running()).toEqual([])
  })

  test('the deadline ends the whole group', async () => {
    const call = { name: 'slow', args: shell('sleep 4321; true'), cwd: bare, deadlineMs: 200 }
    await expect(git.exec(call)).rejects.toMatchObject({ code: 'git.deadline' })
    await until(() => processes('4321').length === 0)
  })

  test('an abort ends the call with its reason', async () => {
    const stop = new AbortController()
    const call = { name: 'slow', args: shell('sleep 4322'), cwd: bare, signal: stop.signal, repo: 'r1' }
    const answer = git.exec(call)
    await until(() => git.running().some((one) => one.name === 'slow' && one.repo === 'r1'))
    stop.abort(new Error('the client left'))
    await expect(answer).rejects.toThrow('the client left')
    await expect(git.exec(call)).rejects.toThrow('the client left')
  })

  test('stderr is bounded', async () => {
    const call = { name: 'loud', args: shell('head -c 1000000 /dev/zero | tr "\\\\0" x >&2; exit 3'), cwd: bare }
    const error = await git.exec(call).catch((e: unknown) => e as { facts: { stderr: string } })
    expect((error as { facts: { stderr: string } }).facts.stderr.length).toBe(16 * 1024)
  })

  test('a folder that is not there is a fault, not a crash', async () => {
    await expect(git.exec({ name: 'nowhere', args: ['version'], cwd: join(dir, 'none') })).rejects.toMatchObject({
      code: 'busy',
    })
    expect((await git.exec({ name: 'again', args: ['version'] })).code).toBe(0)
  })

  test('children see nothing of our environment', async () => {
    process.env['CANARY_SECRET'] = 'canary'
    const { stdout } = await git.exec({ name: 'env', args: shell('env'), cwd: bare })
    delete process.env['CANARY_SECRET']
    expect(stdout.toString()).not.toContain('canary')
    expect(stdout.toString()).toContain('GIT_CONFIG_NOSYSTEM=1')
  })
})

describe('start', () => {
  test('several MB pass both ways with backpressure', async () => {
    const child = await git.start({ name: 'cat', args: shell('cat'), cwd: bare })
    const sent = Buffer.alloc(20_000_000, 'abcdefgh')
    child.stdin?.end(sent)
    expect((await buffer(child.stdout!)).equals(sent)).toBe(true)
    expect(await child.done).toMatchObject({ code: 0 })
  })

  test('what git wrote arrives whole even when it leaves stdin unread', async () => {
    const child = await git.start({ name: 'deaf', args: shell('head -c 150000 /dev/zero'), cwd: bare })
    child.stdin?.write(Buffer.alloc(100_000))
    await child.done
    await pause(50)
    expect((await buffer(child.stdout!)).length).toBe(150_000)
  })

  test('stdout can be a file', async () => {
    const file = join(dir, 'out')
    const child = await git.start({ name: 'file', args: ['version'], stdin: false, stdoutFile: file })
    expect((await child.done).code).toBe(0)
    expect(child.stdout).toBeUndefined()
    expect(readFileSync(file, 'utf8')).toMatch(/^git version/)
  })

  test('a child that goes on after its reader left is ended by kill', async () => {
    const child = await git.start({ name: 'endless', args: shell('sleep 4323'), cwd: bare })
    child.kill()
    expect(await child.done).toMatchObject({ stopped: 'kill' })
    await until(() => processes('4323').length === 0)
  })
})

const fds = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

async function round(n: number): Promise<void> {
  for (let i = 0; i < n; i++) {
    const calls = [
      git.exec({ name: 'ok', args: ['version'], input: i % 2 ? 'x' : undefined }),
      git.exec({ name: 'bad', args: ['no-such-command'] }),
      git.exec({ name: 'gone', args: ['version'], cwd: '/no/such/folder' }),
      git.start({ name: 'unread', args: ['version'] }).then((child) => (child.stdout?.destroy(), child.done)),
    ]
    await Promise.allSettled(calls)
  }
}

describe('nothing is left behind', () => {
  test('no open file and no zombie after 200 calls, good and bad', async () => {
    const helper = (): number => childrenOf([process.pid]).find((pid) => commandOf(pid).includes('helper'))!
    await round(10)
    await pause(100)
    const [ours, theirs] = [fds(process.pid), fds(helper())]
    await round(50)
    await until(() => fds(process.pid) <= ours && fds(helper()) <= theirs)
    expect(childrenOf([helper()])).toEqual([])
  })

  test('a helper that dies fails the calls under way and is replaced', async () => {
    const own = await openGit({ dir: join(dir, 'own'), log })
    const helpers = childrenOf([process.pid])
    const slow = own.exec({ name: 'slow', args: shell('sleep 4324'), cwd: bare })
    slow.catch(() => {})
    await until(() => processes('sleep 4324').length > 0)
    process.kill(helpers.at(-1)!, 'SIGKILL')
    await expect(slow).rejects.toMatchObject({ code: 'busy' })
    await until(() => processes('4324').length === 0)
    expect((await own.exec({ name: 'again', args: ['version'] })).code).toBe(0)
    await own.close()
  })

  test('the socket of a process that was killed goes with the next one that needs such', async () => {
    const gone = mkdtempSync(join(tmpdir(), `gitstead-git-${2 ** 22 - 9}-`))
    const alive = mkdtempSync(join(tmpdir(), `gitstead-git-${process.pid}-`))
    const own = await openGit({ dir: join(dir, 'sweep'), log })
    expect([existsSync(gone), existsSync(alive)]).toEqual([false, true])
    rmSync(alive, { recursive: true })
    await own.close()
  })

  test('kill -9 of the server leaves no git child', async () => {
    const program = join(dir, 'server.ts')
    const run = JSON.stringify(join(import.meta.dirname, '../../server/git/run/run.ts'))
    const logs = JSON.stringify(join(import.meta.dirname, '../../server/kit/log.ts'))
    writeFileSync(
      program,
      `import { openGit } from ${run}
       import { openLog } from ${logs}
       const git = await openGit({ dir: ${JSON.stringify(join(dir, 'other'))}, log: openLog('silent') })
       const args = ['-c', 'alias.x=!sleep 4325', 'x']
       await git.start({ name: 'one', args, cwd: ${JSON.stringify(bare)}, deadlineMs: 0 })
       process.send('started')`,
    )
    const server: ChildProcess = fork(program, { execArgv: [] })
    await new Promise((resolve) => server.once('message', resolve))
    await until(() => processes('sleep 4325').length > 0)
    server.kill('SIGKILL')
    await until(() => processes('4325').length === 0 && processes(join(dir, 'other')).length === 0)
  })

  test('close waits for what is under way, then ends it', async () => {
    const own = await openGit({ dir: join(dir, 'own'), log })
    const quick = own.exec({ name: 'quick', args: shell('sleep 0.2; echo done'), cwd: bare })
    const slow = own.exec({ name: 'slow', args: shell('sleep 4326'), cwd: bare })
    slow.catch(() => {})
    await own.close(600)
    expect((await quick).stdout.toString()).toBe('done\n')
    await expect(slow).rejects.toMatchObject({ code: 'git.failed' })
    await expect(own.exec({ name: 'late', args: ['version'] })).rejects.toMatchObject({ code: 'busy' })
    expect(processes('4326')).toEqual([])
  })
})

describe('a git that was moved from where it was built', () => {
  test('finds its helpers and its roots beside itself', async () => {
    const moved = join(dir, 'moved')
    for (const folder of ['bin', 'libexec', 'ssl']) mkdirSync(join(moved, folder), { recursive: true })
    copyFileSync(execFileSync('sh', ['-c', 'command -v git']).toString().trim(), join(moved, 'bin', 'git'))
    symlinkSync(execFileSync('git', ['--exec-path']).toString().trim(), join(moved, 'libexec', 'git-core'))
    writeFileSync(join(moved, 'ssl', 'cacert.pem'), '')
    const path = [join(moved, 'bin'), process.env['PATH']].join(delimiter)
    const packed = await openGit({ dir: join(dir, 'moved-home'), log, path })
    try {
      const { stdout } = await packed.exec({ name: 'helpers', args: ['--exec-path'] })
      expect(stdout.toString().trim()).toBe(join(moved, 'libexec', 'git-core'))
      expect(packed.home.env['GIT_SSL_CAINFO']).toBe(join(moved, 'ssl', 'cacert.pem'))
    } finally {
      await packed.close()
    }
  })
})

describe('a git that will not do', () => {
  test('missing', async () => {
    await expect(openGit({ dir: join(dir, 'no'), binary: '/no/git', log })).rejects.toMatchObject({
      code: 'git.missing',
    })
  })
  test('too old', async () => {
    const old = join(dir, 'old-git')
    writeFileSync(old, '#!/bin/sh\necho git version 2.30.2\n', { mode: 0o755 })
    await expect(openGit({ dir: join(dir, 'no'), binary: old, log })).rejects.toMatchObject({
      code: 'git.old',
      message: 'Git 2.30.2 is too old: version 2.38 or newer is needed.',
    })
  })
})

describe('hostile repository config', () => {
  test('planted programs do not run and our settings win', async () => {
    const victim = join(dir, 'victim.git')
    await git.exec({ name: 'init', args: ['init', '--quiet', '--bare', victim] })
    const mark = join(dir, 'pwned')
    const set = (key: string, value: string): void =>
      void execFileSync('git', ['config', '--file', join(victim, 'config'), '--add', key, value])
    for (const key of ['core.sshCommand', 'core.alternateRefsCommand', 'core.fsmonitor', 'uploadpack.packObjectsHook'])
      set(key, `touch ${mark}-${key} #`)
    for (const key of ['gpg.program', 'core.pager', 'core.editor', 'credential.helper'])
      set(key, `!touch ${mark}-${key} #`)
    set('core.hooksPath', join(victim, 'hooks'))
    set('core.fsync', 'none')
    set('protocol.allow', 'always')
    set('protocol.ext.allow', 'always')
    set('transfer.hideRefs', '!refs/gitstead')
    const value = async (key: string): Promise<string> =>
      text((await git.start({ name: 'config', args: ['config', key], cwd: victim, stdin: false })).stdout!)
    expect(await value('core.fsync')).toBe('objects,derived-metadata,reference\n')
    expect(await value('core.hooksPath')).toBe(`${join(dir, 'git', 'hooks')}\n`)
    expect(await value('transfer.hideRefs')).toBe('refs/gitstead\n')
    const ext = git.exec({ name: 'ext', args: ['ls-remote', `ext::touch ${mark}-ext`], cwd: victim })
    await expect(ext).rejects.toMatchObject({ code: 'git.failed' })
    const ssh = git.exec({ name: 'ssh', args: ['ls-remote', 'ssh://127.0.0.1/x'], cwd: victim })
    await expect(ssh).rejects.toMatchObject({ code: 'git.failed' })
    expect(readdirSync(dir).filter((name) => name.startsWith('pwned'))).toEqual([])
  })
})
