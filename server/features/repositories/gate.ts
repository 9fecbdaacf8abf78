// A repository from which history is being removed for good, or which changes its disk, takes no ref updates for that
// time: they wait here until it is over.
import { setTimeout as sleep } from 'node:timers/promises'
import { isBusy } from '../../git/care/upkeep.ts'
import { Fault } from '../../kit/fault.ts'
import type { Job } from '../../outbox/queue.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from './door.ts'
import * as place from './place.ts'
import * as store from './store.ts'

/** A purge of a small repository takes a second or two; whoever pushes during a long one is told to come back. */
const PATIENCE_MS = 25_000
const PAUSE_MS = 150
const LOOK_MS = 100
const SHUT = new Set(['repository.purging', 'repository.moving', 'repository.moved'])

/**
 * Does the work again when the gate was shut at the first try, with the repository as it is after that; it costs
 * nothing while there is no gate.
 */
export async function whenOpen<T>(
  rooms: Rooms,
  { repository, signal }: { repository: RepositoryView; signal?: AbortSignal },
  work: (repository: RepositoryView) => Promise<T>,
): Promise<T> {
  const end = performance.now() + PATIENCE_MS
  for (let now = repository; ;) {
    try {
      return await work(now)
    } catch (error) {
      const shut = error instanceof Fault && SHUT.has(error.code)
      if (!shut || performance.now() > end) throw error
    }
    // Watched from outside: a git that waited inside would keep the purge from beginning.
    while (performance.now() < end && (await place.shutBy(rooms.db.read, repository.id)) !== undefined)
      await sleep(PAUSE_MS, undefined, signal && { signal })
    const { volume } = store.viewById(rooms.db, { kind: 'guest' }, repository.id) ?? repository
    now = { ...repository, volume }
  }
}

/** Between a deletion and the keeping of its tip nothing leads to it: what is announced must be settled first. */
export async function untilIdle(
  rooms: Rooms,
  view: RepositoryView,
  { signal, patienceMs }: { signal: AbortSignal; patienceMs: number },
): Promise<void> {
  const repo = repoOf(rooms, view)
  const end = performance.now() + patienceMs
  while ((await store.listPendingPushes(rooms.db.read, view.id)).length > 0 || (await isBusy(rooms.git, repo))) {
    if (performance.now() > end) throw new Error('Pushes are under way for long. It is tried again later.')
    await sleep(LOOK_MS, undefined, { signal })
  }
}

/** From now on nothing new is announced here while the job has its lease. Throws where another work needs the same. */
export async function shutGate(rooms: Rooms, repositoryId: string, job: Job): Promise<void> {
  await rooms.db.write(async (tx) => {
    if ((await place.shutBy(tx, repositoryId)) !== undefined)
      throw new Error('Other work has shut this repository for the moment. It is tried again later.')
    await place.putGate(tx, { repository_id: repositoryId, job: job.id, lease: job.lease ?? '' })
  })
}

export async function openGate(rooms: Rooms, repositoryId: string, job: Job): Promise<void> {
  await rooms.db.write((tx) => place.removeGate(tx, repositoryId, job.id))
}
