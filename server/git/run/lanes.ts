// How many git processes of one kind run at once.
import { availableParallelism } from 'node:os'
import { type Bounds, type Lanes, openLanes } from '../../kit/lanes.ts'

/**
 * `pack`: makes packs, all of its time on the processor. `fetch`: gives packs at the client's pace. `push`: takes packs
 * at the client's pace. `read`: short questions. `reply`: files and patches at the client's pace. `background`: upkeep, one at a time.
 */
export type Lane = 'pack' | 'fetch' | 'push' | 'read' | 'reply' | 'background'

const cores = availableParallelism()
const BOUNDS: Record<Lane, Bounds> = {
  pack: { running: Math.max(4, cores), waiting: 512 },
  fetch: { running: 64, waiting: 512 },
  push: { running: 64, waiting: 512 },
  read: { running: Math.max(16, cores * 4), waiting: 2048 },
  reply: { running: 64, waiting: 512 },
  background: { running: 1, waiting: 10_000 },
}

export function openGitLanes(): Lanes<Lane> {
  return openLanes(BOUNDS)
}
