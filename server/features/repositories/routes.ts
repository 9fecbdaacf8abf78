// Routes of repositories as wholes: lists, create, read, change, delete, forks.
import { z } from 'zod'
import { Line, Slug, Visibility } from '../../contract/names.ts'
import { pageOf, PageQuery } from '../../contract/page.ts'
import { Fault } from '../../kit/fault.ts'
import { select } from '../../kit/filter.ts'
import { done, json, route, type Route } from '../../route.ts'
import type { Actor, RepositoryView, Rooms } from '../../rooms.ts'
import { personOf } from '../accounts/session.ts'
import { viewWorkspace } from '../workspaces/actions.ts'
import * as actions from './actions.ts'
import { presentRepository } from './present.ts'
import { needOpen } from './quarantine.ts'
import * as store from './store.ts'

const ONE = '/2.0/repositories/:workspace/:repo_slug'

const ListQuery = PageQuery.extend({
  role: z.enum(['admin', 'contributor', 'member', 'owner']).optional(),
  after: z.string().optional(),
})
type ListQuery = z.infer<typeof ListQuery>

const Body = z.object({
  name: Line.min(1).max(100).optional(),
  description: z.string().max(10_000).optional(),
  is_private: z.boolean().optional(),
  visibility: Visibility.optional(),
  project: z
    .object({ key: z.string().max(50) })
    .partial()
    .loose()
    .optional(),
  mainbranch: z
    .object({ name: z.string().max(250) })
    .loose()
    .nullish(),
  scm: z.literal('git').optional(),
})
type Body = z.infer<typeof Body>

function visibilityOf(body: Body): Visibility | undefined {
  if (body.visibility !== undefined) return body.visibility
  if (body.is_private === undefined) return undefined
  return body.is_private ? 'private' : 'public'
}

function changesOf(body: Body): actions.RepositoryChange {
  return {
    description: body.description,
    visibility: visibilityOf(body),
    projectKey: body.project?.key,
    mainBranch: body.mainbranch?.name,
  }
}

const LEAST: Record<string, string[]> = {
  admin: ['admin'],
  contributor: ['write', 'admin'],
  member: ['read', 'write', 'admin'],
  owner: ['admin'],
}

/** Those of `views` in which the actor has the asked role; without one, all that they may read. */
function inRole(
  views: RepositoryView[],
  actor: Actor,
  role: ListQuery['role'],
  memberOf: Set<string>,
): RepositoryView[] {
  if (role === undefined) return views
  if (actor.kind !== 'user') return []
  return views.filter((view) => {
    if (role === 'owner') return view.workspace.owner_id === actor.id || view.created_by === actor.id
    const ours = view.visibility === 'private' || memberOf.has(view.workspace_id) || view.permission !== 'read'
    return ours && (LEAST[role] ?? []).includes(view.permission)
  })
}

function list(views: RepositoryView[], query: ListQuery, place: { base: string; target: string }): unknown {
  const all = views.map((view) => presentRepository(view, place.base))
  return pageOf(select(all, query), query, place)
}

async function memberships(rooms: Rooms, actor: Actor): Promise<Set<string>> {
  return actor.kind !== 'user' ? new Set() : store.workspacesOf(rooms.db.read, actor.id)
}

function again(rooms: Rooms, actor: Actor, id: string, base: string): Record<string, unknown> {
  const view = store.viewById(rooms.db, actor, id)
  if (!view) throw new Fault('not-found')
  return presentRepository(view, base)
}

export const routes: Route[] = [
  route({
    method: 'get',
    path: '/2.0/repositories',
    access: 'anyone',
    scope: 'repository',
    summary: 'Repositories that the caller may read; with role those in which they have it',
    query: ListQuery,
    handle: async (rooms, ask) => {
      const views = inRole(
        store.listViews(rooms.db, ask.actor),
        ask.actor,
        ask.query.role,
        await memberships(rooms, ask.actor),
      )
      return json(list(views, ask.query, ask))
    },
  }),
  route({
    method: 'get',
    path: '/2.0/repositories/:workspace',
    access: 'anyone',
    scope: 'repository',
    summary: 'Repositories of a workspace that the caller may read',
    query: ListQuery,
    handle: async (rooms, ask) => {
      const key = ask.params.workspace.toLowerCase()
      const slug = (await viewWorkspace(rooms.db, ask.actor, key))?.slug ?? key
      const views = store.listViews(rooms.db, ask.actor, slug)
      if (views.length === 0 && (await viewWorkspace(rooms.db, ask.actor, slug)) === undefined) {
        throw new Fault(ask.actor.kind === 'guest' ? 'auth.needed' : 'not-found')
      }
      return json(list(inRole(views, ask.actor, ask.query.role, await memberships(rooms, ask.actor)), ask.query, ask))
    },
  }),
  route({
    method: 'get',
    path: ONE,
    access: 'repository:read',
    scope: 'repository',
    whileOff: true,
    summary: 'A repository',
    handle: async (_rooms, { repository, base }) => json(presentRepository(repository, base)),
  }),
  route({
    method: 'post',
    path: ONE,
    access: 'workspace:member',
    scope: 'repository:admin',
    summary: 'Create a repository',
    body: Body,
    handle: async (rooms, ask) => {
      const { body, params, workspace, address } = ask
      const slug = params.repo_slug.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
      // What is made must be found at the address that was asked for, not at one that we make of it.
      if (!Slug.safeParse(slug).success)
        throw new Fault('request.invalid', { detail: 'This is not a valid name for an address.' })
      const by = { user: personOf(ask), workspace, address }
      const wanted = { ...changesOf(body), name: body.name ?? params.repo_slug, slug }
      const id = await actions.createRepository(rooms, by, wanted)
      return json(again(rooms, ask.actor, id, ask.base), 201)
    },
  }),
  route({
    method: 'put',
    path: ONE,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'Change a repository; a new name gives a new address, and the old one leads there',
    body: Body,
    handle: async (rooms, ask) => {
      const { repository, body, actor, address } = ask
      await actions.changeRepository(rooms, { actor, address }, repository, { ...changesOf(body), name: body.name })
      return json(again(rooms, actor, repository.id, ask.base))
    },
  }),
  route({
    method: 'delete',
    path: ONE,
    access: 'repository:admin',
    scope: 'repository:delete',
    summary: 'Delete a repository with all its history',
    handle: async (rooms, { repository, actor, address }) => {
      needOpen(repository)
      await actions.deleteRepository(rooms, { actor, address }, repository)
      return done()
    },
  }),
  route({
    method: 'get',
    path: `${ONE}/forks`,
    access: 'repository:read',
    scope: 'repository',
    summary: 'Forks of a repository that the caller may read',
    query: ListQuery,
    handle: async (rooms, { repository, actor, query, base, target }) => {
      const forks = store.listViews(rooms.db, actor).filter((view) => view.parent_id === repository.id)
      return json(list(forks, query, { base, target }))
    },
  }),
]
