// Moves refs that still stand where the caller saw them: the way of page edits and REST into a repository, and the end
// of an atomic push that a crash cut in two.
import { Fault } from '../../kit/fault.ts'
import type { Repo } from './refs.ts'
import type { Git } from '../run/run.ts'

export const ZERO_OID = '0'.repeat(40)

export interface RefMove {
  ref: string
  /** All zeros: the ref must not exist yet. */
  oldOid: string
  /** All zeros: the ref goes away. */
  newOid: string
}

/** All or none. `moved`, or why not: somebody was faster, or a name stands in the way of another (a and a/b). */
export async function moveRefs(
  git: Git,
  repo: Repo,
  moves: readonly RefMove[],
): Promise<'moved' | 'changed' | 'blocked'> {
  const answer = await git.exec({
    name: 'update-ref',
    args: ['update-ref', '-z', '--stdin'],
    input: moves.map(verb).join(''),
    cwd: repo.path,
    repo: repo.id,
    expect: [0, 1, 128],
  })
  if (answer.code === 0) return 'moved'
  if (/exists; cannot create|non-empty directory|there are still refs under|conflict/i.test(answer.stderr))
    return 'blocked'
  if (/but expected|reference already exists|unable to resolve reference|cannot lock ref/i.test(answer.stderr))
    return 'changed'
  throw new Fault('git.failed', { name: 'update-ref', stderr: answer.stderr })
}

function verb({ ref, oldOid, newOid }: RefMove): string {
  return /^0+$/.test(newOid) ? `delete ${ref}\0${oldOid}\0` : `update ${ref}\0${newOid}\0${oldOid}\0`
}

/**
 * Git makes the moves of an atomic push one rename after the other, so a git that is killed between two of them leaves
 * half. Objects are all there by then, and what is left to move is moved here. What was refused as a whole stays so.
 */
export async function completeAtomic<T extends RefMove & { ok: boolean }>(
  git: Git,
  repo: Repo,
  results: readonly T[],
): Promise<readonly T[]> {
  const asked = results.filter(({ oldOid, newOid }) => oldOid !== newOid)
  const missing = asked.filter(({ ok }) => !ok)
  if (missing.length === 0 || missing.length === asked.length) return results
  const outcome = await moveRefs(git, repo, missing)
  if (outcome === 'moved') return results.map((one) => ({ ...one, ok: true }))
  git.log.error({ repository: repo.id, outcome }, 'the rest of an atomic push could not be carried out')
  return results
}
