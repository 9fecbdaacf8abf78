// What to compare, as Bitbucket's addresses say it: one commit, or `source..destination` the other way round than git.
import { Fault } from '../../kit/fault.ts'
import { mergeBases, readCommit } from './history.ts'
import type { Reads } from './reads.ts'
import type { Repo } from '../refs/refs.ts'
import { resolve } from './revisions.ts'

export interface Comparison {
  /** Where the changes start from; null before the first commit. */
  from: string | null
  /** Where they lead to. */
  to: string
  /** The other commit of `source..destination`; absent for a single commit. */
  destination?: string
}

/**
 * A single commit is compared with its first parent, or with the one that is asked for. `a..b` asks what `a` has: with `topic` since it left `b`, without
 * it against `b` as it stands.
 */
export async function resolveComparison(
  reads: Reads,
  repo: Repo,
  wish: { spec: string; topic: boolean; parent?: number | undefined },
  signal?: AbortSignal,
): Promise<Comparison> {
  const { spec, topic, parent = 1 } = wish
  const dots = spec.indexOf('..')
  if (dots < 0) {
    const { oid } = await resolve(reads, repo, spec, signal)
    const { parents } = await readCommit(reads, repo, oid, signal)
    if (parent > 1 && parents[parent - 1] === undefined)
      throw new Fault('git.object', { detail: `This commit has no parent ${parent}.` })
    return { from: parents[parent - 1] ?? null, to: oid }
  }
  if (dots === 0 || dots + 2 === spec.length)
    throw new Fault('git.object', { detail: 'Both ends of a comparison must be named.' })
  const source = await resolve(reads, repo, spec.slice(0, dots), signal)
  const destination = await resolve(reads, repo, spec.slice(dots + 2), signal)
  const [base] = topic ? await mergeBases(reads, repo, [source.oid, destination.oid], signal) : []
  return { from: base ?? destination.oid, to: source.oid, destination: destination.oid }
}
