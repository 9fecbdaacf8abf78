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

interface Listed {
  kind: NamedRef['kind']
  name: string
  /** Of the commit that it leads to. */
  hash: string
}

/** The refs of these kinds, branches before tags, each by name. */
async function refsOf(rooms: Rooms, repository: RepositoryView, kinds: readonly NamedRef['kind'][]): Promise<Listed[]> {
  const snapshot = await readRefs(rooms.reads, repoOf(rooms, repository))
  return kinds.flatMap((kind) =>
    refsUnder(snapshot, PREFIX[kind]).map(({ name, oid, peeled }) => ({
      kind,
      name: name.slice(PREFIX[kind].length),
      hash: peeled ?? oid,
    })),
  )
}

/** Names alone. A tag may lead to a file or a folder: such a one is in no list, so that what is counted can be shown. */
export async function refNames(
  rooms: Rooms,
  repository: RepositoryView,
  kinds: readonly NamedRef['kind'][],
  signal: AbortSignal,
): Promise<NamedRef[]> {
  const refs = await refsOf(rooms, repository, kinds)
  const tagged = new Set(refs.filter(({ kind }) => kind === 'tag').map(({ hash }) => hash))
  const commits =
    tagged.size === 0 ? new Map() : await commitTimes(rooms.reads, repoOf(rooms, repository), tagged, signal)
  return refs
    .filter(({ kind, hash }) => kind === 'branch' || commits.has(hash))
    .map(({ kind, name }) => ({ kind, name }))
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
  const refs = await refsOf(rooms, repository, kinds)
  const hashes = new Set(refs.map(({ hash }) => hash))
  const targets = new Map<string, SeenRef['target']>()
  const times = await commitTimes(rooms.reads, repoOf(rooms, repository), hashes, signal)
  for (const hash of hashes) {
    const time = times.get(hash)
    targets.set(hash, { hash, date: time === undefined ? '' : new Date(time * 1000).toISOString() })
  }
  return refs
    .filter(({ kind, hash }) => kind === 'branch' || times.has(hash))
    .map(({ kind, name, hash }) => ({ kind, name, target: targets.get(hash) ?? { hash, date: '' } }))
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
