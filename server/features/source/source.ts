// Files and folders of a repository for the API: what stands at an address, as values.
import type { Readable } from 'node:stream'
import { pathBytes } from '../../git/format/paths.ts'
import { type Revision, resolveWithPath } from '../../git/read/revisions.ts'
import { type Entry, entryAt, type Listing, listFolder } from '../../git/read/trees.ts'
import { Fault } from '../../kit/fault.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'

export interface Located {
  commit: string
  entry: Entry
  /** As it was written, without the path. */
  ref: string
  kind: Revision['kind']
}

/** What lies at `ref/path`; names of refs may hold slashes. Throws `git.object` where there is nothing. */
export async function locate(
  rooms: Rooms,
  repository: RepositoryView,
  address: string,
  signal: AbortSignal,
): Promise<Located> {
  const repo = repoOf(rooms, repository)
  const { oid, path, kind } = await resolveWithPath(rooms.reads, repo, address, signal)
  const entry = await entryAt(rooms.reads, repo, { commit: oid, path: pathBytes(path.replace(/\/+$/, '')) }, signal)
  if (!entry) throw new Fault('git.object')
  return { commit: oid, entry, kind, ref: address.slice(0, address.length - path.length).replace(/\/$/, '') }
}

/** Larger files come as a stream, and cost a process. */
const IN_HAND = 1024 * 1024

export interface FileContent {
  size: number
  body: Buffer | Readable
}

export async function readFile(
  rooms: Rooms,
  repository: RepositoryView,
  entry: Entry,
  signal: AbortSignal,
): Promise<FileContent> {
  const size = await sizeOfFile(rooms, repository, entry, signal)
  return { size, body: await bodyOfFile(rooms, repository, { oid: entry.oid, size }, signal) }
}

export async function sizeOfFile(
  rooms: Rooms,
  repository: RepositoryView,
  { oid }: Entry,
  signal: AbortSignal,
): Promise<number> {
  const info = await rooms.reads.objects.info(repoOf(rooms, repository), oid, signal)
  if (!info) throw new Fault('git.corrupt', { detail: 'a file in it is missing', oid })
  return info.size
}

export async function bodyOfFile(
  rooms: Rooms,
  repository: RepositoryView,
  { oid, size }: { oid: string; size: number },
  signal: AbortSignal,
): Promise<Buffer | Readable> {
  const repo = repoOf(rooms, repository)
  if (size > IN_HAND) return rooms.reads.objects.stream(repo, oid, signal)
  const object = await rooms.reads.objects.read(repo, oid, { max: IN_HAND, signal })
  if (!object?.data) throw new Fault('git.corrupt', { detail: 'a file in it is missing', oid })
  return object.data
}

/** So many entries are looked at for a filter or an order over all of a folder. */
const SELECTABLE = 10_000

export interface FolderWish {
  depth: number
  page: number
  pagelen: number
  /** The caller filters or sorts, so it needs all entries and cuts the page itself. */
  whole: boolean
}

export function readFolder(
  rooms: Rooms,
  repository: RepositoryView,
  folder: Entry,
  wish: FolderWish & { signal: AbortSignal },
): Promise<Listing> {
  const { depth, page, pagelen, whole } = wish
  const span = whole ? { offset: 0, limit: SELECTABLE } : { offset: (page - 1) * pagelen, limit: pagelen }
  return listFolder(rooms.reads, repoOf(rooms, repository), { folder, depth, ...span }, wish.signal)
}
