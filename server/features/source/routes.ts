// Routes that read files and folders.
import { z } from 'zod'
import { pageOf, PageQuery } from '../../contract/page.ts'
import { pathText } from '../../git/format/paths.ts'
import { withSizes } from '../../git/read/trees.ts'
import { Fault } from '../../kit/fault.ts'
import { select } from '../../kit/filter.ts'
import { type Ask, json, type Reply, route, type Route } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'
import { mimeOf, rawHeaders } from './media.ts'
import { presentEntry } from './present.ts'
import { locate, type Located, readFile, readFolder } from './source.ts'

const ONE = '/2.0/repositories/:workspace/:repo_slug'
const READ = { method: 'get', access: 'repository:read', scope: 'repository' } as const

const SourceQuery = PageQuery.extend({
  format: z.enum(['meta', 'rendered']).optional(),
  max_depth: z.coerce.number().int().min(1).max(50).default(1),
})
type SourceAsk = Ask<unknown, z.infer<typeof SourceQuery>> & { repository: RepositoryView }

async function source(rooms: Rooms, ask: SourceAsk, address: string): Promise<Reply> {
  const found = await locate(rooms, ask.repository, address, ask.signal)
  if (ask.query.format === 'meta') {
    const [entry] = await withSizes(rooms.reads, repoOf(rooms, ask.repository), [found.entry], ask.signal)
    return json(presentEntry(ask, found.commit, entry ?? found.entry))
  }
  return found.entry.kind === 'folder' ? folder(rooms, ask, found) : file(rooms, ask, found)
}

/** How many entries there are is not said: it would take all of them to count. */
async function folder(rooms: Rooms, ask: SourceAsk, { commit, entry }: Located): Promise<Reply> {
  const { repository, query, signal, base, target } = ask
  const { page, pagelen, max_depth: depth } = query
  const whole = query.q !== undefined || query.sort !== undefined
  const listing = await readFolder(rooms, repository, entry, { depth, page, pagelen, whole, signal })
  const values = listing.entries.map((child) => presentEntry(ask, commit, child))
  if (whole && listing.more) throw new Fault('git.output', { detail: 'There is too much here to filter or sort.' })
  if (whole) return json(pageOf(select(values, query), query, ask))
  const next = new URL(target, base)
  next.searchParams.set('page', String(page + 1))
  return json({ pagelen, page, ...(listing.more ? { next: next.href } : {}), values })
}

async function file(rooms: Rooms, ask: SourceAsk, { entry }: Located): Promise<Reply> {
  if (entry.kind === 'submodule')
    throw new Fault('git.object', { detail: 'This is a submodule: its files are in another repository.' })
  const path = pathText(entry.path)
  const headers = { ...rawHeaders(path), ETag: `"${entry.oid}"`, 'Cache-Control': 'private, no-cache' }
  const { type } = mimeOf(path)
  if (ask.raw.headers['if-none-match'] === headers.ETag) return { kind: 'text', status: 304, type, body: '', headers }
  const { size, body } = await readFile(rooms, ask.repository, entry, ask.signal)
  if (Buffer.isBuffer(body)) return { kind: 'text', status: 200, type, body, headers }
  return { kind: 'stream', status: 200, type, body, headers: { ...headers, 'Content-Length': String(size) } }
}

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
]
