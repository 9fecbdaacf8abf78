// A process's end of the spawner: hands out orders, receives the sockets of the children, restarts a dead helper.
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { Fault } from '../../kit/fault.ts'
import type { Log } from '../../kit/log.ts'
import { passingFolder, sweepPassing } from './passing.ts'
import type { News, Order, Runs, Wish } from './spawner.ts'

/** The spawner as this file needs it: a helper process that run.ts forks, or the supervisor of a pool. */
export interface Helper {
  send: (wish: Wish, done: (error: Error | null) => void) => unknown
  onNews: (listener: (news: News) => void) => void
  onExit: (listener: () => void) => void
  disconnect: () => void
}

export interface Start {
  file: string
  args: string[]
  cwd: string
  /** Git's own name of what it does. */
  command: string
  env: Record<string, string>
  stdin: boolean
  /** stderr shares the socket of stdout. */
  merged: boolean
  background: boolean
  stdout: 'stream' | { file: string }
}

/** `lost`: nobody saw how it ended, because the helper died first. */
export interface ChildEnd {
  code: number
  signal: string | null
  stderr: string
  lost?: boolean
}

export interface Child {
  stdin?: Writable
  stdout?: Readable
  ended: Promise<ChildEnd>
  kill: () => void
}

export interface Starter {
  start: (what: Start) => Promise<Child>
  /** What runs for anybody who shares the spawner, this process included. */
  running: () => Promise<Runs[]>
  close: () => Promise<void>
}

interface Live {
  pid?: number
  sockets: Socket[]
  end: (end: ChildEnd) => void
  fail: (error: Fault) => void
}

const TOKEN_BYTES = 32
const TOKEN_WAIT_MS = 5000

export async function openLink(launch: () => Helper, log: Log): Promise<Starter> {
  sweepPassing()
  const folder = passingFolder()
  const address = join(folder, 'spawner')
  const awaited = new Map<string, (socket: Socket) => void>()
  const live = new Map<number, Live>()
  const questions = new Map<number, (running: Runs[]) => void>()
  const server = createServer({ allowHalfOpen: true }, (socket) => introduce(socket, awaited))
  let helper: Helper | undefined
  let lastId = 0
  let closed = false

  const lose = (gone: Helper): void => {
    if (helper === gone) helper = undefined
    if (!closed) log.error({ calls: live.size }, 'the helper that starts git died and will be restarted')
    for (const [id, child] of live) {
      live.delete(id)
      killGroup(child.pid)
      for (const socket of child.sockets) socket.destroy()
      child.fail(new Fault('busy', { detail: 'The helper that starts git died.' }))
      child.end({ code: -1, signal: null, stderr: '', lost: true })
    }
  }
  const summon = (): Helper => {
    if (helper) return helper
    const fresh = launch()
    fresh.send({ kind: 'open', address }, () => {})
    fresh.onNews((news) => (news.kind === 'who' ? questions.get(news.id)?.(news.running) : hear(news, live)))
    fresh.onExit(() => lose(fresh))
    helper = fresh
    return fresh
  }

  await listen(server, address)
  return {
    start: (what) => {
      if (closed) return Promise.reject(new Fault('busy'))
      const to = summon()
      return begin(++lastId, what, { awaited, live, send: (wish) => to.send(wish, () => {}) })
    },
    running: () => {
      if (closed) return Promise.reject(new Fault('busy'))
      const to = summon()
      const id = ++lastId
      const answer = new Promise<Runs[]>((resolve, reject) => {
        questions.set(id, resolve)
        setTimeout(reject, TOKEN_WAIT_MS, new Fault('busy')).unref()
      })
      to.send({ kind: 'who', id }, () => {})
      return answer.finally(() => questions.delete(id))
    },
    close: async () => {
      closed = true
      const left = helper
      if (left) await new Promise<void>((resolve) => (left.onExit(resolve), left.disconnect()))
      await new Promise<void>((resolve) => server.close(() => resolve()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Desk {
  awaited: Map<string, (socket: Socket) => void>
  live: Map<number, Live>
  send: (wish: Wish) => void
}

async function begin(id: number, what: Start, desk: Desk): Promise<Child> {
  const order: Order = {
    kind: 'start',
    id,
    file: what.file,
    args: what.args,
    cwd: what.cwd,
    command: what.command,
    env: what.env,
    ...(what.merged && { merged: true }),
    ...(what.background && { background: true }),
  }
  const entry: Live = { sockets: [], end: () => {}, fail: () => {} }
  const tokens: string[] = []
  const ended = new Promise<ChildEnd>((resolve) => (entry.end = resolve))
  const failed = new Promise<never>((_resolve, reject) => (entry.fail = reject))
  failed.catch(() => {})
  const socket = (): [string, Promise<Socket>] => {
    const token = randomBytes(TOKEN_BYTES).toString('hex')
    tokens.push(token)
    return [token, new Promise((resolve) => desk.awaited.set(token, (to) => (entry.sockets.push(to), resolve(to))))]
  }
  let stdin: Promise<Socket> | undefined
  let stdout: Promise<Socket> | undefined
  if (what.stdin) [order.stdin, stdin] = socket()
  if (what.stdout === 'stream') [order.stdout, stdout] = socket()
  else order.stdoutFile = what.stdout.file
  desk.live.set(id, entry)
  desk.send(order)
  try {
    const [input, output] = await Promise.race([Promise.all([stdin, stdout]), failed])
    // Nothing is ever written to the child's stdout; closing this half lets the socket go by itself at its end.
    output?.end()
    void ended.then(() => input?.destroy())
    return { stdin: input, stdout: output, ended, kill: () => desk.send({ kind: 'kill', id }) }
  } catch (error) {
    for (const socket of entry.sockets) socket.destroy()
    throw error
  } finally {
    for (const token of tokens) desk.awaited.delete(token)
  }
}

function hear(news: Exclude<News, { kind: 'who' }>, live: Map<number, Live>): void {
  const child = live.get(news.id)
  if (!child) return
  if (news.kind === 'started') {
    child.pid = news.pid
    return
  }
  live.delete(news.id)
  if (news.kind === 'ended') return child.end({ code: news.code ?? -1, signal: news.signal, stderr: news.stderr })
  child.fail(new Fault('busy', { detail: news.error }))
  child.end({ code: -1, signal: null, stderr: news.error, lost: true })
}

/** A new socket says by its token which child it belongs to, or it is closed. */
function introduce(socket: Socket, awaited: Map<string, (socket: Socket) => void>): void {
  const timer = setTimeout(() => socket.destroy(), TOKEN_WAIT_MS)
  const look = (): void => {
    const head = socket.read(TOKEN_BYTES) as Buffer | null
    if (!head) return
    clearTimeout(timer)
    socket.off('readable', look)
    const owner = awaited.get(head.toString('hex'))
    if (!owner) return void socket.destroy()
    owner(socket)
  }
  socket.on('error', () => socket.destroy())
  socket.on('close', () => clearTimeout(timer))
  socket.on('readable', look)
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM')
  } catch {
    // It had ended already.
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => (server.off('error', reject), resolve()))
  })
}
