// Routes that say how commits stand to each other and to branches and tags.
import { z } from 'zod'
import { Compared, Labels, RefsOfCommit } from '../../contract/changes.ts'
import { containing } from '../../git/read/containing.ts'
import { aheadBehind, mergeBases } from '../../git/read/history.ts'
import { readRefs, refsUnder, resolve } from '../../git/read/revisions.ts'
import type { Ref } from '../../git/refs/refparse.ts'
import { Fault } from '../../kit/fault.ts'
import { type Ask, json, route, type Route } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'

const ONE = '/api/gitstead/1/repositories/:workspace/:repo_slug'
const READ = { method: 'get', access: 'repository:read', scope: 'repository' } as const
/** Names that a page shows of one commit. */
const NAMES_MAX = 50
const LABELS_MAX = 5
const COMMITS_MAX = 100

type At = { repository: RepositoryView }

const Hash = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'Name a commit by its full id.')
const LabelsQuery = z.object({ commit: z.union([Hash, z.array(Hash).max(COMMITS_MAX)]).optional() })

async function compare(rooms: Rooms, ask: Ask<{ spec: string }> & At): Promise<Compared> {
  const { repository, params, signal } = ask
  const repo = repoOf(rooms, repository)
  const dots = params.spec.indexOf('..')
  const names = [params.spec.slice(0, Math.max(dots, 0)), dots < 0 ? '' : params.spec.slice(dots + 2)]
  if (names.includes('')) throw new Fault('request.invalid', { detail: 'Name two commits as a..b.' })
  const sides = names.map((name) => resolveSide(rooms, repository, name, signal))
  const [source, destination] = (await Promise.all(sides)) as [Compared['source'], Compared['source']]
  const [counts] = await aheadBehind(rooms.reads, repo, { base: destination.hash, tips: [source.hash] }, signal)
  const [base] = await mergeBases(rooms.reads, repo, [source.hash, destination.hash], signal)
  return {
    source,
    destination,
    ahead: counts?.ahead ?? 0,
    behind: counts?.behind ?? 0,
    merge_base: base ?? null,
    same: source.hash === destination.hash,
  }
}

/** Which of the two is not there is said by its name. */
async function resolveSide(
  rooms: Rooms,
  repository: RepositoryView,
  name: string,
  signal: AbortSignal,
): Promise<Compared['source']> {
  try {
    const { oid, kind } = await resolve(rooms.reads, repoOf(rooms, repository), name, signal)
    return { hash: oid, kind }
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'git.object' || error.facts.detail !== undefined) throw error
    throw new Fault('git.object', { detail: `There is no branch, tag or commit called ${name}.` })
  }
}

/** The first refs, those that come first by name, and how many there are. */
function brief(refs: readonly Ref[], most: number): RefsOfCommit {
  const part = (prefix: string): RefsOfCommit['branches'] => {
    const names = refs.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name.slice(prefix.length))
    return { names: names.slice(0, most), size: names.length }
  }
  return { branches: part('refs/heads/'), tags: part('refs/tags/') }
}

async function shownRefs(rooms: Rooms, repository: RepositoryView): Promise<Ref[]> {
  const snapshot = await readRefs(rooms.reads, repoOf(rooms, repository))
  return [...refsUnder(snapshot, 'refs/heads/'), ...refsUnder(snapshot, 'refs/tags/')]
}

async function labels(rooms: Rooms, repository: RepositoryView, commits: readonly string[]): Promise<Labels> {
  const wanted = new Map<string, Ref[]>(commits.map((hash) => [hash, []]))
  for (const ref of await shownRefs(rooms, repository)) wanted.get(ref.peeled ?? ref.oid)?.push(ref)
  const named = [...wanted].filter(([, refs]) => refs.length > 0)
  return { labels: Object.fromEntries(named.map(([hash, refs]) => [hash, brief(refs, LABELS_MAX)])) }
}

async function refsWith(rooms: Rooms, ask: Ask<{ commit: string }> & At): Promise<RefsOfCommit> {
  const { repository, params, signal } = ask
  const repo = repoOf(rooms, repository)
  const { oid } = await resolve(rooms.reads, repo, params.commit, signal)
  const refs = await shownRefs(rooms, repository)
  return brief(await containing(rooms.reads, repo, { commit: oid, refs }, signal), NAMES_MAX)
}

export const routes: Route[] = [
  route({
    ...READ,
    path: `${ONE}/compare/*spec`,
    summary: 'How far a commit is ahead of and behind another, named as a..b, and where they parted',
    answer: Compared,
    handle: async (rooms, ask) => json(await compare(rooms, ask)),
  }),
  route({
    ...READ,
    path: `${ONE}/labels`,
    summary: 'The branches and tags that point at these commits',
    query: LabelsQuery,
    answer: Labels,
    handle: async (rooms, { repository, query }) => json(await labels(rooms, repository, [query.commit ?? []].flat())),
  }),
  route({
    ...READ,
    path: `${ONE}/containing/:commit`,
    summary: 'The branches and tags that have a commit in their history',
    answer: RefsOfCommit,
    handle: async (rooms, ask) => json(await refsWith(rooms, ask)),
  }),
]
