// Starts git on behalf of processes that are too large to fork cheaply: a fork costs what the process here weighs.
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { constants, setPriority } from 'node:os'

/** One child to start. Bytes never pass through here: git inherits sockets that lead straight to the server. */
export interface Order {
  kind: 'start'
  id: number
  file: string
  args: string[]
  cwd: string
  env: Record<string, string>
  /** Git's own name of what it does, for those who ask what runs. */
  command: string
  /** Tokens (hex) that introduce the sockets to the server; without one the stream is closed or a file. */
  stdin?: string
  stdout?: string
  /** A file that git appends to instead of a socket. */
  stdoutFile?: string
  /** stderr goes where stdout goes. */
  merged?: boolean
  background?: boolean
}

/** `open` comes first and says where the sockets of the children lead; `who` asks what runs, for all clients. */
export type Wish =
  | { kind: 'open'; address: string }
  | Order
  | { kind: 'kill'; id: number }
  | { kind: 'who'; id: number }

/** A git process that runs for some client of this spawner. */
export interface Runs extends Pick<Order, 'command' | 'cwd'> {
  pid: number
  /** Milliseconds since 1970. */
  since: number
}

export type News =
  | { kind: 'started'; id: number; pid: number }
  | { kind: 'failed'; id: number; error: string }
  | { kind: 'ended'; id: number; code: number | null; signal: string | null; stderr: string }
  | { kind: 'who'; id: number; running: Runs[] }

/** One process that has git started for it. */
export interface Client {
  wish: (wish: Wish) => void
  /** The client is gone, cleanly or not: nothing that it started outlives it. Resolves when all of it has ended. */
  leave: () => Promise<void>
}

const STDERR_LIMIT = 16 * 1024
const KILL_AFTER_MS = 5000
const STDERR_CLOSES_MS = 250

interface Live extends Runs {
  stop: () => void
}

/** All clients of one spawner know of each other's git processes. */
export function openSpawner(): { client: (tell: (news: News) => void) => Client } {
  const clients = new Set<Map<number, Live>>()
  const running = (): Runs[] =>
    [...clients].flatMap((live) =>
      [...live.values()].map(({ command, cwd, pid, since }) => ({ command, cwd, pid, since })),
    )
  return {
    client: (tell) => {
      const live = new Map<number, Live>()
      clients.add(live)
      return openClient(tell, { live, running, gone: () => clients.delete(live) })
    },
  }
}

interface Desk {
  live: Map<number, Live>
  running: () => Runs[]
  gone: () => void
}

function openClient(tell: (news: News) => void, { live, running, gone }: Desk): Client {
  const state = { address: '', leaving: false }
  const { promise: left, resolve: ended } = Promise.withResolvers<void>()
  const onEnd = (): void => {
    if (state.leaving && live.size === 0) ended()
  }
  return {
    wish: (wish) => {
      if (wish.kind === 'open') state.address = wish.address
      else if (wish.kind === 'start') void start(wish, { tell, live, state, onEnd })
      else if (wish.kind === 'kill') live.get(wish.id)?.stop()
      else tell({ kind: 'who', id: wish.id, running: running() })
    },
    leave: () => {
      state.leaving = true
      for (const { stop } of live.values()) stop()
      onEnd()
      setTimeout(ended, KILL_AFTER_MS + 1000).unref()
      return left.finally(gone)
    },
  }
}

interface Counter {
  tell: (news: News) => void
  live: Map<number, Live>
  state: { address: string; leaving: boolean }
  onEnd: () => void
}

/** Opens a socket to the client that nothing here reads from: what is in it belongs to git. */
function dial(address: string, token: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: address, allowHalfOpen: true })
    socket.pause()
    socket.once('error', reject)
    socket.write(Buffer.from(token, 'hex'), (error) => {
      if (error) return reject(error)
      socket.off('error', reject)
      socket.on('error', () => socket.destroy())
      resolve(socket)
    })
  })
}

async function start(order: Order, counter: Counter): Promise<void> {
  const sockets: Socket[] = []
  let file: number | undefined
  try {
    const open = async (token: string | undefined): Promise<Socket | undefined> => {
      if (token === undefined) return undefined
      const socket = await dial(counter.state.address, token)
      sockets.push(socket)
      return socket
    }
    const [stdin, stdout] = await Promise.all([open(order.stdin), open(order.stdout)])
    if (order.stdoutFile !== undefined) file = openSync(order.stdoutFile, 'a', 0o600)
    if (counter.state.leaving) throw new Error('the server has gone')
    const child = spawn(order.file, order.args, {
      cwd: order.cwd,
      env: order.env,
      detached: true,
      stdio: [stdin ?? 'ignore', stdout ?? file ?? 'ignore', (order.merged && stdout) || 'pipe'],
    })
    if (order.background) yieldTo(child)
    watch(order, child, counter)
  } catch (error) {
    counter.tell({ kind: 'failed', id: order.id, error: String(error) })
  } finally {
    for (const socket of sockets) socket.destroy()
    if (file !== undefined) closeSync(file)
  }
}

function yieldTo(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
  } catch {
    // It has ended already.
  }
}

/** Follows one child to its end: keeps the end of its stderr, reports once, frees everything. */
function watch({ id, command, cwd }: Order, child: ChildProcess, { tell, live, onEnd }: Counter): void {
  let stderr = ''
  let reported = false
  let timer: NodeJS.Timeout | undefined
  const report = (news: News): void => {
    if (reported) return
    reported = true
    clearTimeout(timer)
    live.delete(id)
    child.stderr?.destroy()
    tell(news)
    onEnd()
  }
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_LIMIT)
  })
  child.on('error', (error) => report({ kind: 'failed', id, error: error.message }))
  child.on('exit', (code, signal) => {
    clearTimeout(timer)
    const end = (): void => report({ kind: 'ended', id, code, signal, stderr })
    // A daemon left behind by a hook may hold stderr open: its words are not waited for.
    timer = setTimeout(end, STDERR_CLOSES_MS)
    child.once('close', end)
  })
  const signalGroup = (signal: 'SIGTERM' | 'SIGKILL'): void => {
    try {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, signal)
    } catch {
      // The group ended between the check and the call.
    }
  }
  const stop = (): void => {
    signalGroup('SIGTERM')
    clearTimeout(timer)
    timer = setTimeout(() => signalGroup('SIGKILL'), KILL_AFTER_MS)
  }
  if (child.pid === undefined) return
  live.set(id, { command, cwd, pid: child.pid, since: Date.now(), stop })
  tell({ kind: 'started', id, pid: child.pid })
}
