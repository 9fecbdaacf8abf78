// A repository from which history is being removed for good takes no ref updates: they wait here until it is over.
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../kit/fault.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { isPurging } from './store.ts'

/** A purge of a small repository takes a second or two; whoever pushes during a long one is told to come back. */
const PATIENCE_MS = 25_000
const PAUSE_MS = 150

/** Does the work again when the gate was shut at the first try; it costs nothing while there is no purge. */
export async function whenOpen<T>(
  rooms: Rooms,
  { repository, signal }: { repository: Pick<RepositoryView, 'id'>; signal?: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const shut = error instanceof Fault && error.code === 'repository.purging'
      if (!shut || performance.now() > end) throw error
    }
    // Watched from outside: a git that waited inside would keep the purge from beginning.
    while (performance.now() < end && (await isPurging(rooms.db.read, repository.id)))
      await sleep(PAUSE_MS, undefined, signal && { signal })
  }
}
