// The small process that starts git for the server: a fork costs what this process weighs, not what the server does.
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
  /** Tokens (hex) that introduce the sockets to the server; without one the stream is closed or a file. */
  stdin?: string
  stdout?: string
  /** A file that git appends to instead of a socket. */
  stdoutFile?: string
  /** stderr goes where stdout goes. */
  merged?: boolean
  background?: boolean
}

export type Wish = Order | { kind: 'kill'; id: number }

export type News =
  | { kind: 'started'; id: number; pid: number }
  | { kind: 'failed'; id: number; error: string }
  | { kind: 'ended'; id: number; code: number | null; signal: string | null; stderr: string }

const STDERR_LIMIT = 16 * 1024
const KILL_AFTER_MS = 5000
const STDERR_CLOSES_MS = 250

const address = process.argv[2] ?? ''
const children = new Map<number, { child: ChildProcess; stop: () => void }>()
let leaving = false

/** Opens a socket to the server that nothing here reads from: what is in it belongs to git. */
function dial(token: string): Promise<Socket> {
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

function tell(news: News): void {
  if (process.connected) process.send?.(news, undefined, undefined, () => {})
}

async function start(order: Order): Promise<void> {
  const sockets: Socket[] = []
  let file: number | undefined
  try {
    const open = async (token: string | undefined): Promise<Socket | undefined> => {
      if (token === undefined) return undefined
      const socket = await dial(token)
      sockets.push(socket)
      return socket
    }
    const [stdin, stdout] = await Promise.all([open(order.stdin), open(order.stdout)])
    if (order.stdoutFile !== undefined) file = openSync(order.stdoutFile, 'a', 0o600)
    if (leaving) throw new Error('the server has gone')
    const child = spawn(order.file, order.args, {
      cwd: order.cwd,
      env: order.env,
      detached: true,
      stdio: [stdin ?? 'ignore', stdout ?? file ?? 'ignore', (order.merged && stdout) || 'pipe'],
    })
    if (order.background) yieldTo(child)
    watch(order.id, child)
  } catch (error) {
    tell({ kind: 'failed', id: order.id, error: String(error) })
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
function watch(id: number, child: ChildProcess): void {
  let stderr = ''
  let reported = false
  let timer: NodeJS.Timeout | undefined
  const report = (news: News): void => {
    if (reported) return
    reported = true
    clearTimeout(timer)
    children.delete(id)
    child.stderr?.destroy()
    tell(news)
    if (leaving && children.size === 0) process.exit(0)
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
  children.set(id, { child, stop })
  tell({ kind: 'started', id, pid: child.pid })
}

/** The server is gone, cleanly or not: nothing that it started outlives it. */
function leave(): void {
  leaving = true
  if (children.size === 0) process.exit(0)
  for (const { stop } of children.values()) stop()
  setTimeout(() => process.exit(0), KILL_AFTER_MS + 1000)
}

// A Ctrl-C in the terminal reaches the whole group; this process ends with its server, not before it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('disconnect', leave)
process.on('message', (wish: Wish) => {
  if (wish.kind === 'start') void start(wish)
  else children.get(wish.id)?.stop()
})
