// Where a repository lies changes in one step, and what it leaves there is kept for a while: to be put back, or removed
// in time, with the repository, or by a purge.
import { Fault } from '../../kit/fault.ts'
import { record } from '../../outbox/events.ts'
import { extendLease, type Job } from '../../outbox/queue.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import * as place from './place.ts'
import * as store from './store.ts'

const KEPT_MS = 3 * 86_400_000

/** The files first: a row without files is found again, files without a row are not. */
export async function dropOldCopy(
  rooms: Rooms,
  copy: { id: number; repository_id: string; volume: string },
): Promise<void> {
  await rooms.volumes.discard(copy.volume, copy.repository_id)
  await rooms.db.write((tx) => place.removeOldCopy(tx, copy.id))
}

/** What is purged must be on no disk. Fails while one of them is not there. */
export async function dropOldCopies(rooms: Rooms, view: Pick<RepositoryView, 'id'>): Promise<void> {
  for (const copy of await place.listOldCopies(rooms.db.read, view.id)) await dropOldCopy(rooms, copy)
}

/** The old copies whose time is over, where their disks are there. */
export async function dropDueCopies(rooms: Rooms): Promise<void> {
  const present = rooms.volumes.present()
  for (const copy of await place.listDueCopies(rooms.db.read, new Date().toISOString()))
    if (present.includes(copy.volume)) await dropOldCopy(rooms, copy)
}

export async function oldCopyOn(rooms: Rooms, repositoryId: string, volume: string) {
  return (await place.listOldCopies(rooms.db.read, repositoryId)).find((copy) => copy.volume === volume)
}

export interface Switch {
  job: Job
  to: string
  /** The name of the event, and its facts. */
  event: string
  data: Record<string, unknown>
}

/**
 * From here on the repository is the one on the other volume, for all or for nobody. The gate is shut by the job: what is
 * announced later names the new place.
 */
export async function switchVolume(
  rooms: Rooms,
  view: RepositoryView,
  { job, to, event, data }: Switch,
): Promise<void> {
  await rooms.db.write(async (tx) => {
    if (!(await extendLease(tx, job))) throw new Error('Another runner has taken this move over.')
    if ((await place.volumeOf(tx, view.id)) !== view.volume) throw new Fault('repository.moved')
    if ((await store.listPendingPushes(tx, view.id)).length > 0) throw new Error('A push is under way.')
    await place.needVolume(tx, to)
    const now = Date.now()
    await store.updateRepository(tx, view.id, { volume: to })
    await place.removeOldCopyOn(tx, view.id, to)
    await place.insertOldCopy(tx, {
      repository_id: view.id,
      volume: view.volume,
      moved_at: new Date(now).toISOString(),
      remove_at: new Date(now + KEPT_MS).toISOString(),
    })
    await place.removeGate(tx, view.id, job.id)
    await record(tx, {
      kind: event,
      actorId: job.actor_id,
      workspaceId: view.workspace_id,
      repositoryId: view.id,
      data,
    })
  })
  rooms.bus.tell({ kind: 'repacked', repositoryId: view.id, purged: false })
}
