// Folders and files of a commit. Symbolic links are entries like any other: nothing here follows them.
import { Fault } from '../../kit/fault.ts'
import { captureHead } from '../run/capture.ts'
import { readCommit } from './history.ts'
import { isOid } from '../format/oid.ts'
import { pathNames } from '../format/paths.ts'
import type { Reads } from './reads.ts'
import type { Repo } from '../refs/refs.ts'
import { entryAtPlace, findEntry, foldersFirst, type TreeData, type TreeEntry } from '../format/treeobject.ts'

export interface Entry extends TreeEntry {
  /** From the root of the repository, without slashes at its ends. */
  path: Buffer
  /** Bytes; of files and links only, and only where it was asked for. */
  size?: number
}

/** Bytes of one tree: about a million entries. */
const TREE_MAX = 64 * 1024 * 1024
/** Entries that one listing goes through, whatever page of it is asked for: trees may be made to explode. */
const VISITED_MAX = 100_000

/** What lies at a path; the root for the empty one; undefined when there is nothing. */
export async function entryAt(
  reads: Reads,
  repo: Repo,
  at: { commit: string; path: Buffer },
  signal?: AbortSignal,
): Promise<Entry | undefined> {
  const names = pathNames(at.path)
  const { tree } = await readCommit(reads, repo, at.commit, signal)
  let entry: TreeEntry | undefined = { name: Buffer.alloc(0), mode: '040000', kind: 'folder', oid: tree }
  for (const name of names ?? []) {
    if (entry?.kind !== 'folder') return undefined
    entry = findEntry(await readTree(reads, repo, entry.oid, signal), name)
  }
  return names && entry ? { ...entry, path: join(names) } : undefined
}

export async function readTree(reads: Reads, repo: Repo, oid: string, signal?: AbortSignal): Promise<TreeData> {
  const tree = await reads.objects.read(repo, oid, { max: TREE_MAX, signal })
  if (tree?.kind !== 'tree') throw new Fault('git.corrupt', { detail: 'a folder in it is missing', oid })
  if (!tree.data) throw new Fault('git.output')
  return { data: tree.data, idBytes: tree.oid.length / 2 }
}

export interface Listing {
  entries: Entry[]
  more: boolean
}

export interface ListWish {
  folder: Pick<Entry, 'oid' | 'path'>
  /** 1 lists the folder alone. */
  depth: number
  offset: number
  limit: number
}

/** A page of what is in a folder, level by level, in each folder the folders first. Sizes are included. */
export async function listFolder(reads: Reads, repo: Repo, wish: ListWish, signal?: AbortSignal): Promise<Listing> {
  const { offset, limit } = wish
  const waiting = [{ oid: wish.folder.oid, path: wish.folder.path, level: 1 }]
  const entries: Entry[] = []
  let visited = 0
  for (let folder = waiting.shift(); folder; folder = waiting.shift()) {
    const tree = await readTree(reads, repo, folder.oid, signal)
    for (const place of foldersFirst(tree)) {
      if (visited >= offset + limit) return { entries: await withSizes(reads, repo, entries, signal), more: true }
      if (visited++ >= VISITED_MAX && wish.depth > 1) throw new Fault('git.output')
      const deeper = folder.level < wish.depth
      if (visited <= offset && !deeper) continue
      const entry = entryAtPlace(tree, place)
      const path = folder.path.length === 0 ? entry.name : join([folder.path, entry.name])
      if (visited > offset) entries.push({ ...entry, path })
      if (deeper && entry.kind === 'folder') waiting.push({ oid: entry.oid, path, level: folder.level + 1 })
    }
  }
  return { entries: await withSizes(reads, repo, entries, signal), more: false }
}

export async function withSizes(reads: Reads, repo: Repo, entries: Entry[], signal?: AbortSignal): Promise<Entry[]> {
  const sizes = new Map<string, number>()
  const unknown: string[] = []
  for (const { kind, oid } of entries) {
    if (kind === 'folder' || kind === 'submodule') continue
    const known = reads.objects.known(repo, oid)
    if (known) sizes.set(oid, known.size)
    else unknown.push(oid)
  }
  const asked = await Promise.all(unknown.map((oid) => reads.objects.info(repo, oid, signal)))
  for (const info of asked) if (info) sizes.set(info.oid, info.size)
  return entries.map((entry) => {
    const size = sizes.get(entry.oid)
    return size === undefined ? entry : { ...entry, size }
  })
}

const FILE_LIST_BYTES = 8 * 1024 * 1024

/** Paths of all files of a commit, in git's order, for going to a file by its name. `truncated`: there are more. */
export async function listFiles(
  reads: Reads,
  repo: Repo,
  commit: string,
  options: { limit: number; signal?: AbortSignal },
): Promise<{ paths: Buffer[]; truncated: boolean }> {
  if (!isOid(commit)) throw new Error('not an object id')
  const { limit, signal } = options
  const call = {
    name: 'list files',
    args: ['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit],
    repo: repo.id,
    cwd: repo.path,
    ...(signal ? { signal } : {}),
  }
  const { data, truncated } = await captureHead(reads.git, call, FILE_LIST_BYTES)
  const paths: Buffer[] = []
  for (let at = 0, end = data.indexOf(0); end >= 0 && paths.length <= limit; end = data.indexOf(0, at)) {
    paths.push(data.subarray(at, end))
    at = end + 1
  }
  const more = paths.length > limit
  return { paths: more ? paths.slice(0, limit) : paths, truncated: truncated || more }
}

function join(names: Buffer[]): Buffer {
  return Buffer.concat(names.flatMap((name, at) => (at === 0 ? [name] : [SLASH, name])))
}

const SLASH = Buffer.from('/')
