// What this process remembers of the pages of folders: of a commit or a tree they never change.
import type { Folder } from '../../contract/source.ts'
import type { LastCommits } from '../../git/read/lastcommits.ts'
import { type Lru, openLru } from '../../kit/lru.ts'
import { oncePer } from '../../kit/onceper.ts'
import { openShared, type Shared } from '../../kit/shared.ts'
import type { Rooms } from '../../rooms.ts'

const PAGES_BYTES = 4 * 1024 * 1024
const TOLD_BYTES = 4 * 1024 * 1024

/** Keys begin with the id of the repository. */
interface Memory {
  /** Pages of folders in which no submodule lies, by tree. */
  pages: Lru<Folder>
  /** Lines of last commits that were told to their end, by commit and folder. */
  told: Lru<string>
  /** Searches for last commits that are under way. */
  underWay: Shared<LastCommits>
}

export const memoryOf = oncePer((_rooms: Rooms): Memory => ({
  pages: openLru(PAGES_BYTES),
  told: openLru(TOLD_BYTES),
  underWay: openShared(),
}))

/** The key of what is remembered of a repository. */
export function keyOf(repositoryId: string, ...parts: readonly (string | number)[]): string {
  return [repositoryId, ...parts].join('\0')
}

/** Something of the repository was removed for good: nothing of its pages stays. */
export function forgetPages(rooms: Rooms, repositoryId: string): void {
  const { pages, told } = memoryOf(rooms)
  pages.deletePrefix(keyOf(repositoryId, ''))
  told.deletePrefix(keyOf(repositoryId, ''))
}
