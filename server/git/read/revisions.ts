// What a person types for a commit: branch, tag, full or short id, HEAD, also with a path behind it. Always ends in an id.
import { Fault } from '../../kit/fault.ts'
import { HIDDEN } from '../run/config.ts'
import { isAbbreviated, isOid } from '../format/oid.ts'
import type { Reads } from './reads.ts'
import { findRef, isForeign, type Repo, type Snapshot } from '../refs/refs.ts'
import { firstAtOrAfter, type Ref } from '../refs/refparse.ts'

export interface Revision {
  /** Of the commit, whatever tags lead to it. */
  oid: string
  kind: 'branch' | 'tag' | 'ref' | 'commit'
  /** Full name of the ref; absent for ids and for a detached HEAD. */
  name?: string
}

/** Throws `git.corrupt` where the refs are kept in a way that only git itself reads. */
export async function readRefs(reads: Reads, repo: Repo): Promise<Snapshot> {
  const answer = await reads.refs.read(repo)
  if (isForeign(answer)) throw new Fault('git.corrupt', { detail: answer.foreign })
  return answer
}

/** Branches or tags alone, sorted by bytes. */
export function refsUnder(snapshot: Snapshot, prefix: 'refs/heads/' | 'refs/tags/'): Ref[] {
  const { refs } = snapshot
  // The sign behind the slash ends all names that begin like this.
  return refs.slice(firstAtOrAfter(refs, prefix), firstAtOrAfter(refs, `${prefix.slice(0, -1)}0`))
}

export function isEmpty(snapshot: Snapshot): boolean {
  return !snapshot.refs.some(({ bytes }) => bytes.startsWith('refs/heads/') || bytes.startsWith('refs/tags/'))
}

/** Throws `git.object` when there is no such thing, `git.empty` when there is nothing at all. */
export async function resolve(reads: Reads, repo: Repo, text: string, signal?: AbortSignal): Promise<Revision> {
  const snapshot = await readRefs(reads, repo)
  const found = named(snapshot, text) ?? typedId(text)
  if (!found) throw absent(snapshot)
  return commitOf(reads, repo, { found, snapshot }, signal)
}

/**
 * A revision with a path behind it. Names of refs hold slashes too: the longest name that exists wins, and without any
 * the first part stands for a commit.
 */
export async function resolveWithPath(
  reads: Reads,
  repo: Repo,
  text: string,
  signal?: AbortSignal,
): Promise<Revision & { path: string }> {
  const snapshot = await readRefs(reads, repo)
  for (let end = text.length; end > 0; end = text.lastIndexOf('/', end - 1)) {
    const found = named(snapshot, text.slice(0, end))
    if (found) return { ...(await commitOf(reads, repo, { found, snapshot }, signal)), path: text.slice(end + 1) }
  }
  const [first = ''] = text.split('/', 1)
  const found = typedId(first)
  if (!found) throw absent(snapshot)
  return { ...(await commitOf(reads, repo, { found, snapshot }, signal)), path: text.slice(first.length + 1) }
}

/** The ref of this name. A branch wins over a tag; an id in full wins over both, so that permalinks stay what they are. */
function named(snapshot: Snapshot, text: string): Revision | undefined {
  if (isOid(text)) return undefined
  const branch = findRef(snapshot, `refs/heads/${text}`)
  if (branch) return revisionOf(branch, 'branch')
  const tag = findRef(snapshot, `refs/tags/${text}`)
  if (tag) return revisionOf(tag, 'tag')
  if (text === 'HEAD') return headOf(snapshot)
  // Refs of our own keep what was overwritten; they have no name for anybody.
  const ref = text.startsWith('refs/') && !text.startsWith(`${HIDDEN}/`) ? findRef(snapshot, text) : undefined
  if (!ref) return undefined
  return revisionOf(ref, text.startsWith('refs/heads/') ? 'branch' : text.startsWith('refs/tags/') ? 'tag' : 'ref')
}

function revisionOf(ref: Ref, kind: Revision['kind']): Revision {
  return { oid: ref.peeled ?? ref.oid, kind, name: ref.name }
}

function headOf({ head }: Snapshot): Revision | undefined {
  if (!head?.oid) return undefined
  const oid = head.peeled ?? head.oid
  return head.target === undefined ? { oid, kind: 'commit' } : { oid, kind: 'branch', name: head.target }
}

function typedId(text: string): Revision | undefined {
  const id = text.toLowerCase()
  return isAbbreviated(id) ? { oid: id, kind: 'commit' } : undefined
}

async function commitOf(
  reads: Reads,
  repo: Repo,
  { found, snapshot }: { found: Revision; snapshot: Snapshot },
  signal?: AbortSignal,
): Promise<Revision> {
  const commit = await reads.objects.info(repo, `${found.oid}^{commit}`, signal)
  if (commit) return { ...found, oid: commit.oid }
  throw found.name === undefined
    ? absent(snapshot)
    : new Fault('git.object', { detail: 'This does not lead to a commit.' })
}

function absent(snapshot: Snapshot): Fault {
  return new Fault(isEmpty(snapshot) ? 'git.empty' : 'git.object')
}
