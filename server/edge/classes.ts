// The classes of requests: each has places of its own at the door and a line for them, so that a flood of one kind, of
// one caller or on one repository leaves the others alone. And a time by which an answer must have begun.
import type { ServerResponse } from 'node:http'
import { type Class, CLASSES, type ClassBounds, type ClassCounts } from '../kit/bounds.ts'
import { Fault } from '../kit/fault.ts'
import { type Lanes, openLanes } from '../kit/lanes.ts'
import type { About, Meters } from '../meters/meters.ts'
import { waited } from '../meters/visit.ts'
import type { Actor } from '../rooms.ts'
import type { Reply } from '../route.ts'

/**
 * Of one process. `live` holds what stays open for as long as a page does; such a stream would take its class's places
 * for ever.
 */
const BOUNDS: Record<Class, ClassBounds> = {
  web: { running: 256, waiting: 512, patienceMs: 30_000, deadlineMs: 30_000 },
  api: { running: 64, waiting: 512, patienceMs: 30_000, deadlineMs: 60_000 },
  // A git client waits as long as it is let.
  git: { running: 128, waiting: 512, patienceMs: 90_000 },
  archive: { running: 8, waiting: 64, patienceMs: 60_000 },
  lfs: { running: 64, waiting: 512, patienceMs: 60_000 },
  live: { running: 1024, waiting: 0 },
}

export interface Classes extends Pick<Lanes<Class>, 'pass' | 'enter'> {
  counts: () => Record<Class, ClassCounts>
  deadlineMs: (name: Class) => number | undefined
  late: (name: Class) => void
}

/** `idle`: seconds after which a connection on which nothing moves is cut; waiting in line must be over before that. */
export function openClasses({ classes, idle }: Wanted, meters: Meters): Classes {
  const longest = (idle * 1000 * 3) / 4
  const bounds = ofEach((name): ClassBounds => {
    const wanted = { ...BOUNDS[name], ...classes[name] }
    return { ...wanted, patienceMs: Math.min(wanted.patienceMs ?? longest, longest) }
  })
  const lanes = openLanes(bounds)
  const late = ofEach(() => 0)
  for (const name of CLASSES) measure(meters, name, () => ({ ...lanes.counts()[name], late: late[name] }))
  return {
    pass: lanes.pass,
    enter: lanes.enter,
    deadlineMs: (name) => bounds[name].deadlineMs,
    late: (name) => void late[name]++,
    counts: () => {
      const counts = lanes.counts()
      return ofEach((name) => ({ ...counts[name], late: late[name] }))
    },
  }
}

function measure(meters: Meters, name: Class, now: () => ClassCounts): void {
  const labels = { class: name }
  const about = (meter: string, help: string): About => ({ name: `class_${meter}`, help, labels })
  meters.watch(about('places', 'Requests that may be at work at once'), () => now().bounds.running)
  meters.watch(about('running', 'Requests at work'), () => now().running)
  meters.watch(about('waiting', 'Requests in line'), () => now().waiting)
  meters.watch(about('entered_total', 'Requests that got a place'), () => now().entered, 'counter')
  meters.watch(about('refused_total', 'Requests that found the line full or too slow'), () => now().refused, 'counter')
  meters.watch(about('late_total', 'Requests that were not answered in time'), () => now().late, 'counter')
}

interface Wanted {
  classes: Partial<Record<Class, ClassBounds>>
  idle: number
}

function ofEach<T>(make: (name: Class) => T): Record<Class, T> {
  return Object.fromEntries(CLASSES.map((name) => [name, make(name)])) as Record<Class, T>
}

/** One caller, wherever from: an account, a deploy token, or the address of a guest. */
export function callerOf(actor: Actor, address: string): string {
  return actor.kind === 'guest' ? address : actor.id
}

export interface Visit {
  class: Class
  by: string
  of?: string | undefined
}

/**
 * Does the work in a place of the class. The signal ends when the client goes or the time is over; the caller is
 * answered then, but the place is kept until the work itself has ended and the answer is out.
 */
export async function within(
  classes: Classes,
  visit: Visit,
  response: ServerResponse,
  work: (signal: AbortSignal) => Promise<Reply>,
): Promise<Reply> {
  const gone = new AbortController()
  const closed = whenClosed(response)
  void closed.then(() => gone.abort())
  const turn = { by: visit.by, of: visit.of, signal: gone.signal }
  const leave = await waited(() => classes.enter(visit.class, turn))
  const clock = startClock(classes, visit.class, gone)
  const working = work(gone.signal)
  void Promise.allSettled([working, closed]).then(leave)
  try {
    const reply = await Promise.race([working, clock.over])
    if (reply.kind === 'stream' && reply.type === LIVE) stayOpen(classes, visit, { closed, leave })
    return reply
  } catch (error) {
    // Nobody takes it any more.
    working.then((reply) => reply.kind === 'stream' && reply.body.destroy()).catch(() => {})
    throw error
  } finally {
    clock.stop()
  }
}

const LIVE = 'text/event-stream'

function whenClosed(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve()
  return new Promise((resolve) => response.once('close', resolve))
}

interface Clock {
  /** Rejects when the time is over. */
  over: Promise<never>
  stop: () => void
}

function startClock(classes: Classes, name: Class, gone: AbortController): Clock {
  const { promise: over, reject } = Promise.withResolvers<never>()
  over.catch(() => {})
  const limit = classes.deadlineMs(name)
  const strike = (): void => {
    classes.late(name)
    const fault = new Fault('request.late', { limit: Math.ceil((limit ?? 0) / 1000) })
    // Before the signal: what the work makes of that is not what the caller is told.
    reject(fault)
    gone.abort(fault)
  }
  const timer = limit === undefined ? undefined : setTimeout(strike, limit)
  return { over, stop: () => clearTimeout(timer) }
}

function stayOpen(classes: Classes, visit: Visit, held: { closed: Promise<void>; leave: () => void }): void {
  const out = classes.pass('live', { by: visit.by, of: visit.of })
  if (!out) throw new Fault('busy', { lane: 'live' })
  held.leave()
  void held.closed.then(out)
}
