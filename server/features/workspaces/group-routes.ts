// Routes of the groups of a workspace.
import { z } from 'zod'
import { Group, NewGroup } from '../../contract/gitstead.ts'
import { Fault } from '../../kit/fault.ts'
import { newId } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import { type Ask, done, json, route, type Route } from '../../route.ts'
import type { Actor, Rooms, WorkspaceView } from '../../rooms.ts'
import { needUser } from '../accounts/actions.ts'
import { unbraced } from '../accounts/present.ts'
import { personOf } from '../accounts/session.ts'
import * as actions from './actions.ts'
import * as store from './store.ts'

const OWN = '/api/gitstead/1'

export const groupRoutes: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/groups`,
    access: 'user',
    scope: 'session',
    summary: 'Groups of a workspace, or of all own workspaces',
    query: z.object({ workspace: z.string().max(100).optional() }),
    answer: z.object({ values: z.array(Group) }),
    handle: async (rooms, ask) => {
      const user = personOf(ask)
      const mine = await store.listWorkspaces(rooms.db.read, user.id, user.isAdmin)
      const asked = mine.filter(({ slug }) => ask.query.workspace === undefined || slug === ask.query.workspace)
      const lists = await Promise.all(
        asked.map(async ({ id, slug }) => {
          const rows = await store.listGroups(rooms.db.read, id)
          return Promise.all(rows.map((row) => presentGroup(rooms, row, slug)))
        }),
      )
      return json({ values: lists.flat() })
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/groups`,
    access: 'user',
    scope: 'session',
    summary: 'Create a group in an own workspace',
    body: NewGroup,
    answer: Group,
    handle: async (rooms, ask) => {
      const workspace = await actions.viewWorkspace(rooms.db, ask.actor, ask.body.workspace)
      if (workspace?.role !== 'owner')
        throw new Fault('auth.forbidden', { detail: 'Only owners of the workspace make groups in it.' })
      const slug = ask.body.name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '')
      if (slug === '')
        throw new Fault('request.invalid', {
          detail: 'The name needs a letter or a digit.',
          fields: { name: ['The name needs a letter or a digit.'] },
        })
      const row = { id: newId(), workspace_id: workspace.id, slug, name: ask.body.name }
      await rooms.db.write(async (tx) => {
        if (await store.findGroupBySlug(tx, workspace.id, slug))
          throw new Fault('name.taken', { name: slug, fields: { name: ['A group of this name exists.'] } })
        await store.insertGroup(tx, row)
        await record(tx, {
          kind: 'group:created',
          actorId: personOf(ask).id,
          workspaceId: workspace.id,
          address: ask.address,
          data: { slug },
        })
      })
      return json(await presentGroup(rooms, row, workspace.slug), 201)
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/groups/:uuid`,
    access: 'user',
    scope: 'session',
    summary: 'Delete a group; what it was granted ends with it',
    handle: async (rooms, ask) => {
      const { group, workspace } = await ownedGroup(rooms, ask.actor, ask.params.uuid)
      await rooms.db.write(async (tx) => {
        await store.deleteGroup(tx, group.id)
        await record(tx, {
          kind: 'group:deleted',
          actorId: personOf(ask).id,
          workspaceId: workspace.id,
          address: ask.address,
          data: { slug: group.slug },
        })
      })
      return done()
    },
  }),
  route({
    method: 'put',
    path: `${OWN}/groups/:uuid/members/:username`,
    access: 'user',
    scope: 'session',
    summary: 'Add a person to a group',
    handle: async (rooms, ask) => {
      await changeGroupMember(rooms, ask, true)
      return done()
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/groups/:uuid/members/:username`,
    access: 'user',
    scope: 'session',
    summary: 'Take a person out of a group',
    handle: async (rooms, ask) => {
      await changeGroupMember(rooms, ask, false)
      return done()
    },
  }),
]

async function presentGroup(rooms: Rooms, group: store.GroupRow, workspace: string): Promise<Group> {
  const members = await store.listGroupMembers(rooms.db.read, group.id)
  const shown = members.map(({ name, display_name }) => ({ username: name, display_name }))
  return { uuid: `{${group.id}}`, workspace, slug: group.slug, name: group.name, members: shown }
}

async function ownedGroup(
  rooms: Rooms,
  actor: Actor,
  uuid: string,
): Promise<{ group: store.GroupRow; workspace: WorkspaceView }> {
  const group = await store.findGroup(rooms.db.read, unbraced(uuid) ?? '')
  const workspace = group ? await actions.viewWorkspace(rooms.db, actor, group.workspace_id) : undefined
  if (!group || workspace?.role !== 'owner') throw new Fault('not-found')
  return { group, workspace }
}

async function changeGroupMember(
  rooms: Rooms,
  ask: Pick<Ask<{ uuid: string; username: string }>, 'actor' | 'address' | 'params'>,
  added: boolean,
): Promise<void> {
  const { group, workspace } = await ownedGroup(rooms, ask.actor, ask.params.uuid)
  const user = await needUser(rooms.db.read, ask.params.username)
  await rooms.db.write(async (tx) => {
    await (added ? store.addGroupMember : store.deleteGroupMember)(tx, group.id, user.id)
    await record(tx, {
      kind: 'group:member',
      actorId: personOf(ask).id,
      workspaceId: workspace.id,
      address: ask.address,
      data: { slug: group.slug, user: user.id, added },
    })
  })
}
