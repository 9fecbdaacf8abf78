// Commits of a repository for the API: of branches, between them, and of one file across its names.
import type { Commit } from '../../git/format/commits.ts'
import { log, readCommit, readCommits } from '../../git/read/history.ts'
import { pathBytes, pathText } from '../../git/format/paths.ts'
import { pathHistory } from '../../git/read/pathlog.ts'
import { readRefs, refsUnder, resolve } from '../../git/read/revisions.ts'
import { type LogFilter, searchLog } from '../../git/read/searchlog.ts'
import { type Entry, entryAt, withSizes } from '../../git/read/trees.ts'
import { Fault } from '../../kit/fault.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { type LogCursor, PINNED_MAX } from './cursor.ts'
import { repoOf } from '../repositories/door.ts'

export interface LogWish {
  include: readonly string[]
  exclude: readonly string[]
  /** Only those that fit. */
  filter: LogFilter
  cursor: LogCursor | undefined
  limit: number
}

interface Tips {
  include: readonly string[]
  exclude: readonly string[]
}

/** Commits of the named revisions, or of all branches when none is named. An empty repository has none. */
export async function commitLog(
  rooms: Rooms,
  repository: RepositoryView,
  wish: LogWish,
  signal: AbortSignal,
): Promise<{ commits: Commit[]; next: LogCursor | undefined }> {
  const { cursor, limit, filter } = wish
  const repo = repoOf(rooms, repository)
  const tips = pinnedTips(cursor) ?? (await tipsOf(rooms, repository, wish, signal))
  if (tips.include.length === 0) return { commits: [], next: undefined }
  const pinned = tips.include.length + tips.exclude.length <= PINNED_MAX ? mutable(tips) : {}
  const range = { ...tips, after: cursor?.after, limit }
  const filtered = Object.values(filter).some((value) => value !== undefined)
  const { oids, next } = filtered
    ? await searchLog(rooms.reads, repo, { ...range, ...filter }, signal)
    : await log(rooms.reads, repo, range, signal)
  return {
    commits: await readCommits(rooms.reads, repo, oids, signal),
    next: next === undefined ? next : { ...pinned, after: next },
  }
}

function pinnedTips(cursor: LogCursor | undefined): Tips | undefined {
  return cursor?.include && { include: cursor.include, exclude: cursor.exclude ?? [] }
}

function mutable({ include, exclude }: Tips): Pick<LogCursor, 'include' | 'exclude'> {
  return { include: [...include], exclude: [...exclude] }
}

async function tipsOf(rooms: Rooms, repository: RepositoryView, wish: LogWish, signal: AbortSignal): Promise<Tips> {
  const repo = repoOf(rooms, repository)
  const oidOf = async (text: string): Promise<string> => (await resolve(rooms.reads, repo, text, signal)).oid
  const include =
    wish.include.length > 0 ? await Promise.all(wish.include.map(oidOf)) : await branchTips(rooms, repository)
  return { include, exclude: include.length === 0 ? [] : await Promise.all(wish.exclude.map(oidOf)) }
}

async function branchTips(rooms: Rooms, repository: RepositoryView): Promise<string[]> {
  const snapshot = await readRefs(rooms.reads, repoOf(rooms, repository))
  return [...new Set(refsUnder(snapshot, 'refs/heads/').map(({ oid }) => oid))]
}

export interface FileVersion {
  commit: Commit
  /** As it is in this commit; undefined where the commit removed it. */
  entry: Entry | undefined
  path: Buffer
}

export interface FileWish {
  commit: string
  path: string
  /** Go on under the names that it had before. */
  renames: boolean
  cursor: LogCursor | undefined
  limit: number
}

/** The versions of a file or folder, latest first. Throws `git.object` where no commit ever had it. */
export async function fileLog(
  rooms: Rooms,
  repository: RepositoryView,
  wish: FileWish,
  signal: AbortSignal,
): Promise<{ versions: FileVersion[]; next: LogCursor | undefined }> {
  const repo = repoOf(rooms, repository)
  const { include = [wish.commit], path: before, skip = 0 } = wish.cursor ?? {}
  const path = pathBytes(before ?? wish.path.replace(/\/+$/, ''))
  if (path.length === 0) throw new Fault('git.object')
  const here = await entryAt(rooms.reads, repo, { commit: include[0] ?? wish.commit, path }, signal)
  const place = { include, path, skip, limit: wish.limit, follow: wish.renames && here?.kind !== 'folder' }
  const page = await pathHistory(rooms.reads, repo, place, signal)
  if (page.records.length === 0 && !wish.cursor) throw new Fault('git.object')
  const versions = await Promise.all(page.records.map((record) => versionAt(rooms, repository, record, signal)))
  const { next } = page
  return { versions, next: next && { include: [...next.include], path: pathText(next.path), skip: next.skip } }
}

async function versionAt(
  rooms: Rooms,
  repository: RepositoryView,
  { oid, path }: { oid: string; path: Buffer },
  signal: AbortSignal,
): Promise<FileVersion> {
  const repo = repoOf(rooms, repository)
  const found = await entryAt(rooms.reads, repo, { commit: oid, path }, signal)
  const [entry] = found ? await withSizes(rooms.reads, repo, [found], signal) : []
  return { commit: await readCommit(rooms.reads, repo, oid, signal), entry, path }
}
