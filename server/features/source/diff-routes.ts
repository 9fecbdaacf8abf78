// Routes that compare: diff, diffstat, patch.
import { z } from 'zod'
import { pageOf, PageQuery } from '../../contract/page.ts'
import { createHash } from 'node:crypto'
import { diffBody, type DiffWish, diffstat, patchOf, patchSeries } from '../../git/read/diff.ts'
import { type Comparison, resolveComparison } from '../../git/read/diffspec.ts'
import type { FilePatch } from '../../git/format/patches.ts'
import { pathBytes, pathText } from '../../git/format/paths.ts'
import { Fault } from '../../kit/fault.ts'
import { type Ask, json, type Reply, route, type Route } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'
import { ChangeList, FileLines, FilePatches } from '../../contract/changes.ts'
import { binaryPaths, changesOf, linesOf, patchesOf } from './changes.ts'
import { presentFileChange } from './present.ts'

const ONE = '/2.0/repositories/:workspace/:repo_slug'
const OWN = '/api/gitstead/1/repositories/:workspace/:repo_slug'
const TEXT = 'text/plain; charset=utf-8'
const SANDBOX = { 'Content-Security-Policy': "default-src 'none'; sandbox", 'Cache-Control': 'private, no-cache' }
/** Names in one address: they stand on git's command line. */
const PATHS_MAX = 500
const READ = { method: 'get', access: 'repository:read', scope: 'repository' } as const

/**
 * `topic`: what the source has since it left the destination, as a pull request shows it; `merge` is Bitbucket's older
 * name for it. `binary=false` leaves out the files that are not text. `parent`: which parent a merge is compared with.
 */
const CompareQuery = z.object({
  path: z.union([z.string(), z.array(z.string()).max(PATHS_MAX)]).optional(),
  context: z.coerce.number().int().min(0).max(100_000).optional(),
  ignore_whitespace: z.stringbool().default(false),
  renames: z.stringbool().default(true),
  topic: z.stringbool().optional(),
  merge: z.stringbool().optional(),
  binary: z.stringbool().default(true),
  parent: z.coerce.number().int().min(1).max(1000).optional(),
})
/** As many files as Bitbucket gives. */
const StatQuery = PageQuery.extend(CompareQuery.shape).extend({
  pagelen: z.coerce.number().int().min(1).max(5000).default(500),
})
const LinesQuery = z.object({
  from: z.coerce.number().int().min(1).max(100_000_000).default(1),
  to: z.coerce.number().int().min(1).max(100_000_000).default(100),
})
type CompareQuery = z.infer<typeof CompareQuery>
type CompareAsk = Ask<{ spec: string }, CompareQuery> & { repository: RepositoryView }

function compare(rooms: Rooms, ask: CompareAsk): Promise<Comparison> {
  const { topic, merge, parent } = ask.query
  if (topic !== undefined && merge !== undefined)
    throw new Fault('request.invalid', { detail: 'Say either topic or merge.' })
  const wish = { spec: ask.params.spec, topic: topic ?? merge ?? true, parent }
  return resolveComparison(rooms.reads, repoOf(rooms, ask.repository), wish, ask.signal)
}

async function wished(rooms: Rooms, ask: CompareAsk): Promise<DiffWish> {
  const { path, context, ignore_whitespace: ignoreWhitespace, renames, binary } = ask.query
  const { from, to } = await compare(rooms, ask)
  const paths = path === undefined ? [] : [path].flat().map(pathBytes)
  const wish = { from, to, paths, ignoreWhitespace, renames, ...(context === undefined ? {} : { context }) }
  return binary ? wish : { ...wish, without: await binaryPaths(rooms, ask.repository, wish, ask.signal) }
}

async function patch(rooms: Rooms, ask: CompareAsk): Promise<Reply> {
  const repo = repoOf(rooms, ask.repository)
  const { from, to, destination } = await compare(rooms, ask)
  const body =
    destination === undefined || from === null
      ? await patchOf(rooms.reads, repo, to, ask.signal)
      : await patchSeries(rooms.reads, repo, { include: to, exclude: destination }, ask.signal)
  return { kind: 'stream', status: 200, type: TEXT, body, headers: SANDBOX }
}

/** The same comparison of the same commits is the same text for ever. */
function tagOf(wish: DiffWish): string {
  const [paths, without] = [wish.paths, wish.without].map((list) => list?.map((path) => path.toString('hex')))
  return `"${createHash('sha256')
    .update(JSON.stringify({ ...wish, paths, without }))
    .digest('hex')
    .slice(0, 40)}"`
}

function presentPatch({ change, text, cut }: FilePatch): FilePatches['files'][number] {
  const [old, now] = [change.oldPath, change.newPath].map((path) => (path === undefined ? null : pathText(path)))
  return { old: old ?? null, new: now ?? null, text: text ?? null, cut }
}

export const routes: Route[] = [
  route({
    ...READ,
    path: `${ONE}/diff/*spec`,
    summary: 'What a commit changed, or what a has that b has not, as a..b',
    query: CompareQuery,
    handle: async (rooms, ask) => {
      const wish = await wished(rooms, ask)
      const headers = { ...SANDBOX, ETag: tagOf(wish) }
      if (ask.raw.headers['if-none-match'] === headers.ETag)
        return { kind: 'text', status: 304, type: TEXT, body: '', headers }
      const body = await diffBody(rooms.reads, repoOf(rooms, ask.repository), wish, ask.signal)
      return Buffer.isBuffer(body)
        ? { kind: 'text', status: 200, type: TEXT, body, headers }
        : { kind: 'stream', status: 200, type: TEXT, body, headers }
    },
  }),
  route({
    ...READ,
    path: `${ONE}/diffstat/*spec`,
    summary: 'The files that a comparison changes, with numbers of lines',
    query: StatQuery,
    handle: async (rooms, ask) => {
      const wish = await wished(rooms, ask)
      const changes = await diffstat(rooms.reads, repoOf(rooms, ask.repository), wish, ask.signal)
      const { values, ...page } = pageOf(changes, ask.query, ask)
      return json({ ...page, values: values.map((change) => presentFileChange(ask, wish, change)) })
    },
  }),
  route({
    ...READ,
    path: `${ONE}/patch/*spec`,
    summary: 'The same as mails that git am takes',
    query: CompareQuery,
    handle: (rooms, ask) => patch(rooms, ask),
  }),
  route({
    ...READ,
    path: `${OWN}/changes/*spec`,
    summary: 'The files that a comparison changes, with modes and reasons to fold them, the first 5,000',
    query: CompareQuery,
    answer: ChangeList,
    handle: async (rooms, ask) => {
      const wish = await wished(rooms, ask)
      const list = await changesOf(rooms, ask.repository, wish, ask.signal)
      return json({ from: wish.from, to: wish.to, ...list })
    },
  }),
  route({
    ...READ,
    path: `${OWN}/patches/*spec`,
    summary: 'Patches of the files of a comparison that are named as path, each cut where it is large',
    query: CompareQuery,
    answer: FilePatches,
    handle: async (rooms, ask) => {
      const found = await patchesOf(rooms, ask.repository, await wished(rooms, ask), ask.signal)
      return json({ files: found.map(presentPatch) })
    },
  }),
  route({
    ...READ,
    path: `${OWN}/lines/*rest`,
    summary: 'Some lines of a text file at a commit, counted from 1',
    query: LinesQuery,
    answer: FileLines,
    handle: async (rooms, { repository, params, query, signal }) =>
      json(await linesOf(rooms, repository, { address: params.rest, ...query }, signal)),
  }),
]
