// Reading a repository for the API: what stands at an address, as values.
import { type Commit, type Tag, COMMIT_MAX, parseTag } from '../../git/commits.ts'
import { log, readCommit, readCommits } from '../../git/history.ts'
import { pathBytes } from '../../git/paths.ts'
import { isEmpty, readRefs, refsUnder, resolve, resolveWithPath } from '../../git/revisions.ts'
import { type Entry, entryAt } from '../../git/trees.ts'
import { Fault } from '../../kit/fault.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from './door.ts'
import type { NamedRef } from './present-source.ts'

export interface Located {
  commit: string
  entry: Entry
}

/** What lies at `ref/path`; names of refs may hold slashes. Throws `git.object` where there is nothing. */
export async function locate(
  rooms: Rooms,
  repository: RepositoryView,
  address: string,
  signal: AbortSignal,
): Promise<Located> {
  const repo = repoOf(rooms, repository)
  const { oid, path } = await resolveWithPath(rooms.reads, repo, address, signal)
  const entry = await entryAt(rooms.reads, repo, { commit: oid, path: pathBytes(path.replace(/\/+$/, '')) }, signal)
  if (!entry) throw new Fault('git.object')
  return { commit: oid, entry }
}

export interface LogWish {
  include: string[]
  exclude: string[]
  after: string | undefined
  limit: number
}

/** Commits of the named revisions, or of all branches when none is named. An empty repository has none. */
export async function commitLog(
  rooms: Rooms,
  repository: RepositoryView,
  wish: LogWish,
  signal: AbortSignal,
): Promise<{ commits: Commit[]; next: string | undefined }> {
  const repo = repoOf(rooms, repository)
  const oidOf = async (text: string): Promise<string> => (await resolve(rooms.reads, repo, text, signal)).oid
  const include =
    wish.include.length > 0 ? await Promise.all(wish.include.map(oidOf)) : await branchTips(rooms, repository)
  if (include.length === 0) return { commits: [], next: undefined }
  const exclude = await Promise.all(wish.exclude.map(oidOf))
  const page = await log(rooms.reads, repo, { include, exclude, after: wish.after, limit: wish.limit }, signal)
  return { commits: await readCommits(rooms.reads, repo, page.oids, signal), next: page.next }
}

async function branchTips(rooms: Rooms, repository: RepositoryView): Promise<string[]> {
  const snapshot = await readRefs(rooms.reads, repoOf(rooms, repository))
  return [...new Set(refsUnder(snapshot, 'refs/heads/').map(({ oid }) => oid))]
}

const PREFIX = { branch: 'refs/heads/', tag: 'refs/tags/' } as const

/** Names of the refs of these kinds, branches before tags, each by name. */
export async function refNames(
  rooms: Rooms,
  repository: RepositoryView,
  kinds: readonly NamedRef['kind'][],
): Promise<NamedRef[]> {
  const snapshot = await readRefs(rooms.reads, repoOf(rooms, repository))
  return kinds.flatMap((kind) =>
    refsUnder(snapshot, PREFIX[kind]).map(({ name }) => ({ kind, name: name.slice(PREFIX[kind].length) })),
  )
}

export interface ReadRef extends NamedRef {
  target: Commit
  tag?: Tag
}

/** A ref with its commit; an annotated tag also with what it says. Throws `git.object` for one that is not there. */
export async function readRef(rooms: Rooms, repository: RepositoryView, ref: NamedRef): Promise<ReadRef> {
  const repo = repoOf(rooms, repository)
  const snapshot = await readRefs(rooms.reads, repo)
  const full = PREFIX[ref.kind] + ref.name
  const found = refsUnder(snapshot, PREFIX[ref.kind]).find(({ name }) => name === full)
  if (!found) throw new Fault(isEmpty(snapshot) ? 'git.empty' : 'git.object')
  const { oid } = await resolve(rooms.reads, repo, full)
  const target = await readCommit(rooms.reads, repo, oid)
  const object =
    found.peeled === undefined ? undefined : await rooms.reads.objects.read(repo, found.oid, { max: COMMIT_MAX })
  return { ...ref, target, ...(object?.data ? { tag: parseTag(object.oid, object.data) } : {}) }
}
