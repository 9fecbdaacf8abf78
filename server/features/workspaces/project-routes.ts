// Routes of the projects of a workspace.
import { z } from 'zod'
import { DisplayName, ProjectKey } from '../../contract/names.ts'
import { pageOf, PageQuery } from '../../contract/page.ts'
import { Fault } from '../../kit/fault.ts'
import { select } from '../../kit/filter.ts'
import { type NewEvent, record } from '../../outbox/events.ts'
import { done, json, route, type Route } from '../../route.ts'
import type { Actor, WorkspaceView } from '../../rooms.ts'
import { personOf } from '../accounts/session.ts'
import * as actions from './actions.ts'
import { presentProject } from './present.ts'
import * as store from './store.ts'

const ROOT = '/2.0/workspaces/:workspace'

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

export const projectRoutes: Route[] = [
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
