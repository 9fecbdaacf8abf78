// Routes that read a repository: files, folders, commits, refs.
import { z } from 'zod'
import { pageOf, PageQuery, walkOf } from '../../contract/page.ts'
import { mergeBases, readCommit } from '../../git/history.ts'
import { pathText } from '../../git/paths.ts'
import { resolve } from '../../git/revisions.ts'
import { listFolder, withSizes } from '../../git/trees.ts'
import { Fault } from '../../kit/fault.ts'
import { select } from '../../kit/filter.ts'
import { type Ask, json, type Reply, route, type Route } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from './door.ts'
import { mimeOf, rawHeaders } from './media.ts'
import { type NamedRef, presentCommit, presentEntry, presentNamedRef } from './present-source.ts'
import { commitLog, locate, type Located, readRef, refNames } from './source.ts'

const ONE = '/2.0/repositories/:workspace/:repo_slug'

type At = { repository: RepositoryView }

const SourceQuery = PageQuery.extend({
  format: z.enum(['meta', 'rendered']).optional(),
  max_depth: z.coerce.number().int().min(1).max(50).default(1),
})
type SourceAsk = Ask<unknown, z.infer<typeof SourceQuery>> & At

async function source(rooms: Rooms, ask: SourceAsk, address: string): Promise<Reply> {
  const found = await locate(rooms, ask.repository, address, ask.signal)
  if (ask.query.format === 'meta') {
    const [entry] = await withSizes(rooms.reads, repoOf(rooms, ask.repository), [found.entry], ask.signal)
    return json(presentEntry(ask, found.commit, entry ?? found.entry))
  }
  return found.entry.kind === 'folder' ? folder(rooms, ask, found) : file(rooms, ask, found)
}

async function folder(rooms: Rooms, ask: SourceAsk, { commit, entry }: Located): Promise<Reply> {
  const { repository, query, signal, base, target } = ask
  const wish = { folder: entry, depth: query.max_depth, offset: (query.page - 1) * query.pagelen, limit: query.pagelen }
  const listing = await listFolder(rooms.reads, repoOf(rooms, repository), wish, signal)
  const values = select(
    listing.entries.map((child) => presentEntry(ask, commit, child)),
    query,
  )
  const all = pageOf(values, { ...query, page: 1 }, { base, target })
  const next = new URL(target, base)
  next.searchParams.set('page', String(query.page + 1))
  return json({
    pagelen: all.pagelen,
    page: query.page,
    values: all.values,
    ...(listing.more ? { next: next.href } : {}),
  })
}

async function file(rooms: Rooms, ask: SourceAsk, { entry }: Located): Promise<Reply> {
  if (entry.kind === 'submodule')
    throw new Fault('git.object', { detail: 'This is a submodule: its files are in another repository.' })
  const path = pathText(entry.path)
  const headers = { ...rawHeaders(path), ETag: `"${entry.oid}"`, 'Cache-Control': 'private, no-cache' }
  const { type } = mimeOf(path)
  if (ask.raw.headers['if-none-match'] === headers.ETag) return { kind: 'text', status: 304, type, body: '', headers }
  const body = await rooms.reads.objects.stream(repoOf(rooms, ask.repository), entry.oid, ask.signal)
  return { kind: 'stream', status: 200, type, body, headers }
}

const Names = z.union([z.string(), z.array(z.string())]).optional()
const CommitsQuery = PageQuery.extend({
  include: Names,
  exclude: Names,
  ctx: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/)
    .optional(),
})

function listOf(names: string | string[] | undefined): string[] {
  return names === undefined ? [] : [names].flat()
}

async function commits(
  rooms: Rooms,
  ask: Ask<unknown, z.infer<typeof CommitsQuery>> & At,
  revision: string | undefined,
): Promise<Reply> {
  const { repository, query, signal, base, target } = ask
  const include = [...(revision === undefined ? [] : [revision]), ...listOf(query.include)]
  const wish = { include, exclude: listOf(query.exclude), after: query.ctx, limit: query.pagelen }
  const { commits: found, next } = await commitLog(rooms, repository, wish, signal)
  return json(
    walkOf(
      found.map((commit) => presentCommit(ask, commit)),
      query,
      { base, target },
      next,
    ),
  )
}

async function refs(rooms: Rooms, ask: Ask<unknown, PageQuery> & At, kinds: NamedRef['kind'][]): Promise<Reply> {
  const { repository, query, base, target } = ask
  const names = await refNames(rooms, repository, kinds)
  const present = async (ref: NamedRef): Promise<Record<string, unknown>> => {
    const read = await readRef(rooms, repository, ref)
    return presentNamedRef(ask, ref, read.target, read.tag)
  }
  // Only a question about what the refs point at needs all of them read.
  if (/target|date|message/.test(`${query.q ?? ''} ${query.sort ?? ''}`)) {
    const all = await Promise.all(names.map(present))
    return json(pageOf(select(all, query), query, { base, target }))
  }
  const page = pageOf(select(names, query), query, { base, target })
  return json({ ...page, values: await Promise.all(page.values.map(present)) })
}

async function oneRef(rooms: Rooms, ask: Ask<{ name: string }> & At, kind: NamedRef['kind']): Promise<Reply> {
  const read = await readRef(rooms, ask.repository, { kind, name: ask.params.name })
  return json(presentNamedRef(ask, read, read.target, read.tag))
}

const READ = { method: 'get', access: 'repository:read', scope: 'repository' } as const

export const routes: Route[] = [
  route({
    ...READ,
    path: `${ONE}/src`,
    summary: 'The root folder of the main branch',
    query: SourceQuery,
    handle: (rooms, ask) => source(rooms, ask, ask.repository.main_branch),
  }),
  route({
    ...READ,
    path: `${ONE}/src/*rest`,
    summary: 'A folder as list, a file as it is; with format=meta what is known of either',
    query: SourceQuery,
    handle: (rooms, ask) => source(rooms, ask, ask.params.rest),
  }),
  route({
    ...READ,
    path: `${ONE}/commits`,
    summary: 'Commits of all branches, latest first',
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
    path: `${ONE}/merge-base/*revspec`,
    summary: 'The best common ancestor of two commits, named as a..b',
    handle: async (rooms, ask) => {
      const [left = '', right = ''] = ask.params.revspec.split(/\.{2,3}/, 2)
      if (left === '' || right === '') throw new Fault('request.invalid', { detail: 'Name two commits as a..b.' })
      const repo = repoOf(rooms, ask.repository)
      const [a, b] = await Promise.all([left, right].map((text) => resolve(rooms.reads, repo, text, ask.signal)))
      const [best] = a && b ? await mergeBases(rooms.reads, repo, [a.oid, b.oid], ask.signal) : []
      if (best === undefined) throw new Fault('git.object', { detail: 'The two have no common ancestor.' })
      return json(presentCommit(ask, await readCommit(rooms.reads, repo, best, ask.signal)))
    },
  }),
  route({
    ...READ,
    path: `${ONE}/refs`,
    summary: 'Branches and tags',
    query: PageQuery,
    handle: (rooms, ask) => refs(rooms, ask, ['branch', 'tag']),
  }),
  route({
    ...READ,
    path: `${ONE}/refs/branches`,
    summary: 'Branches',
    query: PageQuery,
    handle: (rooms, ask) => refs(rooms, ask, ['branch']),
  }),
  route({
    ...READ,
    path: `${ONE}/refs/branches/*name`,
    summary: 'A branch',
    handle: (rooms, ask) => oneRef(rooms, ask, 'branch'),
  }),
  route({
    ...READ,
    path: `${ONE}/refs/tags`,
    summary: 'Tags',
    query: PageQuery,
    handle: (rooms, ask) => refs(rooms, ask, ['tag']),
  }),
  route({
    ...READ,
    path: `${ONE}/refs/tags/*name`,
    summary: 'A tag',
    handle: (rooms, ask) => oneRef(rooms, ask, 'tag'),
  }),
]
