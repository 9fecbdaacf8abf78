// The supervisor's half: it holds the listening socket and keeps processes alive that do the work. No code of the
// application runs here, so that nothing which goes wrong there can close the door.
import { randomBytes } from 'node:crypto'
import type { Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../kit/log.ts'
import { openRow, type Row } from '../kit/row.ts'
import { openGather } from './gather.ts'
import type { Handed } from './handout.ts'
import { drain, type GitClient, type Member, say, type Speaker, StartFailure, startMember } from './member.ts'
import type { FromProcess, Role } from './messages.ts'
import { openTurns } from './turns.ts'

export interface PoolOptions {
  /** The program that each process runs. */
  entry: string
  /** Processes that serve. With one of them, it also works the jobs off. */
  workers: number
  /** What each process is told at its start, besides its role. */
  settings: unknown
  crashed: boolean
  git: (tell: (news: unknown) => void) => GitClient
  /** What is left of all that was counted when a process has gone. */
  keep: (past: unknown, last: unknown) => unknown
  log: Log
}

export interface Pool {
  /** Resolves when all processes are ready, with the secret of the set-up link if there is no account yet. */
  start: () => Promise<{ setup: string | undefined }>
  /** Connections go to the process that holds the fewest. */
  serve: (server: Server, url: string) => void
  /** Replaces each process by a new one, one after the other, without refusing anybody. */
  restart: () => Promise<void>
  /** Lets all finish what is in hand. */
  stop: (graceMs: number) => Promise<void>
}

const PING_MS = 5000
/** So often a connection that did not reach a process is handed out again. */
const MOST_LOST = 3
/** A process that says nothing for so long is stuck in a loop, and ended. */
const SILENT_MS = 60_000
/** A process that is replaced may finish long transfers. */
const RETIRE_MS = 3_600_000
const STEADY_MS = 10_000
const LONGEST_PAUSE_MS = 30_000

interface Body {
  options: PoolOptions
  members: Set<Member>
  turns: ReturnType<typeof openTurns>
  gather: ReturnType<typeof openGather>
  /** What processes that are gone had counted. */
  past: unknown
  /** How often the process of a place has died. */
  deaths: Map<string, number>
  /** Processes whose death is not looked into yet, each with the process that is at it, if any. */
  dead: Map<string, Member | undefined>
  prepared: { setup: string | undefined } | undefined
  url: string
  secret: string
  failures: number
  stopping: boolean
  begun: boolean
  /** All replacements stand in it, one behind the other. */
  replacing: Row
}

export function openPool(options: PoolOptions): Pool {
  const members = new Set<Member>()
  const byId = (id: string): Member | undefined => [...members].find((one) => one.id === id)
  const body: Body = {
    options,
    members,
    turns: openTurns((who, turn) => say(byId(who), { kind: 'turn', turn })),
    gather: openGather((who, message) => say(byId(who), message)),
    past: [],
    deaths: new Map(),
    dead: new Map(),
    prepared: undefined,
    url: '',
    secret: randomBytes(32).toString('base64url'),
    failures: 0,
    stopping: false,
    begun: false,
    replacing: openRow(),
  }
  const pings = setInterval(() => ping(body), PING_MS)
  return {
    start: async () => {
      await Promise.all(roles(options.workers).map(([name, role]) => summon(body, name, role).ready))
      body.begun = true
      return { setup: body.prepared?.setup }
    },
    serve: (server, url) => {
      body.url = url
      server.on('connection', (socket: Socket) => {
        socket.on('error', () => socket.destroy())
        hand(body, socket)
      })
    },
    restart: () => {
      // Whoever asks while processes are being replaced wants all of them newer than that.
      return inTurn(body, () => restart(body))
    },
    stop: async (graceMs) => {
      body.stopping = true
      clearInterval(pings)
      const serving = [...members].filter((one) => one.role !== 'jobs')
      await Promise.all(serving.map((one) => drain(one, graceMs)))
      await Promise.all([...members].map((one) => drain(one, graceMs)))
    },
  }
}

function roles(workers: number): [name: string, role: Role][] {
  if (workers === 1) return [['web1', 'both']]
  return [['jobs', 'jobs'], ...Array.from({ length: workers }, (_, i): [string, Role] => [`web${i + 1}`, 'web'])]
}

/** Starts a process in this place. */
function summon(body: Body, name: string, role: Role): Member {
  const { entry, git, log, crashed, settings } = body.options
  const handlers = handlersOf(body)
  const member = startMember({
    entry,
    name,
    role,
    git,
    heard: (message, from) => (handlers[message.kind] as (message: FromProcess, from: Speaker) => void)(message, from),
    unreached: (err) => log.error({ err, process: name }, 'a process could not be reached'),
    bury: (gone, how) => bury(body, gone, how),
  })
  body.members.add(member)
  const first = !body.prepared
  const { url, secret } = body
  say(member, { kind: 'start', id: member.id, name, role, first, crashed, url, secret, settings })
  if (body.prepared) say(member, { kind: 'open' })
  return member
}

type Handlers = { [K in FromProcess['kind']]: (message: Extract<FromProcess, { kind: K }>, from: Speaker) => void }

function handlersOf(body: Body): Handlers {
  const others = (member: Member): Member[] => [...body.members].filter((one) => one !== member)
  return {
    prepared: ({ setup }, { member }) => {
      body.prepared = { setup }
      for (const one of others(member)) say(one, { kind: 'open' })
    },
    ready: (_message, { member, resolve }) => {
      member.state = 'ready'
      lookInto(body)
      resolve()
    },
    failed: ({ sentence, obstacle }, { member, reject }) => {
      reject(new StartFailure(sentence, obstacle))
      if (!body.begun) return
      body.options.log.error({ process: member.name, why: sentence }, 'a process of the server could not start')
      member.child.kill('SIGKILL')
    },
    took: ({ number }, { member }) => member.handout.took(number),
    closed: (_message, { member }) => void (member.connections -= 1),
    turn: ({ turn }, { member }) => body.turns[turn](member.id),
    git: ({ wish }, { member }) => member.git.wish(wish),
    news: ({ news }, { member }) => others(member).forEach((one) => say(one, { kind: 'news', news })),
    worn: (_message, { member }) => {
      inTurn(body, () => replace(body, member)).catch((err: unknown) =>
        body.options.log.error({ err }, 'a worn process stays'),
      )
    },
    pong: ({ handed }, { member }) => again(body, member, member.handout.seen(handed)),
    ask: ({ id, what }, { member }) =>
      void everyone(body, what).then((all) => say(member, { kind: 'everyone', id, everyone: all })),
    answer: ({ id, value }, { member }) => body.gather.answer(member.id, id, value),
    tidied: ({ ids }) => ids.forEach((id) => body.dead.delete(id)),
    counted: ({ counts }, { member }) => void (member.counts = counts),
  }
}

/** What all that are up answer, and what is known of them here. */
async function everyone(body: Body, what: string): Promise<unknown> {
  const up = [...body.members].filter(({ state }) => state === 'ready' || state === 'draining')
  const answers = await body.gather.ask(
    up.map(({ id }) => id),
    what,
  )
  const processes = [...body.members].map(({ id, name, role, state, child, connections, since }) => {
    return { id, name, role, state, pid: child.pid, connections, since, deaths: body.deaths.get(name) ?? 0 }
  })
  const started = Date.now() - process.uptime() * 1000
  const supervisor = { pid: process.pid, since: started, rss: process.memoryUsage.rss() }
  return { processes, answers, past: body.past, supervisor }
}

/** A connection that finds nobody waits a moment for the process that is being started. */
function hand(body: Body, socket: Socket, lost = 0): void {
  if (socket.destroyed) return
  const open = [...body.members].filter((one) => one.state === 'ready' && one.role !== 'jobs')
  const [first] = open.toSorted((a, b) => a.connections - b.connections)
  if (first) {
    first.connections += 1
    return first.handout.give(socket, lost)
  }
  const next = [...body.members].find((one) => one.state === 'starting' && one.role !== 'jobs')
  if (body.stopping || !next)
    return void setTimeout(() => (body.stopping ? socket.destroy() : hand(body, socket, lost)), 100)
  next.ready.then(
    () => hand(body, socket, lost),
    () => setTimeout(() => hand(body, socket, lost), 100),
  )
}

/** Connections that did not reach their process are handed out anew. */
function again(body: Body, member: Member, handed: readonly Handed[]): void {
  if (handed.length === 0) return
  member.connections -= handed.length
  body.options.log.warn({ process: member.name, connections: handed.length }, 'connections did not reach their process')
  for (const { socket, lost } of handed) {
    if (lost < MOST_LOST) hand(body, socket, lost + 1)
    else socket.destroy()
  }
}

/** The place of a process is filled again; what it has left is ended, and then told to those who tidy up. */
async function bury(body: Body, member: Member, how: string): Promise<void> {
  const { options, members } = body
  const expected = member.state === 'draining' || body.stopping || !body.begun
  member.state = 'gone'
  body.turns.gone(member.id)
  body.gather.gone(member.id)
  body.past = options.keep(body.past, member.counts)
  for (const { socket, lost } of member.handout.leave()) hand(body, socket, lost)
  if (!expected) {
    options.log.error({ process: member.name, how }, 'a process of the server died')
    body.deaths.set(member.name, (body.deaths.get(member.name) ?? 0) + 1)
  }
  if (!expected && !isHeld(body, member)) void fill(body, member)
  await member.git.leave()
  members.delete(member)
  body.dead.set(member.id, undefined)
  // What it was at when it died is begun anew by another.
  for (const [id, tidier] of body.dead) if (tidier === member) body.dead.set(id, undefined)
  lookInto(body)
}

/** Another process is in the same place, or about to be. */
function isHeld({ members }: Body, { name }: Member): boolean {
  return [...members].some((one) => one.name === name && (one.state === 'starting' || one.state === 'ready'))
}

async function fill(body: Body, { name, role, since }: Member): Promise<void> {
  body.failures = Date.now() - since > STEADY_MS ? 0 : body.failures + 1
  const pause = body.failures === 0 ? 0 : Math.min(100 * 2 ** (body.failures - 1), LONGEST_PAUSE_MS)
  await sleep(pause, undefined, { ref: false })
  if (!body.stopping) summon(body, name, role)
}

function lookInto(body: Body): void {
  const tidier = [...body.members].find((one) => one.state === 'ready' && one.role !== 'web')
  const ids = [...body.dead].filter(([, at]) => at === undefined).map(([id]) => id)
  if (!tidier || ids.length === 0) return
  for (const id of ids) body.dead.set(id, tidier)
  say(tidier, { kind: 'died', ids })
}

function ping(body: Body): void {
  for (const member of body.members) {
    if (member.state === 'gone') continue
    if (Date.now() - member.heard > SILENT_MS) {
      body.options.log.error({ process: member.name }, 'a process no longer answers and is ended')
      member.child.kill('SIGKILL')
    } else say(member, { kind: 'ping', handed: member.handout.handed })
  }
}

/** Processes are replaced one after the other, whoever asks for it. */
function inTurn(body: Body, work: () => Promise<void>): Promise<void> {
  return body.replacing('all', work)
}

async function restart(body: Body): Promise<void> {
  const now = [...body.members].filter((one) => one.state === 'ready')
  for (const member of now) await replace(body, member)
}

/** The new one is ready before the old one takes no more connections. */
async function replace(body: Body, member: Member): Promise<void> {
  if (member.state !== 'ready' || member.succeeded || body.stopping) return
  member.succeeded = true
  try {
    await summon(body, member.name, member.role).ready
  } catch (error) {
    // The old one stays, as nobody can take its place.
    member.succeeded = false
    throw error
  }
  void drain(member, RETIRE_MS)
}
