// The route of what a repository's history says.
import { Insights } from '../../contract/insights.ts'
import { json, route, type Route } from '../../route.ts'
import { insightsOf } from './count.ts'

export const insightRoutes: Route[] = [
  route({
    method: 'get',
    path: '/api/gitstead/1/repositories/:workspace/:repo_slug/insights',
    access: 'repository:read',
    scope: 'repository',
    summary: 'Who contributed to the main branch, and when; counted in the background and kept',
    answer: Insights,
    handle: async (rooms, { repository, signal }) => json(await insightsOf(rooms, repository, signal)),
  }),
]
