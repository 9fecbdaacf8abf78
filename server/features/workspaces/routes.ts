// Routes of workspaces, members, projects and groups.
import { z } from 'zod'
import { Group, NewGroup, NewWorkspace, WorkspaceChange } from '../../contract/gitstead.ts'
import { DisplayName, ProjectKey, WorkspaceRole } from '../../contract/names.ts'
import { pageOf, PageQuery } from '../../contract/page.ts'
import { Fault } from '../../kit/fault.ts'
import { select } from '../../kit/filter.ts'
import { newId } from '../../kit/secret.ts'
import { type NewEvent, record } from '../../outbox/events.ts'
import { type Ask, done, json, route, type Route } from '../../route.ts'
import type { Actor, Rooms, WorkspaceView } from '../../rooms.ts'
import { needUser } from '../accounts/actions.ts'
import { unbraced } from '../accounts/present.ts'
import { personOf } from '../accounts/session.ts'
import * as actions from './actions.ts'
import { presentMember, presentProject, presentWorkspace } from './present.ts'
import * as store from './store.ts'

const OWN = '/api/gitstead/1'
const ROOT = '/2.0/workspaces/:workspace'

const workspaces: Route[] = [
  route({
    method: 'get',
    path: '/2.0/workspaces',
    access: 'user',
    scope: 'account',
    summary: 'Workspaces that the account belongs to',
    query: PageQuery.extend({ role: z.string().optional() }),
    handle: async (rooms, ask) => {
      const user = personOf(ask)
      const rows = await store.listWorkspaces(rooms.db.read, user.id, false)
      const values = select(
        rows.map((row) => presentWorkspace(row, ask.base)),
        ask.query,
      )
      return json(pageOf(values, ask.query, ask))
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/workspaces`,
    access: 'user',
    scope: 'session',
    summary: 'Create a workspace for a team',
    body: NewWorkspace,
    handle: async (rooms, ask) => {
      const id = await actions.createWorkspace(rooms.db, personOf(ask), { ...ask.body, address: ask.address })
      const row = await store.findWorkspace(rooms.db.read, { id })
      if (!row) throw new Fault('not-found')
      return json(presentWorkspace({ ...row, role: 'owner' }, ask.base), 201)
    },
  }),
  route({
    method: 'patch',
    path: `${OWN}/workspaces/:workspace`,
    access: 'workspace:owner',
    scope: 'session',
    summary: 'Rename a workspace, or change what its members may do by default',
    body: WorkspaceChange,
    handle: async (rooms, ask) => {
      const change = { ...ask.body, address: ask.address }
      const changed = await actions.changeWorkspace(rooms.db, personOf(ask), ask.workspace, change)
      return json(presentWorkspace({ ...changed, role: ask.workspace.role }, ask.base))
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/workspaces/:workspace`,
    access: 'workspace:owner',
    scope: 'session',
    summary: 'Delete a workspace that holds no repository',
    handle: async (rooms, ask) => {
      await actions.removeWorkspace(rooms.db, personOf(ask), ask.workspace, ask.address)
      return done()
    },
  }),
  route({
    method: 'get',
    path: ROOT,
    access: 'workspace:see',
    scope: 'account',
    summary: 'A workspace',
    handle: async (_rooms, { workspace, base }) => json(presentWorkspace(workspace, base)),
  }),
  route({
    method: 'get',
    path: `${ROOT}/members`,
    access: 'workspace:see',
    scope: 'account',
    summary: 'Members of a workspace',
    query: PageQuery,
    handle: async (rooms, { workspace, base, query, target }) => {
      const rows = await store.listMembers(rooms.db.read, workspace.id)
      const values = select(
        rows.map((row) => presentMember(row, workspace, base)),
        query,
      )
      return json(pageOf(values, query, { base, target }))
    },
  }),
  route({
    method: 'get',
    path: `${ROOT}/members/:member`,
    access: 'workspace:see',
    scope: 'account',
    summary: 'One member of a workspace',
    handle: async (rooms, { workspace, base, params }) => {
      const user = await needUser(rooms.db.read, params.member)
      const row = (await store.listMembers(rooms.db.read, workspace.id)).find(({ id }) => id === user.id)
      if (!row) throw new Fault('not-found')
      return json(presentMember(row, workspace, base))
    },
  }),
  route({
    method: 'put',
    path: `${OWN}/workspaces/:workspace/members/:username`,
    access: 'workspace:owner',
    scope: 'session',
    summary: 'Add a person to a workspace, or change their role',
    body: z.object({ role: WorkspaceRole }),
    handle: async (rooms, ask) => {
      const user = await needUser(rooms.db.read, ask.params.username)
      await actions.changeMember(rooms.db, personOf(ask), ask.workspace, {
        userId: user.id,
        role: ask.body.role,
        address: ask.address,
      })
      return done()
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/workspaces/:workspace/members/:username`,
    access: 'workspace:owner',
    scope: 'session',
    summary: 'Take a person out of a workspace',
    handle: async (rooms, ask) => {
      const user = await needUser(rooms.db.read, ask.params.username)
      await actions.changeMember(rooms.db, personOf(ask), ask.workspace, {
        userId: user.id,
        role: null,
        address: ask.address,
      })
      return done()
    },
  }),
]

const ProjectBody = z.object({
  key: ProjectKey,
  name: DisplayName,
  description: z.string().max(2000).default(''),
  is_private: z.boolean().default(true),
})

/** Not the partial form of the other one: its defaults would overwrite what a change leaves out. */
const ProjectChange = z.object({
  key: ProjectKey.optional(),
  name: DisplayName.optional(),
  description: z.string().max(2000).optional(),
  is_private: z.boolean().optional(),
})

function projectEvent(
  kind: string,
  { actor, address, workspace }: { actor: Actor; address: string; workspace: WorkspaceView },
  key: string,
): NewEvent {
  return { kind, actorId: actor.kind === 'user' ? actor.id : null, workspaceId: workspace.id, address, data: { key } }
}

const projects: Route[] = [
  route({
    method: 'get',
    path: `${ROOT}/projects`,
    access: 'workspace:see',
    scope: 'project',
    summary: 'Projects of a workspace',
    query: PageQuery,
    handle: async (rooms, { workspace, base, query, target }) => {
      const rows = await store.listProjects(rooms.db.read, workspace.id)
      const values = select(
        rows.map((row) => presentProject(row, workspace, base)),
        query,
      )
      return json(pageOf(values, query, { base, target }))
    },
  }),
  route({
    method: 'post',
    path: `${ROOT}/projects`,
    access: 'workspace:member',
    scope: 'project:admin',
    summary: 'Create a project',
    body: ProjectBody,
    handle: async (rooms, ask) => {
      const { key, name, description, is_private } = ask.body
      const by = { user: personOf(ask), address: ask.address }
      await actions.createProject(rooms.db, by, ask.workspace.id, {
        key,
        name,
        description,
        isPrivate: is_private,
      })
      return json(
        presentProject(await actions.needProject(rooms.db.read, ask.workspace.id, key), ask.workspace, ask.base),
        201,
      )
    },
  }),
  route({
    method: 'get',
    path: `${ROOT}/projects/:project_key`,
    access: 'workspace:see',
    scope: 'project',
    summary: 'A project',
    handle: async (rooms, { workspace, base, params }) =>
      json(presentProject(await actions.needProject(rooms.db.read, workspace.id, params.project_key), workspace, base)),
  }),
  route({
    method: 'put',
    path: `${ROOT}/projects/:project_key`,
    access: 'workspace:member',
    scope: 'project:admin',
    summary: 'Change a project',
    body: ProjectChange,
    handle: async (rooms, { workspace, base, params, body, actor, address }) => {
      const project = await actions.needProject(rooms.db.read, workspace.id, params.project_key)
      const change = {
        key: body.key ?? project.key,
        name: body.name ?? project.name,
        description: body.description ?? project.description,
        is_private: body.is_private === undefined ? project.is_private : Number(body.is_private),
        updated_at: new Date().toISOString(),
      }
      await rooms.db.write(async (tx) => {
        const other = await store.findProject(tx, workspace.id, change.key)
        if (other && other.id !== project.id) throw actions.projectTaken(change.key)
        await store.updateProject(tx, project.id, change)
        await record(tx, projectEvent('project:changed', { actor, address, workspace }, change.key))
      })
      return json(presentProject({ ...project, ...change }, workspace, base))
    },
  }),
  route({
    method: 'delete',
    path: `${ROOT}/projects/:project_key`,
    access: 'workspace:owner',
    scope: 'project:admin',
    summary: 'Delete a project that holds no repository',
    handle: async (rooms, { workspace, params, actor, address }) => {
      const project = await actions.needProject(rooms.db.read, workspace.id, params.project_key)
      await rooms.db.write(async (tx) => {
        if ((await store.countRepositories(tx, { project: project.id })) > 0) {
          throw new Fault('conflict', { detail: 'The project still holds repositories. Move or delete them first.' })
        }
        if ((await store.listProjects(tx, workspace.id)).length === 1) {
          throw new Fault('conflict', { detail: 'A workspace needs at least one project.' })
        }
        await store.deleteProject(tx, project.id)
        await record(tx, projectEvent('project:deleted', { actor, address, workspace }, project.key))
      })
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

const groups: Route[] = [
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

export const routes: Route[] = [...workspaces, ...projects, ...groups]
