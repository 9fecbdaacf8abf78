// Routes of kept tips: list, restore, and for admins purge for good.
import { z } from 'zod'
import { KeptPreview, KeptQuery, KeptTip, NewPurge, Purge, Restore, Restored } from '../../contract/gitstead.ts'
import { PageQuery } from '../../contract/page.ts'
import type { Job } from '../../outbox/queue.ts'
import { json, route, type Route } from '../../route.ts'
import { personOf } from '../accounts/session.ts'
import { keptPage, restore } from './kept.ts'
import { previewKept } from './kept-preview.ts'
import { askPurge } from './purge.ts'
import { listPurges } from './store.ts'

const ONE = '/api/gitstead/1/repositories/:workspace/:repo_slug'
const SHOWN = 10

function presentPurge(job: Job): Purge {
  const { id, state, progress, error, created_at } = job
  return { id: String(id), state, progress, error, created_on: created_at }
}

export const routes: Route[] = [
  route({
    method: 'get',
    path: `${ONE}/kept`,
    access: 'repository:write',
    scope: 'repository:write',
    summary: 'Tips of branches and tags that were overwritten or deleted, the newest first',
    query: PageQuery,
    answer: z.object({ size: z.number(), values: z.array(KeptTip) }),
    handle: async (rooms, { repository, query, base, target }) =>
      json(await keptPage(rooms, repository, query, { base, target })),
  }),
  route({
    method: 'get',
    path: `${ONE}/kept/preview`,
    access: 'repository:write',
    scope: 'repository:write',
    summary: 'What putting a kept tip back would bring',
    query: KeptQuery.partial(),
    answer: KeptPreview,
    handle: async (rooms, { repository, query, signal }) =>
      json(await previewKept(rooms, repository, query.id ?? '', signal)),
  }),
  route({
    method: 'post',
    path: `${ONE}/kept/restore`,
    access: 'repository:write',
    scope: 'repository:write',
    summary: 'Put a kept tip back: as what it was, or as a new branch',
    body: Restore,
    answer: Restored,
    handle: async (rooms, { repository, body, actor, address }) =>
      json(await restore(rooms, repository, body, { actor, address }), 201),
  }),
  route({
    method: 'get',
    path: `${ONE}/purges`,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'The last purges of a repository, the newest first, and how far they are',
    answer: z.object({ values: z.array(Purge) }),
    handle: async (rooms, { repository }) =>
      json({ values: (await listPurges(rooms.db.read, repository.id, SHOWN)).map(presentPurge) }),
  }),
  route({
    method: 'post',
    path: `${ONE}/purges`,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'Remove kept tips for good, with every object that nothing else leads to',
    body: NewPurge,
    answer: Purge,
    handle: async (rooms, ask) => {
      const by = { user: personOf(ask), address: ask.address }
      return json(presentPurge(await askPurge(rooms, ask.repository, ask.body, by)), 202)
    },
  }),
]
