// Routes of who may do what in one repository: explicit permissions of people and groups.
import { z } from 'zod'
import { Permission } from '../../contract/names.ts'
import { pageOf, PageQuery } from '../../contract/page.ts'
import { Fault } from '../../kit/fault.ts'
import { done, json, route, type Route } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { needUser } from '../accounts/actions.ts'
import { findGroupBySlug, type GroupRow } from '../workspaces/actions.ts'
import { setGrant } from './actions.ts'
import { presentGroupGrant, presentUserGrant } from './present.ts'
import { listGrants } from './store.ts'

const ROOT = '/2.0/repositories/:workspace/:repo_slug/permissions-config'
const Body = z.object({ permission: Permission })

async function needGroup(rooms: Rooms, repository: RepositoryView, slug: string): Promise<GroupRow> {
  const group = await findGroupBySlug(rooms.db.read, repository.workspace_id, slug)
  if (!group) throw new Fault('not-found')
  return group
}

async function userGrant(
  rooms: Rooms,
  repository: RepositoryView,
  userId: string,
  base: string,
): Promise<Record<string, unknown>> {
  const grants = await listGrants(rooms.db.read, repository.id)
  const found = grants.find((grant) => grant.user?.id === userId)
  const shown = found && presentUserGrant(repository, found, base)
  if (!shown) throw new Fault('not-found')
  return shown
}

async function groupGrant(
  rooms: Rooms,
  repository: RepositoryView,
  groupId: string,
  base: string,
): Promise<Record<string, unknown>> {
  const grants = await listGrants(rooms.db.read, repository.id)
  const found = grants.find((grant) => grant.group?.id === groupId)
  const shown = found && presentGroupGrant(repository, found, base)
  if (!shown) throw new Fault('not-found')
  return shown
}

const people: Route[] = [
  route({
    method: 'get',
    path: `${ROOT}/users`,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'Explicit permissions of people',
    query: PageQuery,
    handle: async (rooms, { repository, base, query, target }) => {
      const grants = await listGrants(rooms.db.read, repository.id)
      return json(
        pageOf(
          grants.flatMap((grant) => presentUserGrant(repository, grant, base) ?? []),
          query,
          { base, target },
        ),
      )
    },
  }),
  route({
    method: 'get',
    path: `${ROOT}/users/:selected_user_id`,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'The explicit permission of one person',
    handle: async (rooms, { repository, base, params }) =>
      json(await userGrant(rooms, repository, (await needUser(rooms.db.read, params.selected_user_id)).id, base)),
  }),
  route({
    method: 'put',
    path: `${ROOT}/users/:selected_user_id`,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'Give a person a permission; none shuts them out of what their groups would give',
    body: Body,
    handle: async (rooms, { repository, actor, address, base, params, body }) => {
      const user = await needUser(rooms.db.read, params.selected_user_id)
      await setGrant(rooms, { actor, address }, repository, { to: { userId: user.id }, permission: body.permission })
      return json(await userGrant(rooms, repository, user.id, base))
    },
  }),
  route({
    method: 'delete',
    path: `${ROOT}/users/:selected_user_id`,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'Take back the explicit permission of a person',
    handle: async (rooms, { repository, actor, address, params }) => {
      const user = await needUser(rooms.db.read, params.selected_user_id)
      await setGrant(rooms, { actor, address }, repository, { to: { userId: user.id }, permission: null })
      return done()
    },
  }),
]

const groups: Route[] = [
  route({
    method: 'get',
    path: `${ROOT}/groups`,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'Explicit permissions of groups',
    query: PageQuery,
    handle: async (rooms, { repository, base, query, target }) => {
      const grants = await listGrants(rooms.db.read, repository.id)
      return json(
        pageOf(
          grants.flatMap((grant) => presentGroupGrant(repository, grant, base) ?? []),
          query,
          { base, target },
        ),
      )
    },
  }),
  route({
    method: 'get',
    path: `${ROOT}/groups/:group_slug`,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'The explicit permission of one group',
    handle: async (rooms, { repository, base, params }) =>
      json(await groupGrant(rooms, repository, (await needGroup(rooms, repository, params.group_slug)).id, base)),
  }),
  route({
    method: 'put',
    path: `${ROOT}/groups/:group_slug`,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'Give a group a permission',
    body: Body,
    handle: async (rooms, { repository, actor, address, base, params, body }) => {
      const group = await needGroup(rooms, repository, params.group_slug)
      await setGrant(rooms, { actor, address }, repository, { to: { groupId: group.id }, permission: body.permission })
      return json(await groupGrant(rooms, repository, group.id, base))
    },
  }),
  route({
    method: 'delete',
    path: `${ROOT}/groups/:group_slug`,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'Take back the explicit permission of a group',
    handle: async (rooms, { repository, actor, address, params }) => {
      const group = await needGroup(rooms, repository, params.group_slug)
      await setGrant(rooms, { actor, address }, repository, { to: { groupId: group.id }, permission: null })
      return done()
    },
  }),
]

export const routes: Route[] = [...people, ...groups]
