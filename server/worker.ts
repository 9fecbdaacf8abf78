// One process of a server: it has connections, turns and news from the supervisor, and does what its role says.
import { accessSync, constants } from 'node:fs'
import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { closeRooms, openListener, openRooms, openRunner, type Place, prepare, tidyAfter } from './app.ts'
import { followCertificate } from './features/https/follow.ts'
import { type Keeper, openKeeper } from './features/https/keeper.ts'
import { explained, Refusal } from './cli/refusal.ts'
import type { Config } from './config.ts'
import { queuedTurn } from './db/turn.ts'
import { makeSetupLink } from './features/invitations/actions.ts'
import type { Helper } from './git/run/link.ts'
import type { News as GitNews } from './git/run/spawner.ts'
import { type Listener, openListener as openHttp } from './ingress/listener.ts'
import type { FromProcess, ToProcess } from './ingress/messages.ts'
import { openWear } from './ingress/wear.ts'
import { openLog } from './kit/log.ts'
import { collectWhenIdle } from './meters/collector.ts'
import { type Everyone, openNeighbours } from './meters/neighbours.ts'
import { requestOfNow } from './meters/visit.ts'
import type { News } from './outbox/bus.ts'
import type { Runner } from './outbox/runner.ts'
import type { Rooms } from './rooms.ts'

type Start = Extract<ToProcess, { kind: 'start' }>

/** What runs here. Rooms, listener and runner come into being one after the other. */
interface Work {
  rooms?: Rooms
  listener?: Listener
  runner?: Runner
  keeper?: Keeper
  unfollow?: () => void
  stop: AbortController
  tidied: Promise<void>
}

process.umask(0o077)
// A Ctrl-C in the terminal reaches the whole group: the supervisor decides when this process ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

const hearGit = new Set<(news: GitNews) => void>()
const gitLost = new Set<() => void>()
const turn = queuedTurn((turn) => say({ kind: 'turn', turn }))
const neighbours = openNeighbours((id, what) => say({ kind: 'ask', id, what }))
const opened = Promise.withResolvers<void>()
const work: Work = { stop: new AbortController(), tidied: Promise.resolve() }

process.on('message', (message: ToProcess, socket?: Socket) => {
  const handle = handlers[message.kind] as (message: ToProcess, socket?: Socket) => void
  handle(message, socket)
})
// Whoever is left without a supervisor could be stopped by nobody. What git runs is ended first, by the room that has it.
process.on('disconnect', () => {
  for (const lost of gitLost) lost()
  process.exit(1)
})

function say(message: FromProcess): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

type Handlers = { [K in ToProcess['kind']]: (message: Extract<ToProcess, { kind: K }>, socket?: Socket) => void }

const handlers: Handlers = {
  start: (message) => void start(message).catch((error: unknown) => fail(message, error)),
  open: () => opened.resolve(),
  connection: ({ number }, socket) => accept(number, socket),
  turn: ({ turn: which }) => turn.hear(which),
  git: ({ news }) => hearGit.forEach((listener) => listener(news as GitNews)),
  news: ({ news }) => work.rooms?.bus.hear(news as News),
  died: ({ ids }) => void lookInto(ids).catch(complain),
  ping: ({ handed }) => {
    say({ kind: 'pong', handed })
    void tellCounts()
  },
  question: ({ id, what }) => {
    // Without an answer all others would wait.
    const asked = neighbours.asked(what).catch(complain)
    void asked.then((value) => say({ kind: 'answer', id, value }))
  },
  everyone: ({ id, everyone }) => neighbours.told(id, everyone as Everyone),
  drain: ({ graceMs }) => void drain(graceMs),
}

async function lookInto(ids: string[]): Promise<void> {
  if (!work.rooms) return
  await tidyAfter(work.rooms, ids)
  say({ kind: 'tidied', ids })
}

/** Where its sender has closed in between, there is no connection. */
function accept(number: number, socket: Socket | undefined): void {
  say({ kind: 'took', number })
  if (!socket) return
  socket.on('close', () => say({ kind: 'closed' }))
  if (work.listener) work.listener.take(socket)
  else socket.destroy()
}

async function start(message: Start): Promise<void> {
  const config = message.settings as Config
  const { role, crashed, first } = message
  const log = openLog(config.log, requestOfNow)
  if (role === 'web') await opened.promise
  const relay = (news: News): void => say({ kind: 'news', news })
  const place: Place = { id: message.id, name: message.name, role, turn, launch, relay, neighbours }
  const rooms = await openRooms(config, log, place)
  rooms.address.url = message.url
  if (first && role !== 'web') {
    work.tidied = (await prepare(rooms, { crashed, signal: work.stop.signal })).tidied
    work.keeper = await openKeeper(rooms)
    say({ kind: 'prepared', setup: (await makeSetupLink(rooms))?.secret })
  }
  work.rooms = rooms
  renewWhenWritable(join(config.data, 'gitstead.db'))
  if (role !== 'web') {
    work.keeper ??= await openKeeper(rooms)
    work.runner = openRunner(rooms)
  }
  if (role !== 'jobs') {
    work.listener = openHttp(wearing(openListener(rooms), config.recycle), config, message.secret)
    work.unfollow = await followCertificate(rooms, work.listener.secure)
  }
  // What git can do is asked before the first client waits for the answer.
  if (role !== 'jobs') await rooms.wire.learned().catch(complain)
  say({ kind: 'ready' })
  collectWhenIdle()
}

const WRITABLE_LOOK_MS = 500

/**
 * SQLite opens a file that cannot be written for reading only, and stays with that. Once it can be written again, a
 * successor takes over.
 */
function renewWhenWritable(file: string): void {
  if (isWritable(file)) return
  const look = setInterval(() => {
    if (!isWritable(file)) return
    clearInterval(look)
    say({ kind: 'worn' })
  }, WRITABLE_LOOK_MS)
  look.unref()
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** After so many requests the supervisor is asked for a successor, and this process ends when it has one. */
function wearing(listener: RequestListener, limit: number): RequestListener {
  const wear = openWear(limit, () => say({ kind: 'worn' }))
  return (request, response) => {
    wear()
    listener(request, response)
  }
}

/** The supervisor starts git for all of its processes. */
function launch(): Helper {
  return {
    send: (wish, done) => {
      say({ kind: 'git', wish })
      done(null)
    },
    onNews: (listener) => hearGit.add(listener),
    onExit: (listener) => gitLost.add(listener),
    disconnect: () => gitLost.forEach((lost) => lost()),
  }
}

/** What was counted here outlives this process. Resolves when the supervisor has it. */
function tellCounts(): Promise<void> {
  const { rooms } = work
  if (!rooms || !process.connected) return Promise.resolve()
  const message: FromProcess = { kind: 'counted', counts: rooms.meters.read() }
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()))
}

function complain(err: unknown): void {
  work.rooms?.log.error({ err }, 'work beside the requests failed')
}

function fail(message: Start, error: unknown): void {
  const said = explained(error, message.settings as Config)
  const known = said instanceof Refusal || !(said instanceof Error) ? undefined : said.stack
  const obstacle = said instanceof Refusal ? said.obstacle : 'other'
  say({ kind: 'failed', sentence: known ?? (said as Error).message, obstacle })
}

/** The listener closes, what is in hand finishes, jobs and git end, the database closes. */
async function drain(graceMs: number): Promise<void> {
  const { rooms, listener, runner, stop, tidied } = work
  try {
    await listener?.close(graceMs)
    stop.abort()
    work.unfollow?.()
    await Promise.all([runner?.stop(), work.keeper?.stop(), tidied])
    await tellCounts()
    if (rooms) await closeRooms(rooms)
    process.exit(0)
  } catch (error) {
    complain(error)
    process.exit(1)
  }
}
