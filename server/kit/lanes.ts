// Places that so many may hold at once, kind by kind: the rest wait in line, and a line that is full is an honest "busy".
import { Fault } from './fault.ts'

export interface Bounds {
  running: number
  waiting: number
  /** How long somebody waits in line before they are told that it is too long; default without end. */
  patienceMs?: number
}

export interface Ticket {
  /** Who asks: one and the same gets at most half of the places, and of the line for them. */
  by?: string | undefined
  /** What is asked for: of one and the same at most three quarters. So nobody can shut others out of it alone. */
  of?: string | undefined
  /** Whoever has gone leaves the line. */
  signal?: AbortSignal
}

export interface LaneCounts {
  running: number
  waiting: number
  /** Since the start: who got a place, and who was told that there is none. */
  entered: number
  refused: number
  bounds: Bounds
}

export interface Lanes<L extends string> {
  /** The way out, where there is room at this moment. */
  pass: (lane: L, ticket?: Ticket) => (() => void) | undefined
  /** Resolves to the way out once there is room. Rejects with `busy` when the line is full, or when the caller left. */
  enter: (lane: L, ticket?: Ticket) => Promise<() => void>
  counts: () => Record<L, LaneCounts>
}

interface Waiting {
  ticket: Ticket
  go: () => void
}

interface Lane {
  bounds: Bounds
  running: number
  entered: number
  refused: number
  /** How many places each of them has. */
  by: Map<string, number>
  of: Map<string, number>
  line: Waiting[]
}

const BY_MOST = 1 / 2
const OF_MOST = 3 / 4
const ANYBODY: Ticket = {}

export function openLanes<L extends string>(bounds: Record<L, Bounds>): Lanes<L> {
  const names = Object.keys(bounds) as L[]
  const lanes = Object.fromEntries(names.map((name) => [name, empty(bounds[name])])) as Record<L, Lane>
  const pass = (name: L, ticket = ANYBODY): (() => void) | undefined => {
    const lane = lanes[name]
    if (lane.running >= lane.bounds.running || !fits(lane, ticket)) return undefined
    lane.running++
    take(lane, ticket, 1)
    return wayOut(lane, ticket)
  }
  return {
    pass,
    enter: async (name, ticket = ANYBODY) => {
      const now = pass(name, ticket)
      if (now) return now
      const lane = lanes[name]
      if (!mayWait(lane, ticket)) {
        lane.refused++
        throw new Fault('busy', { lane: name })
      }
      // Whoever leaves hands the place over, so the counts are right already.
      await waitIn(lane, name, ticket)
      return wayOut(lane, ticket)
    },
    counts: () => Object.fromEntries(names.map((name) => [name, countsOf(lanes[name])])) as Record<L, LaneCounts>,
  }
}

function empty(bounds: Bounds): Lane {
  return { bounds, running: 0, entered: 0, refused: 0, by: new Map(), of: new Map(), line: [] }
}

function countsOf({ running, line, entered, refused, bounds }: Lane): LaneCounts {
  return { running, waiting: line.length, entered, refused, bounds }
}

function fits({ bounds, by, of }: Lane, ticket: Ticket): boolean {
  const all = bounds.running
  return (
    (ticket.by === undefined || (by.get(ticket.by) ?? 0) < Math.ceil(all * BY_MOST)) &&
    (ticket.of === undefined || (of.get(ticket.of) ?? 0) < Math.ceil(all * OF_MOST))
  )
}

function mayWait({ bounds: { waiting }, line }: Lane, { by, of }: Ticket): boolean {
  if (line.length >= waiting) return false
  const count = (key: 'by' | 'of', whose: string): number => line.filter(({ ticket }) => ticket[key] === whose).length
  return (
    (by === undefined || count('by', by) < Math.ceil(waiting * BY_MOST)) &&
    (of === undefined || count('of', of) < Math.ceil(waiting * OF_MOST))
  )
}

function take(lane: Lane, { by, of }: Ticket, places: 1 | -1): void {
  if (by !== undefined) add(lane.by, by, places)
  if (of !== undefined) add(lane.of, of, places)
  if (places > 0) lane.entered++
}

function add(taken: Map<string, number>, whose: string, places: number): void {
  const now = (taken.get(whose) ?? 0) + places
  if (now === 0) taken.delete(whose)
  else taken.set(whose, now)
}

/** The place goes to the first in line who may have one more. A second call does nothing. */
function wayOut(lane: Lane, ticket: Ticket): () => void {
  let inside = true
  return () => {
    if (!inside) return
    inside = false
    take(lane, ticket, -1)
    const at = lane.line.findIndex((waiting) => fits(lane, waiting.ticket))
    const [next] = at < 0 ? [] : lane.line.splice(at, 1)
    if (!next) lane.running--
    else {
      take(lane, next.ticket, 1)
      next.go()
    }
  }
}

function waitIn(lane: Lane, name: string, ticket: Ticket): Promise<void> {
  const { line, bounds } = lane
  const { signal } = ticket
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(reasonOf(signal))
    const end = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', quit)
    }
    const step = (error: Error): void => {
      end()
      line.splice(line.indexOf(own), 1)
      reject(error)
    }
    const quit = (): void => step(reasonOf(signal))
    const late = (): void => {
      lane.refused++
      step(new Fault('busy', { lane: name }))
    }
    const own: Waiting = {
      ticket,
      go: () => {
        end()
        resolve()
      },
    }
    const timer = bounds.patienceMs === undefined ? undefined : setTimeout(late, bounds.patienceMs)
    line.push(own)
    signal?.addEventListener('abort', quit, { once: true })
  })
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Fault('busy')
}
