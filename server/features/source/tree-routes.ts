// Routes of the source pages: a folder in one answer, its last commits as a stream, the figures of the repository.
import { z } from 'zod'
import { FolderQuery, RepositoryFigures, Tree } from '../../contract/source.ts'
import { json, route, type Route } from '../../route.ts'
import { lastCommitLines } from './last-commits.ts'
import { readFigures, readPlace } from './tree.ts'

const OWN = '/api/gitstead/1/repositories/:workspace/:repo_slug'
const READ = { method: 'get', access: 'repository:read', scope: 'repository' } as const

export const treeRoutes: Route[] = [
  route({
    ...READ,
    path: `${OWN}/tree/*rest`,
    summary: 'What lies at ref and path; of a folder a page of its entries',
    query: FolderQuery,
    answer: Tree,
    handle: async (rooms, ask) => json(await readPlace(rooms, ask, ask.params.rest, ask.query)),
  }),
  route({
    ...READ,
    path: `${OWN}/last-commits/*folder`,
    summary:
      'The commit that changed each of these entries last, as lines of JSON in the order in which they are found',
    query: FolderQuery,
    handle: async (rooms, ask) => ({
      kind: 'stream',
      status: 200,
      type: 'application/x-ndjson; charset=utf-8',
      body: await lastCommitLines(rooms, ask.repository, { ...ask.query, address: ask.params.folder }, ask.signal),
      // A proxy that gathers the answer would hold back what is there.
      headers: { 'X-Accel-Buffering': 'no' },
    }),
  }),
  route({
    ...READ,
    path: `${OWN}/figures`,
    summary: 'How many commits, branches and tags there are, and how much is stored',
    query: z.object({ at: z.string().max(300).optional() }),
    answer: RepositoryFigures,
    handle: async (rooms, { repository, query, signal }) =>
      json(await readFigures(rooms, repository, query.at ?? repository.main_branch, signal)),
  }),
]
