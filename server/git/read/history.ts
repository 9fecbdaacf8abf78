// Questions about the history of a repository, answered in process from its commit graph. Commits are full object ids.
import { aheadBehindWalk, type AheadBehind } from '../graph/aheadbehind.ts'
import type { Commit } from '../format/commits.ts'
import type { Reads } from './reads.ts'
import type { Repo } from '../refs/refs.ts'
import { ancestorWalk, countWalk, logWalk, mergeBaseWalk, type Pace } from '../graph/walks.ts'
import { Fault } from '../../kit/fault.ts'

export type { AheadBehind } from '../graph/aheadbehind.ts'

export interface LogRange {
  include: readonly string[]
  exclude?: readonly string[]
  /** Begin behind this commit, in the order of the log: the last one of the page before. */
  after?: string | undefined
  limit: number
}

export interface LogPage {
  oids: string[]
  /** `after` for the next page; undefined on the last. */
  next: string | undefined
}

/** Commits that `include` reaches and `exclude` does not, latest first as git orders them by default. */
export async function log(reads: Reads, repo: Repo, range: LogRange, signal?: AbortSignal): Promise<LogPage> {
  const { include, exclude = [], after, limit } = range
  const named = after === undefined ? [] : [after]
  const graph = await reads.graphs.cover(repo, [...include, ...exclude, ...named], signal)
  const ids = (oids: readonly string[]): number[] => oids.map(graph.idOf)
  const wish = { include: ids(include), exclude: ids(exclude), after: ids(named)[0], limit }
  const page = await logWalk(graph, wish, openPace(signal))
  const oids = page.ids.map(graph.oidOf)
  return { oids, next: page.more ? oids.at(-1) : undefined }
}

/** All best common ancestors, latest first; none where the histories have nothing in common. */
export async function mergeBases(
  reads: Reads,
  repo: Repo,
  [a, b]: readonly [string, string],
  signal?: AbortSignal,
): Promise<string[]> {
  const graph = await reads.graphs.cover(repo, [a, b], signal)
  return (await mergeBaseWalk(graph, graph.idOf(a), graph.idOf(b), openPace(signal))).map(graph.oidOf)
}

/** Whether `a` is `b` or an ancestor of it. Tags count as their commits; what leads to no commit is no ancestor. */
export async function isAncestor(reads: Reads, repo: Repo, a: string, b: string): Promise<boolean> {
  const [from, to] = await Promise.all([a, b].map((oid) => reads.objects.info(repo, `${oid}^{commit}`)))
  if (!from || !to) return false
  const graph = await reads.graphs.cover(repo, [from.oid, to.oid])
  return ancestorWalk(graph, graph.idOf(from.oid), graph.idOf(to.oid), openPace())
}

export async function aheadBehind(
  reads: Reads,
  repo: Repo,
  { base, tips }: { base: string; tips: readonly string[] },
  signal?: AbortSignal,
): Promise<AheadBehind[]> {
  const graph = await reads.graphs.cover(repo, [base, ...tips], signal)
  return aheadBehindWalk(graph, graph.idOf(base), tips.map(graph.idOf), openPace(signal))
}

/**
 * Committer times of commits in seconds, by id: from the graph, and what is in none yet in one go from git. What leads
 * to no commit has no time.
 */
export async function commitTimes(
  reads: Reads,
  repo: Repo,
  oids: Iterable<string>,
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const graph = await reads.graphs.cover(repo, [])
  const times = new Map<string, number>()
  const left = new Set<string>()
  for (const oid of oids) {
    const id = graph.idOf(oid)
    if (id < 0) left.add(oid)
    else times.set(oid, graph.time(id))
  }
  if (left.size === 0) return times
  const { stdout } = await reads.git.exec({
    name: 'commit times',
    args: ['rev-list', '--no-walk=unsorted', '--ignore-missing', '--stdin', '--no-commit-header', '--format=%H %ct'],
    repo: repo.id,
    cwd: repo.path,
    input: [...left, ''].join('\n'),
    ...(signal ? { signal } : {}),
  })
  for (const line of stdout.toString('latin1').split('\n')) {
    const [oid = '', time] = line.split(' ')
    if (time !== undefined) times.set(oid, Number(time))
  }
  return times
}

export async function countCommits(
  reads: Reads,
  repo: Repo,
  { include, exclude = [] }: Pick<LogRange, 'include' | 'exclude'>,
  signal?: AbortSignal,
): Promise<number> {
  const graph = await reads.graphs.cover(repo, [...include, ...exclude], signal)
  return countWalk(graph, include.map(graph.idOf), exclude.map(graph.idOf), openPace(signal))
}

/** Of each commit and tag of a list, and of one by itself. Git takes messages of any size; nobody writes longer ones. */
export const LISTED_MAX = 64 * 1024
const SHOWN_MAX = 1024 * 1024

/** As a list shows them: what is longer than anybody writes is cut. Throws `git.object` when one of them is no commit. */
export function readCommits(
  reads: Reads,
  repo: Repo,
  oids: readonly string[],
  signal?: AbortSignal,
): Promise<Commit[]> {
  return Promise.all(oids.map((oid) => readUpTo(LISTED_MAX, reads, repo, { oid, signal })))
}

export function readCommit(reads: Reads, repo: Repo, oid: string, signal?: AbortSignal): Promise<Commit> {
  return readUpTo(SHOWN_MAX, reads, repo, { oid, signal })
}

async function readUpTo(
  max: number,
  reads: Reads,
  repo: Repo,
  { oid, signal }: { oid: string; signal: AbortSignal | undefined },
): Promise<Commit> {
  const commit = await reads.objects.commit(repo, oid, { max, signal })
  if (!commit) throw new Fault('git.object')
  return commit
}

const STEPS = 8192

/** Lets others run now and then, and ends with who asked. */
export function openPace(signal?: AbortSignal): Pace {
  let steps = 0
  return () => {
    if (++steps % STEPS !== 0) return undefined
    signal?.throwIfAborted()
    return new Promise((resolve) => setImmediate(resolve))
  }
}
