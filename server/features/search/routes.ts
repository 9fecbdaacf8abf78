// Routes that find things in a repository: text in its files, and files by their name.
import { z } from 'zod'
import { FileList, SEARCH_MODES, SearchResult } from '../../contract/find.ts'
import { pathBytes, pathText } from '../../git/format/paths.ts'
import { grep } from '../../git/read/grep.ts'
import { resolve, resolveWithPath } from '../../git/read/revisions.ts'
import { listFiles } from '../../git/read/trees.ts'
import { type Ask, json, type Reply, route, type Route } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'
import { patternsOf } from './patterns.ts'

const ONE = '/api/gitstead/1/repositories/:workspace/:repo_slug'
const READ = { method: 'get', access: 'repository:read', scope: 'repository' } as const
const FILES_MAX = 50_000

const Line = z
  .string()
  .refine((text) => !/[\0\r\n]/.test(text), 'One line is searched for, without control characters.')
const SearchQuery = z.object({
  q: Line.max(500, 'This is too long to search for.').default(''),
  ref: z.string().max(1000).optional(),
  mode: z.enum(SEARCH_MODES).default('words'),
  /** Whether large and small letters differ. */
  case: z.stringbool().default(false),
  path: z
    .string()
    .max(1000)
    .refine((text) => !text.includes('\0'))
    .optional(),
  after: z.string().max(8192).optional(),
  files: z.coerce.number().int().min(1).max(100).default(25),
  lines: z.coerce.number().int().min(1).max(1000).default(10),
})
type SearchAsk = Ask<unknown, z.infer<typeof SearchQuery>> & { repository: RepositoryView }

async function search(rooms: Rooms, ask: SearchAsk): Promise<SearchResult> {
  const { repository, query, signal, actor, address } = ask
  const repo = repoOf(rooms, repository)
  const { oid: commit } = await resolve(rooms.reads, repo, query.ref ?? repository.main_branch, signal)
  const patterns = patternsOf(query.q, query.mode)
  if (patterns.length === 0) return { commit, values: [], cut: null, next: null }
  const { mode, path, after, files, lines } = query
  const wish = {
    commit,
    mode,
    patterns,
    caseSensitive: query.case,
    files,
    lines,
    path: path === undefined || path.trim() === '' ? undefined : path.trim(),
    after: after === undefined ? undefined : pathBytes(after),
  }
  const share = actor.kind === 'guest' ? address : actor.id
  const page = await grep(rooms.reads, repo, wish, { signal, share })
  const values = page.files.map((file) => ({
    path: pathText(file.path),
    lines: file.lines.map(({ number, pieces, cut }) => ({ line: number, segments: pieces, cut })),
    more: file.more,
  }))
  return { commit, values, cut: page.cut ?? null, next: page.more ? (values.at(-1)?.path ?? null) : null }
}

async function files(rooms: Rooms, ask: Ask<{ ref: string }> & { repository: RepositoryView }): Promise<Reply> {
  const { repository, params, signal, raw } = ask
  const repo = repoOf(rooms, repository)
  const { oid: commit, path } = await resolveWithPath(rooms.reads, repo, params.ref, signal)
  const headers = { ETag: `"${commit}"`, 'Cache-Control': 'private, no-cache' }
  if (raw.headers['if-none-match'] === headers.ETag) return json(undefined, 304, headers)
  const { paths, truncated } = await listFiles(rooms.reads, repo, commit, { limit: FILES_MAX, signal })
  const ref = path === '' ? params.ref.replace(/\/$/, '') : params.ref.slice(0, -path.length - 1)
  const list: FileList = { ref, commit, truncated, values: paths.map(pathText) }
  return json(list, 200, headers)
}

export const searchRoutes: Route[] = [
  route({
    ...READ,
    path: `${ONE}/search`,
    summary: 'Find words or a regular expression in the files of a branch, a tag or a commit',
    query: SearchQuery,
    answer: SearchResult,
    handle: async (rooms, ask) => json(await search(rooms, ask)),
  }),
  route({
    ...READ,
    path: `${ONE}/files/*ref`,
    summary: 'Paths of all files of a branch, a tag or a commit; a path behind its name is passed over',
    answer: FileList,
    handle: files,
  }),
]
