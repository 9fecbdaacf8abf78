// The end of a ref update: its rows are written, however long the database is held and whatever became of git.
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../kit/fault.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { type RefChange, type RefResult, settle } from './door.ts'
import { outcomeOf } from './reconcile.ts'

/** How long the person who pushes waits with us for a database that another program holds. */
const PATIENCE_MS = 30_000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000

/** What git said of each ref; `unseen` where it ended without a word. */
export type Outcome = readonly RefResult[] | 'unseen'

/**
 * What git did cannot be undone by a row that fails, so this never throws. Undefined when the rows come later: then
 * this process goes on trying, and if it ends before, the reconciler of the next start writes them from the journal.
 */
export async function conclude(
  rooms: Rooms,
  repository: RepositoryView,
  pushId: number,
  outcome: Outcome,
): Promise<RefChange[] | undefined> {
  const end = performance.now() + PATIENCE_MS
  for (let pause = FIRST_PAUSE_MS; ; pause = longer(pause)) {
    try {
      return await attempt(rooms, repository, pushId, outcome)
    } catch (error) {
      const about = { err: error, push: pushId, repository: repository.id }
      rooms.log.error(about, 'a ref update is on disk and not yet in the database')
      if (!isBusy(error) || performance.now() > end) break
    }
    await sleep(pause)
  }
  goOn(() => attempt(rooms, repository, pushId, outcome), FIRST_PAUSE_MS)
  return undefined
}

async function attempt(
  rooms: Rooms,
  repository: RepositoryView,
  pushId: number,
  outcome: Outcome,
): Promise<RefChange[]> {
  const results = outcome === 'unseen' ? await outcomeOf(rooms, repository, pushId) : outcome
  return settle(rooms, repository, pushId, results)
}

function goOn(attempt: () => Promise<unknown>, pause: number): void {
  const again = (): void => {
    attempt().catch(() => goOn(attempt, longer(pause)))
  }
  setTimeout(again, pause).unref()
}

function longer(pause: number): number {
  return Math.min(pause * 2, LONGEST_PAUSE_MS)
}

function isBusy(error: unknown): boolean {
  return error instanceof Fault && error.code === 'busy'
}
