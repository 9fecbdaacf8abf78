// A real server for a test: the built program as its own process, on a free port, on data of its own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { childrenOf, commandOf, hasProc } from './proc.ts'

export const MAIN = join(import.meta.dirname, '..', '..', 'out', 'server', 'main.js')
/** Cheap to compute, so that tests spend their time on what they test. */
const BCRYPT_COST = '4'
/** One process that does all, as most tests start a server of their own; those that are about several say so. */
const USUAL = {
  GITSTEAD_BCRYPT_COST: BCRYPT_COST,
  GITSTEAD_LOG: 'info',
  GITSTEAD_WORKERS: '1',
  GITSTEAD_QUIET_SECONDS: '0',
  GITSTEAD_RATE_LIMITS: 'off',
}
export const ADMIN = { name: 'ada', password: 'correct horse battery' }

export interface Server {
  url: string
  port: number
  data: string
  process: ChildProcess
  /** The one-time link for the first admin, if the server printed one. */
  setup: string | undefined
  stdout(): string
  stderr(): string
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface ServerOptions {
  data?: string
  port?: number
  env?: Record<string, string>
  /** An admin account that exists before the start. Default true. */
  admin?: boolean
}

export function tempDir(prefix = 'gitstead-'): string {
  return mkdtempSync(join(tmpdir(), prefix))
}

export function remove(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}

/** Runs a command of the program to its end. */
export function gitstead(args: string[], input = ''): { code: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, GITSTEAD_BCRYPT_COST: BCRYPT_COST }
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { input, env, encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

/** Files of a data folder with the admin in it, made once for the whole run: the command for it takes its second. */
const PREPARED = ['gitstead.db', 'secret.key']

/** For vitest: makes that folder, and removes it at the end. */
export default function setup(): () => void {
  const folder = tempDir('gitstead-prepared-')
  process.env['GITSTEAD_TEST_PREPARED'] = folder
  addByCommand(folder)
  return () => remove(folder)
}

/** Makes the data folder with the admin's account in it, or adds the account. */
export function addAdmin(data: string): void {
  const folder = process.env['GITSTEAD_TEST_PREPARED']
  if (folder === undefined || existsSync(join(data, 'gitstead.db'))) return void (hasAdmin(data) || addByCommand(data))
  mkdirSync(data, { recursive: true, mode: 0o700 })
  for (const name of PREPARED) copyFileSync(join(folder, name), join(data, name))
}

function addByCommand(data: string): void {
  gitstead(['user', 'add', ADMIN.name, '--admin', '--password-stdin', '--data', data], ADMIN.password)
}

function hasAdmin(data: string): boolean {
  let db
  try {
    db = new Database(join(data, 'gitstead.db'), { readonly: true })
    return db.prepare('select 1 from users where name = ?').get(ADMIN.name) !== undefined
  } catch {
    return false
  } finally {
    db?.close()
  }
}

export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const data = options.data ?? tempDir()
  if (options.admin !== false) addAdmin(data)
  const args = [MAIN, 'serve', '--data', data, '--port', String(options.port ?? 0)]
  const env = { ...process.env, ...USUAL, ...options.env }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server was not ready in time: ${stderr}`)), 60_000)
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      const found = /^Gitstead is ready at (http:\/\/\S+)$/m.exec(stdout)?.[1]
      const complete = options.admin !== false || /^Set it up at /m.test(stdout)
      if (!found || !complete) return
      clearTimeout(timer)
      resolve(found)
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the server ended with ${code}: ${stderr}`))
    })
  })
  return {
    url,
    port: Number(new URL(url).port),
    data,
    process: child,
    setup: /^Set it up at (\S+)$/m.exec(stdout)?.[1],
    stdout: () => stdout,
    stderr: () => stderr,
    stop: (signal = 'SIGTERM') => ended(child, signal),
  }
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code))
    // At once with the processes that it looks after, so that none of them gets to clean up.
    const helpers = signal === 'SIGKILL' ? workersOf(child.pid ?? 0) : []
    child.kill(signal)
    for (const pid of helpers) kill(pid)
  })
}

/** The processes of a server that do its work. */
export function workersOf(supervisor: number): number[] {
  if (hasProc) return childrenOf([supervisor]).filter((pid) => commandOf(pid).includes('worker.js'))
  const { stdout } = spawnSync('pgrep', ['-P', String(supervisor), '-f', 'worker.js'], { encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean).map(Number)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
