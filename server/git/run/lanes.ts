// How many git processes of one kind run at once: the rest wait in line, and a line that is full is an honest "busy".
import { availableParallelism } from 'node:os'
import { Fault } from '../../kit/fault.ts'

/**
 * `pack`: makes packs, all of its time on the processor. `fetch`: gives packs at the client's pace. `push`: takes packs
 * at the client's pace. `read`: short questions. `reply`: files and patches at the client's pace. `background`: upkeep, one at a time.
 */
export type Lane = 'pack' | 'fetch' | 'push' | 'read' | 'reply' | 'background'

interface Bounds {
  running: number
  waiting: number
}

const cores = availableParallelism()
const BOUNDS: Record<Lane, Bounds> = {
  pack: { running: Math.max(4, cores), waiting: 512 },
  fetch: { running: 64, waiting: 512 },
  push: { running: 64, waiting: 512 },
  read: { running: Math.max(16, cores * 4), waiting: 2048 },
  reply: { running: 64, waiting: 512 },
  background: { running: 1, waiting: 10_000 },
}

export interface Ticket {
  signal?: AbortSignal
  /** Whose it is: one and the same gets at most three quarters of the places, and of the line for them. */
  share?: string
}

export interface Lanes {
  /** Resolves to the way out once there is room. Rejects with `busy` when the line is full, or when the caller left. */
  enter: (lane: Lane, ticket?: Ticket) => Promise<() => void>
}

interface Waiting {
  share: string | undefined
  go: () => void
}

interface Places {
  running: number
  /** How many places each share has. */
  taken: Map<string | undefined, number>
  line: Waiting[]
}

export function openLanes(bounds: Record<Lane, Bounds> = BOUNDS): Lanes {
  const lanes = new Map<Lane, Places>()
  return {
    enter: async (name, { signal, share } = {}) => {
      const lane = lanes.get(name) ?? { running: 0, taken: new Map(), line: [] }
      lanes.set(name, lane)
      const { running, waiting } = bounds[name]
      if (lane.running < running && fits(lane, running, share)) {
        lane.running++
        take(lane, share, 1)
      } else {
        const own = lane.line.filter((other) => other.share === share).length
        if (lane.line.length >= waiting || own >= mostOf(waiting, share)) throw new Fault('busy', { lane: name })
        // Whoever leaves hands the place over, so the counts are right already.
        await waitIn(lane.line, share, signal)
      }
      return () => leave(lane, running, share)
    },
  }
}

function mostOf(all: number, share: string | undefined): number {
  return share === undefined ? all : Math.ceil((all * 3) / 4)
}

function fits({ taken }: Places, running: number, share: string | undefined): boolean {
  return (taken.get(share) ?? 0) < mostOf(running, share)
}

function take({ taken }: Places, share: string | undefined, places: 1 | -1): void {
  const now = (taken.get(share) ?? 0) + places
  if (now === 0) taken.delete(share)
  else taken.set(share, now)
}

/** The place goes to the first in line whose share has room. */
function leave(lane: Places, running: number, share: string | undefined): void {
  take(lane, share, -1)
  const at = lane.line.findIndex((waiting) => fits(lane, running, waiting.share))
  const [next] = at < 0 ? [] : lane.line.splice(at, 1)
  if (!next) lane.running--
  else {
    take(lane, next.share, 1)
    next.go()
  }
}

function waitIn(line: Waiting[], share: string | undefined, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const quit = (): void => {
      line.splice(line.indexOf(own), 1)
      reject(signal?.reason instanceof Error ? signal.reason : new Fault('busy'))
    }
    const own = {
      share,
      go: (): void => {
        signal?.removeEventListener('abort', quit)
        resolve()
      },
    }
    line.push(own)
    signal?.addEventListener('abort', quit, { once: true })
  })
}
