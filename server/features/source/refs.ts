// Branches and tags for the API, all looked up in one snapshot.
import { type Commit, parseTag, type Tag } from '../../git/format/commits.ts'
import { commitTimes, LISTED_MAX, readCommits } from '../../git/read/history.ts'
import { findRef, type Snapshot } from '../../git/refs/refs.ts'
import { isEmpty, readRefs, refsUnder } from '../../git/read/revisions.ts'
import { Fault } from '../../kit/fault.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'

export interface NamedRef {
  kind: 'branch' | 'tag'
  name: string
}

export interface ReadRef extends NamedRef {
  target: Commit
  /** Of an annotated tag. */
  tag?: Tag
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

/** What can be said of a ref without reading what it points at; in the shape that filters are written for. */
export interface SeenRef extends NamedRef {
  target: { hash: string; date: string }
}

/** The same refs, with the id of the commit that each leads to, and when that was made. Without a date: nobody knows. */
export async function seeRefs(
  rooms: Rooms,
  repository: RepositoryView,
  kinds: readonly NamedRef['kind'][],
  signal: AbortSignal,
): Promise<SeenRef[]> {
  const repo = repoOf(rooms, repository)
  const snapshot = await readRefs(rooms.reads, repo)
  const refs = kinds.flatMap((kind) => refsUnder(snapshot, PREFIX[kind]).map((ref) => ({ kind, ref })))
  const hashes = new Set(refs.map(({ ref }) => ref.peeled ?? ref.oid))
  const targets = new Map<string, SeenRef['target']>()
  const times = await commitTimes(rooms.reads, repo, hashes, signal)
  for (const hash of hashes) {
    const time = times.get(hash)
    targets.set(hash, { hash, date: time === undefined ? '' : new Date(time * 1000).toISOString() })
  }
  return refs.map(({ kind, ref }) => {
    const hash = ref.peeled ?? ref.oid
    return { kind, name: ref.name.slice(PREFIX[kind].length), target: targets.get(hash) ?? { hash, date: '' } }
  })
}

/** Refs with their commits. One that leads to no commit, or went in the meantime, is left out. */
export async function readNamedRefs(
  rooms: Rooms,
  repository: RepositoryView,
  refs: readonly NamedRef[],
): Promise<ReadRef[]> {
  const snapshot = await readRefs(rooms.reads, repoOf(rooms, repository))
  const read = refs.map(async (ref) => {
    try {
      return await readIn(rooms, repository, snapshot, ref)
    } catch (error) {
      if (error instanceof Fault && error.code === 'git.object') return undefined
      throw error
    }
  })
  return (await Promise.all(read)).filter((ref) => ref !== undefined)
}

/** Throws `git.object` for one that is not there. */
export async function readRef(rooms: Rooms, repository: RepositoryView, ref: NamedRef): Promise<ReadRef> {
  return readIn(rooms, repository, await readRefs(rooms.reads, repoOf(rooms, repository)), ref)
}

async function readIn(rooms: Rooms, repository: RepositoryView, snapshot: Snapshot, ref: NamedRef): Promise<ReadRef> {
  const repo = repoOf(rooms, repository)
  const found = findRef(snapshot, PREFIX[ref.kind] + ref.name)
  if (!found) throw new Fault(isEmpty(snapshot) ? 'git.empty' : 'git.object')
  const { oid, peeled } = found
  const [target] = await readCommits(rooms.reads, repo, [peeled ?? oid])
  if (!target) throw new Fault('git.object')
  const part = { max: LISTED_MAX, part: true }
  const object = peeled === undefined ? undefined : await rooms.reads.objects.read(repo, oid, part)
  return { ...ref, target, ...(object?.data ? { tag: parseTag(oid, object.data) } : {}) }
}
