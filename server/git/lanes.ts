// How many git processes of one kind run at once: the rest wait in line, and a line that is full is an honest "busy".
import { availableParallelism } from 'node:os'
import { Fault } from '../kit/fault.ts'

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

export interface Lanes {
  /** Resolves to the way out once there is room. Rejects with `busy` when the line is full, or when the caller left. */
  enter: (lane: Lane, signal?: AbortSignal) => Promise<() => void>
}

export function openLanes(bounds: Record<Lane, Bounds> = BOUNDS): Lanes {
  const lanes = new Map<Lane, { running: number; line: (() => void)[] }>()
  return {
    enter: async (name, signal) => {
      const lane = lanes.get(name) ?? { running: 0, line: [] }
      lanes.set(name, lane)
      const { running, waiting } = bounds[name]
      if (lane.running < running) lane.running++
      else {
        if (lane.line.length >= waiting) throw new Fault('busy', { lane: name })
        // Whoever leaves hands the place over, so the count stays as it is.
        await waitIn(lane.line, signal)
      }
      return () => {
        const next = lane.line.shift()
        if (next) next()
        else lane.running--
      }
    },
  }
}

function waitIn(line: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      line.splice(line.indexOf(go), 1)
      reject(signal?.reason instanceof Error ? signal.reason : new Fault('busy'))
    }
    const go = (): void => {
      signal?.removeEventListener('abort', leave)
      resolve()
    }
    line.push(go)
    signal?.addEventListener('abort', leave, { once: true })
  })
}
