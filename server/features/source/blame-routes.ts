// The route of blame.
import { BlamePage, BlameQuery } from '../../contract/blame.ts'
import { json, route, type Route } from '../../route.ts'
import { blameOf } from './blame.ts'

export const routes: Route[] = [
  route({
    method: 'get',
    path: '/api/gitstead/1/repositories/:workspace/:repo_slug/blame/*rest',
    access: 'repository:read',
    scope: 'repository',
    summary: 'Lines of a file, and the commits that made them',
    query: BlameQuery,
    answer: BlamePage,
    handle: async (rooms, { repository, params, query, signal }) =>
      json(await blameOf(rooms, repository, { address: params.rest, ...query, to: query.to, signal })),
  }),
]
