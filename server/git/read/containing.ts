// Which refs lead to a commit, as the tip or further down.
import { containingWalk } from '../graph/containing.ts'
import { openPace } from './history.ts'
import type { Graph } from './graph.ts'
import type { Reads } from './reads.ts'
import type { Ref } from '../refs/refparse.ts'
import type { Repo } from '../refs/refs.ts'
import { Fault } from '../../kit/fault.ts'

/** So many tags are looked at one by one where some of them lead to no commit. */
const ONE_BY_ONE = 2000

/** Those of the refs that have the commit in their history, in the same order. What leads to no commit has none. */
export async function containing(
  reads: Reads,
  repo: Repo,
  { commit, refs }: { commit: string; refs: readonly Ref[] },
  signal?: AbortSignal,
): Promise<Ref[]> {
  const { graph, known } = await covered(reads, repo, { commit, refs }, signal)
  const tips = known.map(({ oid, peeled }) => graph.idOf(peeled ?? oid))
  const has = await containingWalk(graph, graph.idOf(commit), tips, openPace(signal))
  return known.filter((_ref, at) => has[at])
}

async function covered(
  reads: Reads,
  repo: Repo,
  { commit, refs }: { commit: string; refs: readonly Ref[] },
  signal?: AbortSignal,
): Promise<{ graph: Graph; known: readonly Ref[] }> {
  const tipsOf = (some: readonly Ref[]): string[] => [commit, ...some.map(({ oid, peeled }) => peeled ?? oid)]
  try {
    return { graph: await reads.graphs.cover(repo, tipsOf(refs), signal), known: refs }
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'git.object')) throw error
  }
  const looked = refs.slice(0, ONE_BY_ONE)
  const kinds = await Promise.all(looked.map(({ oid, peeled }) => reads.objects.info(repo, peeled ?? oid, signal)))
  const known = looked.filter((_ref, at) => kinds[at]?.kind === 'commit')
  return { graph: await reads.graphs.cover(repo, tipsOf(known), signal), known }
}
