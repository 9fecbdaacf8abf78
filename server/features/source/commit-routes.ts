// Routes of commits: lists, one of them, the history of a file, common ancestors.
import { z } from 'zod'
import { Line } from '../../contract/names.ts'
import { pathBytes } from '../../git/format/paths.ts'
import { PageQuery, walkOf } from '../../contract/page.ts'
import { mergeBases, readCommit } from '../../git/read/history.ts'
import { resolve, resolveWithPath } from '../../git/read/revisions.ts'
import { Fault } from '../../kit/fault.ts'
import { type Ask, json, type Reply, route, type Route } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { commitLog, fileLog } from './commits.ts'
import { packCursor, PINNED_MAX, unpackCursor } from './cursor.ts'
import { repoOf } from '../repositories/door.ts'
import { presentCommit, presentVersion } from './present.ts'

const ONE = '/2.0/repositories/:workspace/:repo_slug'
const READ = { method: 'get', access: 'repository:read', scope: 'repository' } as const

type At = { repository: RepositoryView }

const Names = z.union([z.string(), z.array(z.string()).max(PINNED_MAX / 2)]).optional()
const WalkQuery = PageQuery.extend({ ctx: z.string().max(20_000).optional() })
const Range = z.object({ include: Names, exclude: Names, path: z.string().max(4096).optional() })
/** Days are those of UTC, the last one included; times are exact. */
const When = z.union([z.iso.date(), z.iso.datetime({ offset: true })]).optional()
/** Ours beside Bitbucket's: who wrote them, words of the message, and when. Texts match as they stand, in any case. */
const Filter = z.object({
  author: Line.max(200).optional(),
  message: Line.max(200).optional(),
  since: When,
  until: When,
})
const CommitsQuery = WalkQuery.extend(Range.shape).extend(Filter.shape)
const HistoryQuery = WalkQuery.extend({ renames: z.stringbool().default(true) })

function listOf(names: string | string[] | undefined): string[] {
  return names === undefined ? [] : [names].flat()
}

/** The root is all there is. */
function pathOf(text: string | undefined): Buffer | undefined {
  const path = text?.replace(/\/+$/, '') ?? ''
  return path === '' ? undefined : pathBytes(path)
}

const DAY_SECONDS = 86_400

/** `ofDay`: the second of a day that is meant where no time is said. */
function secondsOf(text: string | undefined, ofDay: number): number | undefined {
  if (text === undefined) return undefined
  return Math.floor(Date.parse(text) / 1000) + (text.includes('T') ? 0 : ofDay)
}

async function commits(
  rooms: Rooms,
  ask: Ask<unknown, z.infer<typeof CommitsQuery>> & At,
  revision: string | undefined,
): Promise<Reply> {
  const { repository, query, signal } = ask
  const wish = {
    include: [...(revision === undefined ? [] : [revision]), ...listOf(query.include)],
    exclude: listOf(query.exclude),
    filter: {
      path: pathOf(query.path),
      author: query.author || undefined,
      message: query.message || undefined,
      since: secondsOf(query.since, 0),
      until: secondsOf(query.until, DAY_SECONDS - 1),
    },
    cursor: unpackCursor(query.ctx),
    limit: query.pagelen,
  }
  const { commits: found, next } = await commitLog(rooms, repository, wish, signal)
  const values = found.map((commit) => presentCommit(ask, commit))
  return json(walkOf(values, query, ask, next && packCursor(next)))
}

/** The same with names in the body, for lists too long for an address. */
function commitsByPost(
  rooms: Rooms,
  ask: Ask<unknown, z.infer<typeof CommitsQuery>, z.infer<typeof Range>> & At,
  revision: string | undefined,
): Promise<Reply> {
  return commits(rooms, { ...ask, query: { ...ask.query, ...ask.body } }, revision)
}

async function fileHistory(
  rooms: Rooms,
  ask: Ask<{ rest: string }, z.infer<typeof HistoryQuery>> & At,
): Promise<Reply> {
  const { repository, query, params, signal } = ask
  const cursor = unpackCursor(query.ctx)
  const { oid, path } = await resolveWithPath(rooms.reads, repoOf(rooms, repository), params.rest, signal)
  const wish = { commit: oid, path, renames: query.renames, cursor, limit: query.pagelen }
  const { versions, next } = await fileLog(rooms, repository, wish, signal)
  const values = versions.map((version) => presentVersion(ask, version))
  return json(walkOf(values, query, ask, next && packCursor(next)))
}

async function mergeBase(rooms: Rooms, ask: Ask<{ revspec: string }> & At): Promise<Reply> {
  const [left = '', right = ''] = ask.params.revspec.split(/\.{2,3}/, 2)
  if (left === '' || right === '') throw new Fault('request.invalid', { detail: 'Name two commits as a..b.' })
  const repo = repoOf(rooms, ask.repository)
  const [a, b] = await Promise.all([left, right].map((text) => resolve(rooms.reads, repo, text, ask.signal)))
  const [best] = a && b ? await mergeBases(rooms.reads, repo, [a.oid, b.oid], ask.signal) : []
  if (best === undefined) throw new Fault('git.object', { detail: 'The two have no common ancestor.' })
  return json(presentCommit(ask, await readCommit(rooms.reads, repo, best, ask.signal)))
}

export const routes: Route[] = [
  route({
    ...READ,
    path: `${ONE}/commits`,
    summary: 'Commits of all branches, or of those included, latest first; with path those that changed it',
    query: CommitsQuery,
    handle: (rooms, ask) => commits(rooms, ask, undefined),
  }),
  route({
    ...READ,
    path: `${ONE}/commits/*revision`,
    summary: 'Commits that a branch, a tag or a commit reaches, latest first',
    query: CommitsQuery,
    handle: (rooms, ask) => commits(rooms, ask, ask.params.revision),
  }),
  route({
    ...READ,
    method: 'post',
    path: `${ONE}/commits`,
    summary: 'The same list, with what is included and excluded in the body; it changes nothing',
    query: CommitsQuery,
    body: Range,
    takes: 'either',
    handle: (rooms, ask) => commitsByPost(rooms, ask, undefined),
  }),
  route({
    ...READ,
    method: 'post',
    path: `${ONE}/commits/*revision`,
    summary: 'The same list, with what else is included and excluded in the body; it changes nothing',
    query: CommitsQuery,
    body: Range,
    takes: 'either',
    handle: (rooms, ask) => commitsByPost(rooms, ask, ask.params.revision),
  }),
  route({
    ...READ,
    path: `${ONE}/commit/:commit`,
    summary: 'A commit',
    handle: async (rooms, ask) => {
      const repo = repoOf(rooms, ask.repository)
      const { oid } = await resolve(rooms.reads, repo, ask.params.commit, ask.signal)
      return json(presentCommit(ask, await readCommit(rooms.reads, repo, oid, ask.signal)))
    },
  }),
  route({
    ...READ,
    path: `${ONE}/filehistory/*rest`,
    summary: 'Versions of a file, latest first, also under the names that it had before',
    query: HistoryQuery,
    handle: fileHistory,
  }),
  route({
    ...READ,
    path: `${ONE}/merge-base/*revspec`,
    summary: 'The best common ancestor of two commits, named as a..b',
    handle: mergeBase,
  }),
]
