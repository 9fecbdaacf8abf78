// Keeps one server running: starts it, sees whether it answers, starts it again with growing pauses, and gives up in words.
import { EventEmitter } from 'node:events'
import type { Obstacle, ServerWord } from '../server/contract/process.ts'
import { forWindow } from './words.ts'

export type ServerState = 'stopped' | 'starting' | 'running' | 'backing-off' | 'failed'

export interface ServerStatus {
  state: ServerState
  /** Where it answers, while it runs. */
  url: string | null
  pid: number | null
  /** When it got ready, as a time in milliseconds. */
  since: number | null
  /** Failures in turn, without a minute of health in between. */
  failures: number
  /** When the next try begins, while it backs off. */
  retryAt: number | null
  /** Why it does not run, in words for a person. */
  problem: string | null
  /** Of a refusal: what stands in the way, for the window to offer a way out. */
  refused: Obstacle | null
}

export interface ServerProcess {
  pid: number | undefined
  onWord: (hear: (word: ServerWord) => void) => void
  onExit: (hear: (code: number | null) => void) => void
  /** Asks it to finish what is in hand and to end. */
  drain: () => void
  /** Ends it and all its helpers at once. */
  kill: () => void
}

export interface Clock {
  set: (work: () => void, ms: number) => unknown
  clear: (timer: unknown) => void
  now: () => number
}

export interface SupervisorParts {
  spawn: () => ServerProcess
  /** Whether the server at this address answers in time. */
  check: (url: string) => Promise<boolean>
  clock: Clock
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 30_000
/** So long without a failure, and the ones before are forgotten. */
const HEALTHY_MS = 60_000
const MOST_FAILURES = 5
const CHECK_EVERY_MS = 5000
/** Checks in turn without an answer until it counts as hung. */
const MOST_UNANSWERED = 3
/** How long a start may take. */
const START_MS = 60_000
/** How long what is in hand may take at the end. */
const DRAIN_MS = 20_000

const NOTHING: ServerStatus = {
  state: 'stopped',
  url: null,
  pid: null,
  since: null,
  failures: 0,
  retryAt: null,
  problem: null,
  refused: null,
}

export interface Supervisor {
  readonly status: ServerStatus
  onStatus: (hear: (status: ServerStatus) => void) => void
  /** Starts it, also after it was given up. */
  start: () => void
  /** Ends when no process is left. */
  stop: () => Promise<void>
  restart: () => Promise<void>
  /** Looks at once whether it still answers, as after the machine slept. */
  look: () => Promise<void>
}

/** One supervisor at work. */
interface Keeper extends SupervisorParts {
  events: EventEmitter<{ status: [ServerStatus] }>
  status: ServerStatus
  child: ServerProcess | undefined
  stopping: Promise<void> | undefined
  unanswered: number
  refusal: { reason: Obstacle; message: string } | undefined
  timers: { retry: unknown; check: unknown; start: unknown }
}

export function openSupervisor(parts: SupervisorParts): Supervisor {
  const keeper: Keeper = {
    ...parts,
    events: new EventEmitter(),
    status: NOTHING,
    child: undefined,
    stopping: undefined,
    unanswered: 0,
    refusal: undefined,
    timers: { retry: undefined, check: undefined, start: undefined },
  }
  const start = (): void => {
    if (keeper.child || keeper.stopping) return
    clearTimers(keeper)
    set(keeper, { failures: 0 })
    launch(keeper)
  }
  const stop = (): Promise<void> => {
    keeper.stopping ??= end(keeper).finally(() => {
      keeper.stopping = undefined
    })
    return keeper.stopping
  }
  return {
    get status() {
      return keeper.status
    },
    onStatus: (hear) => void keeper.events.on('status', hear),
    start,
    stop,
    restart: async () => {
      await stop()
      start()
    },
    look: () => look(keeper),
  }
}

function set(keeper: Keeper, change: Partial<ServerStatus>): void {
  keeper.status = { ...keeper.status, ...change }
  keeper.events.emit('status', keeper.status)
}

function clearTimers({ timers, clock }: Keeper): void {
  for (const timer of Object.values(timers)) if (timer !== undefined) clock.clear(timer)
}

function launch(keeper: Keeper): void {
  const { spawn, clock, timers } = keeper
  keeper.refusal = undefined
  keeper.unanswered = 0
  set(keeper, { ...NOTHING, state: 'starting', failures: keeper.status.failures })
  const own = spawn()
  keeper.child = own
  set(keeper, { pid: own.pid ?? null })
  timers.start = clock.set(() => own.kill(), START_MS)
  own.onWord((word) => {
    if (keeper.child !== own) return
    if (word.kind === 'refused') keeper.refusal = word
    else ready(keeper, word.url)
  })
  own.onExit((code) => {
    if (keeper.child !== own) return
    keeper.child = undefined
    clearTimers(keeper)
    if (!keeper.stopping) ended(keeper, code)
  })
}

function ready(keeper: Keeper, url: string): void {
  keeper.clock.clear(keeper.timers.start)
  set(keeper, { state: 'running', url, since: keeper.clock.now(), problem: null })
  lookLater(keeper)
}

function lookLater(keeper: Keeper): void {
  keeper.timers.check = keeper.clock.set(() => {
    void look(keeper).then(() => {
      if (keeper.child && keeper.status.state === 'running') lookLater(keeper)
    })
  }, CHECK_EVERY_MS)
}

async function look(keeper: Keeper): Promise<void> {
  const { child, status, clock } = keeper
  const { url, since } = status
  if (!child || url === null || status.state !== 'running') return
  const answered = await keeper.check(url)
  if (keeper.child !== child || keeper.stopping) return
  keeper.unanswered = answered ? 0 : keeper.unanswered + 1
  if (keeper.unanswered >= MOST_UNANSWERED) return child.kill()
  if (keeper.status.failures > 0 && since !== null && clock.now() - since > HEALTHY_MS) set(keeper, { failures: 0 })
}

function ended(keeper: Keeper, code: number | null): void {
  const { refusal, status, clock, timers } = keeper
  // What it refused it would refuse again: only a person can change that.
  if (refusal) {
    return set(keeper, { ...NOTHING, state: 'failed', problem: forWindow(refusal.message), refused: refusal.reason })
  }
  const wasWell = status.since !== null && clock.now() - status.since > HEALTHY_MS
  const failures = wasWell ? 1 : status.failures + 1
  const hung = keeper.unanswered >= MOST_UNANSWERED
  const problem = hung ? 'The server did not answer any more.' : unexpected(code)
  if (failures >= MOST_FAILURES) return set(keeper, { ...NOTHING, state: 'failed', failures, problem })
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1))
  set(keeper, { ...NOTHING, state: 'backing-off', failures, problem, retryAt: clock.now() + pause })
  timers.retry = clock.set(() => launch(keeper), pause)
}

async function end(keeper: Keeper): Promise<void> {
  clearTimers(keeper)
  const { child, clock } = keeper
  if (child) {
    await new Promise<void>((resolve) => {
      const late = clock.set(() => child.kill(), DRAIN_MS)
      child.onExit(() => {
        clock.clear(late)
        resolve()
      })
      child.drain()
    })
  }
  set(keeper, { ...NOTHING })
}

function unexpected(code: number | null): string {
  return code === null ? 'The server was ended from outside.' : `The server ended unexpectedly (exit code ${code}).`
}
