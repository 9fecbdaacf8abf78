// Jobs of repositories: what a push leaves to be tidied in the background.
import { afterPush } from '../../git/care/upkeep.ts'
import type { JobRun } from '../../outbox/runner.ts'
import type { Rooms } from '../../rooms.ts'
import { repoOf } from './door.ts'
import { updateRepository, viewById } from './store.ts'

/** Commit-graph, packed refs and packs, and the size that pages show. */
export async function upkeep(rooms: Rooms, { job, signal }: JobRun): Promise<void> {
  const view = job.repository_id === null ? undefined : viewById(rooms.db, { kind: 'guest' }, job.repository_id)
  // In quarantine nothing is rewritten; the next push after it asks for upkeep again.
  if (view?.mode !== 'open') return
  const { bytes, repacked } = await afterPush(rooms.git, repoOf(rooms, view), signal)
  if (repacked) rooms.bus.tell({ kind: 'repacked', repositoryId: view.id, purged: false })
  await rooms.db.write((tx) => updateRepository(tx, view.id, { size: bytes }))
}
