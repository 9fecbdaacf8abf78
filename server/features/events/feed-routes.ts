// Routes of activity: of a repository, of a workspace, of a person.
import { ActivityList, ActivityQuery } from '../../contract/events.ts'
import { json, route, type Route } from '../../route.ts'
import { needUser } from '../accounts/actions.ts'
import { activityOf } from './feed.ts'

const OWN = '/api/gitstead/1'

export const feedRoutes: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/repositories/:workspace/:repo_slug/activity`,
    access: 'repository:read',
    scope: 'repository',
    summary: 'What happened in a repository, the newest first',
    query: ActivityQuery,
    answer: ActivityList,
    handle: async (rooms, { actor, repository, query }) =>
      json(await activityOf(rooms, actor, { key: 'repository_id', id: repository.id }, query)),
  }),
  route({
    method: 'get',
    path: `${OWN}/workspaces/:workspace/activity`,
    access: 'workspace:see',
    scope: 'repository',
    summary: 'What happened in those repositories of a workspace that the caller may read',
    query: ActivityQuery,
    answer: ActivityList,
    handle: async (rooms, { actor, workspace, query }) =>
      json(await activityOf(rooms, actor, { key: 'workspace_id', id: workspace.id }, query)),
  }),
  route({
    method: 'get',
    path: `${OWN}/people/:username/activity`,
    access: 'user',
    scope: 'repository',
    summary: 'What a person did in the repositories that the caller may read',
    query: ActivityQuery,
    answer: ActivityList,
    handle: async (rooms, { actor, params, query }) => {
      const user = await needUser(rooms.db.read, params.username)
      return json(await activityOf(rooms, actor, { key: 'actor_id', id: user.id }, query))
    },
  }),
]
