// Routes of workspaces and their members; those of projects and groups stand beside.
import { z } from 'zod'
import { NewWorkspace, WorkspaceChange } from '../../contract/gitstead.ts'
import { WorkspaceRole } from '../../contract/names.ts'
import { pageOf, PageQuery } from '../../contract/page.ts'
import { Fault } from '../../kit/fault.ts'
import { select } from '../../kit/filter.ts'
import { done, json, route, type Route } from '../../route.ts'
import { needUser } from '../accounts/actions.ts'
import { personOf } from '../accounts/session.ts'
import * as actions from './actions.ts'
import { groupRoutes } from './group-routes.ts'
import { presentMember, presentWorkspace } from './present.ts'
import { projectRoutes } from './project-routes.ts'
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

export const routes: Route[] = [...workspaces, ...projectRoutes, ...groupRoutes]
