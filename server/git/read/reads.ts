// All that reading a repository needs, opened once per process and closed before git is.
import { openBlames, type Blames } from './blame.ts'
import { openPatches } from './diff.ts'
import type { DiffTree } from './difftree.ts'
import { openFolderCache, type FolderCache, type FolderCacheOptions } from './foldercache.ts'
import { openGraphs, type Graphs } from './graph.ts'
import { openObjects, type Objects } from './objects.ts'
import type { Refs } from '../refs/refs.ts'
import type { Git } from '../run/run.ts'

export interface Reads {
  git: Git
  refs: Refs
  objects: Objects
  graphs: Graphs
  patches: DiffTree
  /** Last commits by commit and folder: true for ever, so a repack leaves them; a purge does not. */
  folders: FolderCache
  blames: Blames
  /** To be called after a repack or a purge, and before a repository goes. */
  forget: (repoId: string) => void
  close: () => void
}

export function openReads(git: Git, refs: Refs, folders: FolderCacheOptions = {}): Reads {
  const objects = openObjects(git)
  const graphs = openGraphs(git, objects)
  const patches = openPatches(git)
  const blames = openBlames(git)
  return {
    git,
    refs,
    objects,
    graphs,
    patches,
    folders: openFolderCache(folders),
    blames,
    forget: (repoId) => {
      objects.forget(repoId)
      graphs.forget(repoId)
      patches.forget(repoId)
      blames.forget(repoId)
    },
    close: () => {
      objects.close()
      patches.close()
    },
  }
}
