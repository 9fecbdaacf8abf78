// How far branches stand from a base: all of them in one walk over the graph of commits.
import type { AheadBehindList } from '../../contract/find.ts'
import { type AheadBehind, aheadBehind } from '../../git/read/history.ts'
import { readRefs, resolve } from '../../git/read/revisions.ts'
import { findRef } from '../../git/refs/refs.ts'
import { Fault } from '../../kit/fault.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'
import type { NamedRef } from './refs.ts'

interface Wish {
  /** Default: the main branch, whether it is there or not. */
  base: string | undefined
  branches: readonly NamedRef[]
}

/** A branch that is not there is left out. */
export async function aheadBehindOf(
  rooms: Rooms,
  repository: RepositoryView,
  wish: Wish,
  signal: AbortSignal,
): Promise<AheadBehindList> {
  const repo = repoOf(rooms, repository)
  const snapshot = await readRefs(rooms.reads, repo)
  const found = wish.branches.flatMap(({ name }) => {
    const ref = findRef(snapshot, `refs/heads/${name}`)
    return ref ? [{ name, hash: ref.peeled ?? ref.oid }] : []
  })
  const main = findRef(snapshot, `refs/heads/${repository.main_branch}`)
  const base = wish.base === undefined ? main?.oid : (await resolve(rooms.reads, repo, wish.base, signal)).oid
  const far: Far = base === undefined ? new Map() : await walk(rooms, repository, { base, found }, signal)
  const values = found.map(({ name, hash }) => {
    const { ahead = null, behind = null } = far.get(hash) ?? {}
    return { name, hash, ahead, behind }
  })
  return { base: base ?? null, values }
}

type Far = Map<string, AheadBehind>

async function walk(
  rooms: Rooms,
  repository: RepositoryView,
  { base, found }: { base: string; found: readonly { hash: string }[] },
  signal: AbortSignal,
): Promise<Far> {
  const repo = repoOf(rooms, repository)
  const far: Far = new Map()
  const ask = async (tips: readonly string[]): Promise<void> => {
    const counts = await aheadBehind(rooms.reads, repo, { base, tips }, signal)
    for (const [i, count] of counts.entries()) far.set(tips[i] ?? '', count)
  }
  const hashes = [...new Set(found.map(({ hash }) => hash))]
  try {
    await ask(hashes)
  } catch (error) {
    needDamage(error)
    // One that leads to no commit, or into a hole, must not hide the others.
    for (const hash of hashes) await ask([hash]).catch(needDamage)
  }
  return far
}

/** Throws what is nothing that a repository can have by itself. */
function needDamage(error: unknown): void {
  if (!(error instanceof Fault && (error.code === 'git.object' || error.code === 'git.corrupt'))) throw error
}
