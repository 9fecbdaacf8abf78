// What a move left on the disk where a repository was before: kept for a while, removed with the repository or a purge.
import type { RepositoryView, Rooms } from '../../rooms.ts'
import * as place from './place.ts'

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
