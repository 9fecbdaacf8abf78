// The only place that starts git: every call has a name, a deadline, an output limit, an abort signal, expected codes.
import { fork, spawn } from 'node:child_process'
import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs'
import { delimiter, dirname, extname, isAbsolute, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Fault } from '../../kit/fault.ts'
import type { Ticket } from '../../kit/lanes.ts'
import type { Log } from '../../kit/log.ts'
import { prepareHome, type GitHome } from './config.ts'
import { openLink, type Child, type ChildEnd, type Helper, type Start, type Starter } from './link.ts'
import { type Lane, openGitLanes } from './lanes.ts'
import type { News, Runs } from './spawner.ts'

export interface GitCall {
  /** What the call is for, in logs and in the list of what runs now. */
  name: string
  /** Options that come from input never stand here before `--end-of-options`. */
  args: string[]
  cwd?: string
  /** Id of the repository, where the caller knows one. */
  repo?: string
  /** Added to git's own environment, which is built from nothing. */
  env?: Record<string, string>
  /** exec only: all of stdin. */
  input?: Buffer | string
  /** start only: whether a stdin is wanted. Default true. */
  stdin?: boolean
  /** start only: git appends its stdout to this file instead of a stream. */
  stdoutFile?: string
  /** start only: stderr goes into the stream of stdout, for commands whose progress is wanted. */
  merged?: boolean
  /** Where it waits for its turn. Default for exec `read`; a process that stays is in none. */
  lane?: Lane
  /** Whose work it is: one and the same never gets all places of a lane. */
  share?: string
  /** Default 30 s; 0 for none. */
  deadlineMs?: number
  /** exec only: bytes of stdout. Default 16 MiB. */
  maxOutput?: number
  signal?: AbortSignal
  /** exec only: exit codes that are answers. Default [0]. */
  expect?: number[]
}

/** `stopped` says that we ended it ourselves and why; its output is then not to be trusted as whole. */
export interface GitEnd {
  code: number
  signal: string | null
  stderr: string
  stopped?: 'deadline' | 'abort' | 'kill' | 'lost'
}

export interface GitProcess {
  /** Destroyed when git exits; ending it gives git its EOF. Absent when the call said `stdin: false`. */
  stdin: Writable | undefined
  /** Absent with `stdoutFile`. Ends when git closes it, also when git fails: look at `done` before believing that it was whole. */
  stdout: Readable | undefined
  /** Never rejects. */
  done: Promise<GitEnd>
  kill: () => void
}

export interface GitAnswer {
  code: number
  stdout: Buffer
  stderr: string
}

export interface Running {
  name: string
  /** Which git command it is. */
  command: string
  repo?: string
  cwd?: string
  since: Date
}

export interface Git {
  readonly version: string
  readonly home: GitHome
  /** Repositories' own config and hooks are honoured (`gitstead share`). */
  readonly plain: boolean
  readonly log: Log
  /** Processes started so far. */
  readonly spawned: number
  exec: (call: GitCall) => Promise<GitAnswer>
  start: (call: GitCall) => Promise<GitProcess>
  running: () => Running[]
  /** What runs for anybody who has git started by the same helper: the other processes of a pool. */
  everywhere: () => Promise<Runs[]>
  /** Takes no more calls, waits up to `graceMs` (10 s) for those under way, then ends them. */
  close: (graceMs?: number) => Promise<void>
}

/** Is told of a call when its turn has come, after so long a wait; what it gives is called when the call has ended. */
export type GitWatch = (call: Running, lane: Lane | undefined, waitedMs: number) => (() => void) | undefined

export interface GitOptions {
  /** Our folder for git's HOME and its global config. */
  dir: string
  /** A path, or a name looked up in `path`. Default `git`. */
  binary?: string
  /** The PATH that git sees and is looked up in. */
  path?: string
  plain?: boolean
  log: Log
  /** Hears of each call. */
  watch?: GitWatch
  /** Who starts git; default is a helper process of our own. */
  launch?: () => Helper
}

const NEEDED = [2, 38] as const
const DEADLINE_MS = 30_000
const MAX_OUTPUT = 16 * 1024 * 1024
const USUAL_PATH = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin', '/opt/local/bin'].join(delimiter)

export async function openGit(options: GitOptions): Promise<Git> {
  const path = options.path ?? USUAL_PATH
  const file = find(options.binary ?? 'git', path)
  const home = prepareHome(options.dir, { path, plain: options.plain ?? false, git: file })
  const starter = process.platform === 'win32' ? directly() : await openLink(options.launch ?? launch, options.log)
  const calls = openCalls(starter, options.watch, (call) => ({
    file,
    args: call.args,
    cwd: call.cwd ?? options.dir,
    command: describe(call).command,
    env: call.env ? { ...home.env, ...call.env } : home.env,
    stdin: call.stdin ?? true,
    merged: call.merged ?? false,
    background: call.lane === 'background',
    stdout: call.stdoutFile === undefined ? 'stream' : { file: call.stdoutFile },
  }))
  let version = ''
  const git: Git = {
    get version() {
      return version
    },
    home,
    plain: options.plain ?? false,
    log: options.log,
    get spawned() {
      return calls.spawned()
    },
    start: calls.start,
    exec: (call) => exec(calls.start, call),
    running: calls.running,
    everywhere: starter.running,
    close: calls.close,
  }
  try {
    version = await checkVersion(git)
    return git
  } catch (error) {
    await git.close(0)
    throw error
  }
}

interface Live {
  call: Running
  started: Promise<GitProcess>
}

type Calls = Pick<Git, 'start' | 'running' | 'close'> & { spawned: () => number }

/** Keeps the list of what runs: the doors close first, then what is inside may finish. */
function openCalls(starter: Starter, watch: GitWatch | undefined, prepare: (call: GitCall) => Start): Calls {
  const live = new Set<Live>()
  const lanes = openGitLanes()
  let spawned = 0
  let closing = false
  let closed = false

  const begin = async (call: GitCall): Promise<GitProcess> => {
    const came = performance.now()
    const leave = call.lane && (await lanes.enter(call.lane, ticketOf(call)))
    const ended = watch?.(describe(call), call.lane, performance.now() - came)
    try {
      if (closed) throw new Fault('busy')
      spawned++
      const process = supervise(await starter.start(prepare(call)), call)
      void process.done.then(() => {
        leave?.()
        ended?.()
      })
      return process
    } catch (error) {
      leave?.()
      ended?.()
      throw error
    }
  }
  const start = async (call: GitCall): Promise<GitProcess> => {
    if (closing) throw new Fault('busy')
    call.signal?.throwIfAborted()
    const entry = { call: describe(call), started: begin(call) }
    live.add(entry)
    try {
      const process = await entry.started
      void process.done.then(() => live.delete(entry))
      return process
    } catch (error) {
      live.delete(entry)
      throw error
    }
  }
  const close = async (graceMs = 10_000): Promise<void> => {
    closing = true
    await Promise.race([ends(live), pause(graceMs)])
    closed = true
    for (const { started } of live) started.then((process) => process.kill()).catch(() => {})
    await ends(live)
    await starter.close()
  }
  return { start, close, running: () => [...live].map((entry) => entry.call), spawned: () => spawned }
}

/** What one repository or one caller asks for leaves places to the others. */
function ticketOf({ share, repo, signal }: GitCall): Ticket {
  return { by: share, of: repo, ...(signal && { signal }) }
}

function ends(live: Iterable<Live>): Promise<unknown> {
  return Promise.allSettled([...live].map(async ({ started }) => (await started).done))
}

function describe({ name, args, repo, cwd }: GitCall): Running {
  const command = args.find((arg, i) => !arg.startsWith('-') && args[i - 1] !== '-c') ?? ''
  return { name, command, since: new Date(), ...(repo !== undefined && { repo }), ...(cwd !== undefined && { cwd }) }
}

/** Puts deadline and abort signal on a child, and says in its end which of them struck. */
function supervise(child: Child, call: GitCall): GitProcess {
  let stopped: GitEnd['stopped']
  const stop = (why: GitEnd['stopped']): void => {
    if (stopped) return
    stopped = why
    child.kill()
  }
  const onAbort = (): void => stop('abort')
  const deadline = call.deadlineMs ?? DEADLINE_MS
  const timer = deadline > 0 ? setTimeout(() => stop('deadline'), deadline) : undefined
  call.signal?.addEventListener('abort', onAbort, { once: true })
  if (call.signal?.aborted) onAbort()
  const done = child.ended.then((end: ChildEnd): GitEnd => {
    clearTimeout(timer)
    call.signal?.removeEventListener('abort', onAbort)
    const why = end.lost ? 'lost' : stopped
    return { code: end.code, signal: end.signal, stderr: maskSecrets(end.stderr), ...(why && { stopped: why }) }
  })
  return { stdin: child.stdin, stdout: child.stdout, done, kill: () => stop('kill') }
}

async function exec(start: Git['start'], call: GitCall): Promise<GitAnswer> {
  const git = await start({ lane: 'read', ...call, stdin: call.input !== undefined })
  git.stdin?.end(call.input)
  const limit = call.maxOutput ?? MAX_OUTPUT
  const chunks: Buffer[] = []
  let size = 0
  const read = new Promise<void>((resolve) => {
    git.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else git.kill()
    })
    git.stdout?.on('close', resolve)
  })
  const end = await git.done
  // A grandchild may still hold stdout open; what git itself wrote has arrived by then.
  await Promise.race([read, pause(1000)])
  git.stdout?.destroy()
  if (size > limit) throw new Fault('git.output', { name: call.name, limit })
  judge(end, call)
  return { code: end.code, stdout: Buffer.concat(chunks), stderr: end.stderr }
}

/** Throws unless the end is one that the caller expects. */
export function judge(end: GitEnd, call: GitCall): void {
  if (end.stopped === 'deadline') throw new Fault('git.deadline', { name: call.name })
  if (end.stopped === 'lost') throw new Fault('busy', { name: call.name, stderr: end.stderr })
  if (end.stopped === 'abort') call.signal?.throwIfAborted()
  if (end.stopped || !(call.expect ?? [0]).includes(end.code))
    throw new Fault('git.failed', { name: call.name, exit: end.code, signal: end.signal, stderr: end.stderr })
}

/** Passwords in URLs and authorization headers never reach a log. */
export function maskSecrets(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1[masked]@')
    .replace(/(authorization:\s*\w+\s+)\S+/gi, '$1[masked]')
}

async function checkVersion(git: Git): Promise<string> {
  const { stdout } = await git.exec({ name: 'version', args: ['version'] }).catch((error: unknown) => {
    const facts = error instanceof Fault ? error.facts : {}
    throw new Fault('git.missing', { detail: 'It was found, but could not be started.', stderr: facts.stderr })
  })
  const version = /(\d+)\.(\d+)[\w.-]*/.exec(stdout.toString())
  const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)]
  if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]))
    throw new Fault('git.old', { version: version?.[0] ?? 'unknown', needed: NEEDED.join('.') })
  return version?.[0] ?? ''
}

function find(binary: string, path: string): string {
  const endings = process.platform === 'win32' && extname(binary) === '' ? ['.exe', '.cmd'] : ['']
  const folders = isAbsolute(binary) ? [''] : path.split(delimiter).filter(isAbsolute)
  for (const folder of folders)
    for (const ending of endings) {
      const file = join(folder, binary + ending)
      if (isProgram(file)) return file
    }
  throw new Fault('git.missing', { detail: `Install git ${NEEDED.join('.')} or newer, or say where it is.`, binary })
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** Forks the helper: the file beside this one, as TypeScript or as its bundle. */
function launch(): Helper {
  const self = fileURLToPath(import.meta.url)
  const child = fork(join(dirname(self), `helper${extname(self)}`), [], {
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=1', '--max-old-space-size=64'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return {
    send: (wish, done) => child.send(wish, done),
    onNews: (listener) => child.on('message', (news) => listener(news as News)),
    onExit: (listener) => child.once('exit', listener),
    disconnect: () => child.connected && child.disconnect(),
  }
}

/** Windows starts processes without forking, so no helper is needed there. */
function directly(): Starter {
  return {
    start: (what) => new Promise((resolve) => resolve(direct(what))),
    running: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  }
}

function direct(what: Start): Child {
  const file = what.stdout === 'stream' ? undefined : openSync(what.stdout.file, 'a')
  const child = spawn(what.file, what.args, {
    cwd: what.cwd,
    env: what.env,
    windowsHide: true,
    stdio: [what.stdin ? 'pipe' : 'ignore', file ?? 'pipe', 'pipe'],
  })
  if (what.merged && child.stdout) child.stderr?.pipe(child.stdout as unknown as Writable)
  if (file !== undefined) closeSync(file)
  let stderr = ''
  child.stdin?.on('error', () => {})
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-16 * 1024)
  })
  const ended = new Promise<ChildEnd>((resolve) => {
    child.on('error', (error) => resolve({ code: -1, signal: null, stderr: error.message, lost: true }))
    child.on('exit', (code, signal) => resolve({ code: code ?? -1, signal, stderr }))
  })
  return { stdin: child.stdin ?? undefined, stdout: child.stdout ?? undefined, ended, kill: () => void child.kill() }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
