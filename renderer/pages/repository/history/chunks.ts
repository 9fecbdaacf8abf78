// Which patches are fetched together: neighbours in small groups; what is folded, and what is renamed, alone.
import type { ChangedFile } from '../../../../server/contract/changes.ts'
import { linesOf, pathOf, reasonToFold } from '../../../code/diff-facts.ts'

export interface Chunk {
  /** Paths to ask for: of a renamed file both. */
  paths: string[]
  /** A renamed file is told by its two names, others are looked at by name only. */
  renames: boolean
}

export interface Chunks {
  chunks: Chunk[]
  /** By place in the list of files. */
  chunkOf: number[]
}

interface Group extends Chunk {
  lines: number
  letters: number
}

const FILES_MAX = 20
const LINES_MAX = 1500
/** Names stand in an address, each letter as up to nine. */
const LETTERS_MAX = 1000

export function chunksOf(files: readonly ChangedFile[]): Chunks {
  const chunks: Chunk[] = []
  const chunkOf: number[] = []
  let group: Group | undefined
  for (const file of files) {
    const path = pathOf(file)
    const moved = file.status === 'renamed' || file.status === 'copied'
    if (moved || reasonToFold(file) !== undefined) {
      chunks.push({ paths: [...new Set([file.old ?? path, path])], renames: moved })
      chunkOf.push(chunks.length - 1)
      continue
    }
    const [lines, letters] = [linesOf(file), path.length]
    const full =
      group &&
      (group.paths.length >= FILES_MAX || group.lines + lines > LINES_MAX || group.letters + letters > LETTERS_MAX)
    if (!group || full) {
      group = { paths: [], renames: false, lines: 0, letters: 0 }
      chunks.push(group)
    }
    group.paths.push(path)
    group.lines += lines
    group.letters += letters
    chunkOf.push(chunks.indexOf(group))
  }
  return { chunks: chunks.map(({ paths, renames }) => ({ paths, renames })), chunkOf }
}
