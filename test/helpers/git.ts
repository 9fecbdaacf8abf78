// Real git as a client: a home of its own, no prompt, no configuration of the machine.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface GitRun {
  code: number | null
  stdout: string
  stderr: string
}

export function gitEnv(home: string): NodeJS.ProcessEnv {
  mkdirSync(home, { recursive: true })
  return {
    PATH: process.env['PATH'],
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.com',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.com',
    LC_ALL: 'C',
  }
}

/** Runs git in `cwd`; never throws for its exit code. */
export function tryGit(cwd: string, args: string[], env: Record<string, string> = {}): Promise<GitRun> {
  const home = join(cwd, '..', 'home')
  const child = spawn('git', args, { cwd, env: { ...gitEnv(home), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

/** Runs git and gives what it prints; throws with git's words when it fails. */
export async function git(cwd: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const run = await tryGit(cwd, args, env)
  if (run.code !== 0) throw new Error(`git ${args.join(' ')} ended with ${run.code}: ${run.stderr}`)
  return run.stdout.trim()
}

/** A work tree with one commit per entry of `files`. */
export async function makeWork(
  dir: string,
  files: Record<string, string> = { 'README.md': '# Hello\n' },
): Promise<void> {
  mkdirSync(dir, { recursive: true })
  await git(dir, ['init', '-q', '-b', 'main'])
  for (const [name, text] of Object.entries(files)) await commitFile(dir, name, text)
}

export async function commitFile(dir: string, name: string, text: string): Promise<string> {
  mkdirSync(join(dir, name, '..'), { recursive: true })
  writeFileSync(join(dir, name), text)
  await git(dir, ['add', '--', name])
  await git(dir, ['commit', '-q', '-m', `Change ${name}`])
  return git(dir, ['rev-parse', 'HEAD'])
}

/** The address with credentials in it, as a person would type it. */
export function withLogin(url: string, name: string, password: string): string {
  const parsed = new URL(url)
  parsed.username = encodeURIComponent(name)
  parsed.password = encodeURIComponent(password)
  return parsed.href
}
