// Routes that read files and folders.
import { z } from 'zod'
import { pageOf, PageQuery } from '../../contract/page.ts'
import { withSizes } from '../../git/read/trees.ts'
import { Fault } from '../../kit/fault.ts'
import { select } from '../../kit/filter.ts'
import { type Ask, json, type Reply, route, type Route } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'
import { presentEntry } from './present.ts'
import { rawFile } from './raw.ts'
import { renderFile } from './rendered.ts'
import { locate, type Located, readFolder } from './source.ts'

const ONE = '/2.0/repositories/:workspace/:repo_slug'
const READ = { method: 'get', access: 'repository:read', scope: 'repository' } as const

const SourceQuery = PageQuery.extend({
  format: z.enum(['meta', 'rendered']).optional(),
  /** Of a file: to be saved rather than shown. */
  download: z.stringbool().default(false),
  max_depth: z.coerce.number().int().min(1).max(50).default(1),
})
type SourceAsk = Ask<unknown, z.infer<typeof SourceQuery>> & { repository: RepositoryView }

async function source(rooms: Rooms, ask: SourceAsk, address: string): Promise<Reply> {
  const found = await locate(rooms, ask.repository, address, ask.signal)
  if (ask.query.format === 'meta') {
    const [entry] = await withSizes(rooms.reads, repoOf(rooms, ask.repository), [found.entry], ask.signal)
    return json(presentEntry(ask, found.commit, entry ?? found.entry))
  }
  if (found.entry.kind === 'folder') return folder(rooms, ask, found)
  if (ask.query.format === 'rendered') return json(await renderFile(rooms, ask.repository, found, ask.signal))
  return rawFile(rooms, ask, { ...found, download: ask.query.download })
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
    summary:
      'A folder as list, a file as it is; with format=meta what is known of either, with format=rendered the file as HTML',
    query: SourceQuery,
    handle: (rooms, ask) => source(rooms, ask, ask.params.rest),
  }),
]
