// One process of the pool, as the supervisor knows it: how it is started, spoken to and ended.
import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { type Handout, openHandout } from './handout.ts'
import type { FromProcess, Role, ToProcess } from './messages.ts'

/** Somebody who starts git for one process; its words are not ours to read. */
export interface GitClient {
  wish: (wish: unknown) => void
  leave: () => Promise<void>
}

export interface Member {
  id: string
  name: string
  role: Role
  child: ChildProcess
  git: GitClient
  connections: number
  handout: Handout
  state: 'starting' | 'ready' | 'draining' | 'gone'
  /** Another process takes its place. */
  succeeded: boolean
  since: number
  heard: number
  /** What it had counted when it last said so. */
  counts: unknown
  /** Fails when it does not come up. */
  ready: Promise<void>
  /** It is gone, and so is what it had started. */
  ended: Promise<void>
}

/** The start of a process failed; its message is for people. */
export class StartFailure extends Error {
  readonly obstacle: string
  constructor(message: string, obstacle = 'other') {
    super(message)
    this.obstacle = obstacle
  }
}

/** Who says something, and how its start is told to have come to an end. */
export interface Speaker {
  member: Member
  resolve: () => void
  reject: (error: Error) => void
}

export interface Birth {
  /** The program that the process runs. */
  entry: string
  name: string
  role: Role
  git: (tell: (news: unknown) => void) => GitClient
  heard: (message: FromProcess, from: Speaker) => void
  /** The process could not be reached. */
  unreached: (err: Error) => void
  /** It has ended, by this signal or code; what it had started goes on until this is done. */
  bury: (member: Member, how: string) => Promise<void>
}

export function startMember({ entry, name, role, git, heard, unreached, bury }: Birth): Member {
  const child = fork(entry, [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'json',
  })
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  ready.catch(() => {})
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const member: Member = {
    id: randomUUID(),
    name,
    role,
    child,
    git: git((news) => say(member, { kind: 'git', news })),
    connections: 0,
    // Kept open here until the other process has it: one that dies before leaves it to the next.
    handout: openHandout((number, socket) => sendConnection(child, number, socket)),
    state: 'starting',
    succeeded: false,
    since: Date.now(),
    heard: Date.now(),
    counts: [],
    ready,
    ended,
  }
  child.on('message', (message: FromProcess) => {
    member.heard = Date.now()
    heard(message, { member, resolve, reject })
  })
  child.on('error', unreached)
  child.once('exit', (code, signal) => {
    const how = `${signal ?? code}`
    reject(new StartFailure(`A process of the server ended while it started (${how}).`))
    void bury(member, how).finally(end)
  })
  return member
}

function sendConnection(child: ChildProcess, number: number, socket: Socket): void {
  child.send({ kind: 'connection', number } satisfies ToProcess, socket, { keepOpen: true }, () => {})
}

export function say(to: Member | undefined, message: ToProcess): void {
  if (to?.child.connected) to.child.send(message, undefined, {}, () => {})
}

/** Lets it finish what is in hand, for so long at most. */
export async function drain(member: Member, graceMs: number): Promise<void> {
  if (member.state === 'gone') return member.ended
  member.state = 'draining'
  say(member, { kind: 'drain', graceMs })
  const cut = setTimeout(() => member.child.kill('SIGKILL'), graceMs + 5000)
  await member.ended
  clearTimeout(cut)
}
