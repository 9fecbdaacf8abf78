// What a comparison changes, for pages: a list with modes and reasons to fold first, then patches and lines as asked.
import type { ChangedFile, ChangeList, FileLines } from '../../contract/changes.ts'
import { type DiffWish, filePatches, listChanges } from '../../git/read/diff.ts'
import { pathBytes, pathText } from '../../git/format/paths.ts'
import type { FilePatch } from '../../git/format/patches.ts'
import type { FileChange } from '../../git/format/rawdiff.ts'
import { entryAt } from '../../git/read/trees.ts'
import { Fault } from '../../kit/fault.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'
import { ATTRIBUTES_MAX, foldedOf, openBudget, parseAttributes, type Rule } from './generated.ts'
import { locate } from './source.ts'

/** So many files are listed; of more, how many there are. */
const FILES_MAX = 5000

export async function changesOf(
  rooms: Rooms,
  repository: RepositoryView,
  wish: DiffWish,
  signal: AbortSignal,
): Promise<Pick<ChangeList, 'files' | 'counted' | 'size'>> {
  const [rules, changes] = await Promise.all([
    rulesAt(rooms, repository, wish.to, signal),
    listChanges(rooms.reads, repoOf(rooms, repository), wish, signal),
  ])
  const budget = openBudget()
  const files = changes.files.slice(0, FILES_MAX).map((change) => {
    const shown = presentChange(change, changes.counted)
    return Object.assign(shown, { folded: foldedOf(shown.new ?? shown.old ?? '', rules, budget) })
  })
  return { files, counted: changes.counted, size: changes.truncated ? null : changes.files.length }
}

/** Only the one at the root counts, as it is in the commit; one that is not there or no file marks nothing. */
async function rulesAt(rooms: Rooms, repository: RepositoryView, commit: string, signal: AbortSignal): Promise<Rule[]> {
  const repo = repoOf(rooms, repository)
  const entry = await entryAt(rooms.reads, repo, { commit, path: Buffer.from('.gitattributes') }, signal)
  if (entry?.kind !== 'file' && entry?.kind !== 'executable') return []
  const object = await rooms.reads.objects.read(repo, entry.oid, { max: ATTRIBUTES_MAX, signal })
  return parseAttributes(object?.data?.toString() ?? '')
}

function presentChange(change: FileChange, counted: boolean): Omit<ChangedFile, 'folded'> {
  const [old, now] = [change.oldPath, change.newPath].map((path) => (path === undefined ? null : pathText(path)))
  return {
    status: change.status,
    old: old ?? null,
    new: now ?? null,
    old_mode: change.oldMode,
    new_mode: change.newMode,
    added: change.added ?? null,
    removed: change.removed ?? null,
    is_binary: counted && change.added === undefined,
  }
}

/** Of one file; more of it can be had as the patch of the whole. */
const PATCH_MAX = 512 * 1024

export function patchesOf(
  rooms: Rooms,
  repository: RepositoryView,
  wish: DiffWish,
  signal: AbortSignal,
): Promise<FilePatch[]> {
  return filePatches(rooms.reads, repoOf(rooms, repository), { ...wish, maxBytes: PATCH_MAX }, signal)
}

const FILE_MAX = 8 * 1024 * 1024
const LINES_MAX = 5000
const BYTES_MAX = 1024 * 1024

/** Lines `from` to `to` of the file at `ref/path`, counted from 1; fewer where there are no more, or they are long. */
export async function linesOf(
  rooms: Rooms,
  repository: RepositoryView,
  { address, from, to }: { address: string; from: number; to: number },
  signal: AbortSignal,
): Promise<FileLines> {
  const { entry } = await locate(rooms, repository, address, signal)
  if (entry.kind === 'folder' || entry.kind === 'submodule') throw new Fault('git.object')
  const object = await rooms.reads.objects.read(repoOf(rooms, repository), entry.oid, { max: FILE_MAX, signal })
  if (!object) throw new Fault('git.corrupt', { detail: 'a file in it is missing', oid: entry.oid })
  if (!object.data) throw new Fault('git.output')
  const all = object.data.toString().replace(/\n$/, '').split('\n')
  const lines: string[] = []
  let bytes = 0
  for (const line of all.slice(from - 1, Math.min(to, from - 1 + LINES_MAX))) {
    bytes += line.length
    if (bytes > BYTES_MAX) break
    lines.push(line)
  }
  return { from, size: all.length, lines }
}

/** The files that lines mean nothing in. */
export async function binaryPaths(
  rooms: Rooms,
  repository: RepositoryView,
  wish: DiffWish,
  signal: AbortSignal,
): Promise<Buffer[]> {
  const { files, counted } = await listChanges(rooms.reads, repoOf(rooms, repository), wish, signal)
  if (!counted) throw new Fault('git.output', { detail: 'There are too many files to leave some of them out.' })
  const paths = files.filter(({ added }) => added === undefined).flatMap(({ oldPath, newPath }) => [oldPath, newPath])
  const binary = [...new Set(paths.filter((path) => path !== undefined).map(pathText))].map(pathBytes)
  if (binary.length > BINARY_MAX)
    throw new Fault('git.output', { detail: 'There are too many binary files to leave them out.' })
  return binary
}

const BINARY_MAX = 1000
