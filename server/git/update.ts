// Moves one ref, if it still stands where the caller saw it: the way of page edits and REST into a repository.
import { Fault } from '../kit/fault.ts'
import type { Repo } from './refs.ts'
import type { Git } from './run.ts'

export const ZERO_OID = '0'.repeat(40)

export interface RefMove {
  ref: string
  /** All zeros: the ref must not exist yet. */
  oldOid: string
  /** All zeros: the ref goes away. */
  newOid: string
}

/** `moved`, or why not: somebody was faster, or the name stands in the way of another (a and a/b). */
export async function moveRef(git: Git, repo: Repo, move: RefMove): Promise<'moved' | 'changed' | 'blocked'> {
  const verb = /^0+$/.test(move.newOid)
    ? `delete ${move.ref}\0${move.oldOid}\0`
    : `update ${move.ref}\0${move.newOid}\0${move.oldOid}\0`
  const answer = await git.exec({
    name: 'update-ref',
    args: ['update-ref', '-z', '--stdin'],
    input: verb,
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
