// Whether a branch moved forward: near commits are read here, and git walks the rest.
import { readCommit } from './history.ts'
import type { Reads } from './reads.ts'
import type { Repo } from '../refs/refs.ts'
import type { Git } from '../run/run.ts'

/** A process costs as much as reading so many commits one after the other. */
const NEAR = 8

/**
 * True when `to` is `from` or a descendant of it. Meant for commits that have just come in and stand in no
 * commit-graph yet, where each must be read: a push may bring thousands.
 */
export async function isForward(
  rooms: { git: Git; reads: Reads },
  repo: Repo,
  { from, to }: { from: string; to: string },
): Promise<boolean> {
  let at: string | undefined = to
  for (let step = 0; at !== undefined && step < NEAR; step++) {
    if (at === from) return true
    at = await firstParent(rooms.reads, repo, at)
  }
  const { code } = await rooms.git.exec({
    name: 'is ancestor',
    args: ['merge-base', '--is-ancestor', '--end-of-options', from, to],
    cwd: repo.path,
    repo: repo.id,
    expect: [0, 1, 128],
  })
  return code === 0
}

/** Undefined for a root, and for a tag or whatever else a ref may point at: git knows what to make of it. */
async function firstParent(reads: Reads, repo: Repo, oid: string): Promise<string | undefined> {
  return readCommit(reads, repo, oid).then(
    (commit) => commit.parents[0],
    () => undefined,
  )
}
