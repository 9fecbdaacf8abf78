// Git processes that stay and answer one question after another: few per repository, ended when idle, replaced when dead.
import { Fault } from '../../kit/fault.ts'
import type { Repo } from '../refs/refs.ts'
import type { Writable } from 'node:stream'
import type { Git, GitEnd, GitProcess } from '../run/run.ts'

/** Reads one answer out of the stream. */
export interface AnswerReader<T> {
  /** Takes bytes; once the answer is whole it gives those behind it. */
  take: (bytes: Buffer) => Buffer | undefined
  /** The value stands, but so many bytes are still to come that a new process is cheaper than reading them. */
  readonly cut?: boolean
  value: () => T
}

export interface Question<T> {
  /** Must be checked by the asker: it reaches git as it is. */
  input: string
  /** A fresh one for each attempt. */
  reader: () => AnswerReader<T>
  signal?: AbortSignal | undefined
}

export interface Residents {
  ask: <T>(repo: Repo, question: Question<T>) => Promise<T>
  /** Ends the processes of a repository once they have answered: after a repack, before it is deleted. */
  forget: (repoId: string) => void
  close: () => void
  /** Processes that stay now. */
  readonly count: number
}

export interface ResidentKind {
  name: string
  args: string[]
  /** Default 60 s. */
  idleMs?: number
  /** Repositories that keep their processes. Default 16. */
  repositories?: number
  /** Per repository. Default 2. */
  processes?: number
  /** For one answer. Default 30 s. */
  deadlineMs?: number
  /** After so many a process makes room for a fresh one, as it never forgets an object that it met. Default: no end. */
  answers?: number
}

interface Pending {
  question: Question<unknown>
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
  attempts: number
}

interface Member {
  process: GitProcess | undefined
  asked: Pending[]
  reader: AnswerReader<unknown> | undefined
  answered: number
  timer: NodeJS.Timeout | undefined
  /** Takes no more questions. */
  leaving: boolean
  /** Nothing that it still says is heard. */
  ended: boolean
}

interface Team {
  repo: Repo
  members: Member[]
  queue: Pending[]
  idle: NodeJS.Timeout | undefined
  /** How many processes in a row died without an answer. */
  barren: number
}

interface House {
  git: Git
  kind: Required<ResidentKind>
  teams: Map<string, Team>
  waiting: number
  closed: boolean
}

const DEFAULTS = { idleMs: 60_000, repositories: 16, processes: 2, deadlineMs: 30_000, answers: Infinity }
/** Questions that one process is sent ahead of its answers. */
const DEPTH = 64
/** With so many of them waiting at one process, another is started. */
const SPREAD = 8
const WAITING_MAX = 20_000
const ATTEMPTS = 3
const BARREN_MAX = 4

export function openResidents(git: Git, kind: ResidentKind): Residents {
  const house: House = { git, kind: { ...DEFAULTS, ...kind }, teams: new Map(), waiting: 0, closed: false }
  const { teams } = house
  return {
    ask: (repo, question) => ask(house, repo, question),
    forget: (repoId) => {
      const team = teams.get(repoId)
      if (team) dismiss(house, team)
    },
    close: () => {
      house.closed = true
      for (const team of teams.values()) dismiss(house, team)
    },
    get count() {
      return [...teams.values()].reduce((sum, team) => sum + team.members.length, 0)
    },
  }
}

function ask<T>(house: House, repo: Repo, question: Question<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (house.closed || house.waiting >= WAITING_MAX) return reject(new Fault('busy'))
    house.waiting++
    const team = teamOf(house, repo)
    team.queue.push({ question, resolve: resolve as (value: unknown) => void, reject, attempts: 0 })
    work(house, team)
  })
}

function teamOf(house: House, repo: Repo): Team {
  const { teams } = house
  let team = teams.get(repo.id)
  if (team && team.repo.path !== repo.path) {
    dismiss(house, team)
    team = undefined
  }
  team ??= { repo, members: [], queue: [], idle: undefined, barren: 0 }
  // Last in the map is last used.
  teams.delete(repo.id)
  teams.set(repo.id, team)
  return team
}

/** Gives waiting questions to processes; with nothing left to do the team stays for a while and then goes. */
function work(house: House, team: Team): void {
  clearTimeout(team.idle)
  for (let pending = team.queue[0]; pending; pending = team.queue[0]) {
    const { signal } = pending.question
    const member = signal?.aborted ? undefined : pick(house, team)
    if (!member && !signal?.aborted) return
    team.queue.shift()
    if (member) give(member, pending)
    else refuse(house, pending, signal?.reason)
  }
  if (!isIdle(team)) return
  const { idleMs } = house.kind
  team.idle = setTimeout(() => dismiss(house, team), house.teams.get(team.repo.id) === team ? idleMs : 0).unref()
  makeRoom(house)
}

function pick(house: House, team: Team): Member | undefined {
  const present = team.members.filter((member) => !member.leaving)
  const [best] = present.toSorted((a, b) => a.asked.length - b.asked.length)
  if ((!best || best.asked.length >= SPREAD) && present.length < house.kind.processes) return hire(house, team)
  return best && best.asked.length < DEPTH ? best : undefined
}

function give(member: Member, pending: Pending): void {
  member.asked.push(pending)
  if (member.process?.stdin) writeTogether(member.process.stdin, pending.question.input)
  if (member.asked.length === 1) member.timer?.refresh()
}

/** What is asked in one go is one write. */
function writeTogether(stdin: Writable, text: string): void {
  if (stdin.writableCorked === 0) {
    stdin.cork()
    process.nextTick(() => stdin.uncork())
  }
  stdin.write(text)
}

function hire(house: House, team: Team): Member {
  const { name, args } = house.kind
  const { repo } = team
  const member: Member = {
    process: undefined,
    asked: [],
    reader: undefined,
    answered: 0,
    timer: undefined,
    leaving: false,
    ended: false,
  }
  team.members.push(member)
  house.git
    .start({ name, args, repo: repo.id, cwd: repo.path, deadlineMs: 0 })
    .then((process) => begin(house, team, member, process))
    .catch((error: unknown) => {
      remove(team, member)
      for (const pending of member.asked) refuse(house, pending, error)
      work(house, team)
    })
  return member
}

function begin(house: House, team: Team, member: Member, process: GitProcess): void {
  member.process = process
  member.timer = setTimeout(() => {
    const slow = member.asked.shift()
    if (!slow) return
    refuse(house, slow, new Fault('git.deadline', { name: house.kind.name }))
    end(member)
  }, house.kind.deadlineMs).unref()
  process.stdout?.on('data', (bytes: Buffer) => hear(house, team, member, bytes))
  const closing = new Promise((resolve) => process.stdout?.on('close', resolve))
  void Promise.all([process.done, closing]).then(([end]) => bury(house, team, member, end))
  const { stdin } = process
  if (stdin) for (const pending of member.asked) writeTogether(stdin, pending.question.input)
  if (member.leaving && member.asked.length === 0) end(member)
}

function hear(house: House, team: Team, member: Member, bytes: Buffer): void {
  let rest: Buffer | undefined = bytes
  while (rest && rest.length > 0 && !member.ended) {
    const [pending] = member.asked
    if (!pending) return end(member)
    member.reader ??= pending.question.reader()
    rest = member.reader.take(rest)
    if (!rest && !member.reader.cut) return
    if (member.reader.cut) end(member)
    finish(house, member, pending)
    work(house, team)
  }
}

function finish(house: House, member: Member, pending: Pending): void {
  const { reader } = member
  member.asked.shift()
  member.reader = undefined
  member.answered++
  member.timer?.refresh()
  house.waiting--
  if (member.answered >= house.kind.answers) member.leaving = true
  pending.resolve(reader?.value())
  if (member.leaving && member.asked.length === 0) end(member)
}

/** What a process leaves unanswered is asked again of another one; a question that kills each of them is refused. */
function bury(house: House, team: Team, member: Member, end: GitEnd): void {
  clearTimeout(member.timer)
  remove(team, member)
  const [first] = member.asked
  const died = end.stopped !== 'kill'
  if (first && died) first.attempts++
  if (died) team.barren = member.answered === 0 ? team.barren + 1 : 0
  const hopeless = team.barren >= BARREN_MAX
  const again: Pending[] = []
  for (const pending of hopeless ? [...member.asked, ...team.queue.splice(0)] : member.asked) {
    if (hopeless || pending.attempts >= ATTEMPTS) refuse(house, pending, damage(end))
    else again.push(pending)
  }
  team.queue.unshift(...again)
  work(house, team)
}

function refuse(house: House, pending: Pending, why: unknown): void {
  house.waiting--
  pending.reject(why)
}

function dismiss(house: House, team: Team): void {
  if (house.teams.get(team.repo.id) === team) house.teams.delete(team.repo.id)
  clearTimeout(team.idle)
  for (const member of team.members) {
    member.leaving = true
    if (member.asked.length === 0) end(member)
  }
}

function end(member: Member): void {
  if (!member.process) return
  member.leaving = true
  member.ended = true
  member.process.kill()
}

function remove(team: Team, member: Member): void {
  const at = team.members.indexOf(member)
  if (at >= 0) team.members.splice(at, 1)
}

/** Teams that have nothing to do go while there are too many; one that works may stay above the number. */
function makeRoom(house: House): void {
  for (const team of house.teams.values()) {
    if (house.teams.size <= house.kind.repositories) return
    if (isIdle(team)) dismiss(house, team)
  }
}

function isIdle(team: Team): boolean {
  return team.queue.length === 0 && team.members.every((member) => member.asked.length === 0)
}

function damage(end: GitEnd): Fault {
  return new Fault('git.corrupt', { detail: 'an object in it cannot be read', stderr: end.stderr, exit: end.code })
}
