// What can be done with a repository as a whole: create, rename, change, delete. Disk first, then the row.
import { rm } from 'node:fs/promises'
import type { RecentPush } from '../../contract/gitstead.ts'
import { Slug, type Permission, type Visibility } from '../../contract/names.ts'
import { initRepository, setHead } from '../../git/care/init.ts'
import { refsUnder } from '../../git/read/revisions.ts'
import { findRef, isForeign } from '../../git/refs/refs.ts'
import type { Tx } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { newId } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import type { Actor, RepositoryView, Rooms, User, WorkspaceView } from '../../rooms.ts'
import { findProject, listProjects } from '../workspaces/actions.ts'
import { braced, unbraced } from '../accounts/present.ts'
import { fullName, presentPush } from './present.ts'
import { needOpen, needOpenFor } from './quarantine.ts'
import * as place from './place.ts'
import * as store from './store.ts'
import { announce, repoOf, settle } from './door.ts'
import { whenOpen } from './gate.ts'

const BRANCH = 'refs/heads/'

export interface NewRepository {
  name: string
  slug?: string | undefined
  description?: string | undefined
  visibility?: Visibility | undefined
  projectKey?: string | undefined
  mainBranch?: string | undefined
  parentId?: string | undefined
}

/** Makes of a free text the name that stands in addresses; Faults when nothing is left of it. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[-._]+|[-.]+$/g, '')
    .slice(0, 62)
  const checked = Slug.safeParse(slug)
  if (!checked.success) {
    const detail = checked.error.issues[0]?.message ?? ''
    throw new Fault('request.invalid', { detail: `This name gives no address: ${detail}`, fields: { name: [detail] } })
  }
  return slug
}

export async function createRepository(
  rooms: Rooms,
  by: { user: User; workspace: Pick<WorkspaceView, 'id' | 'slug'>; address: string },
  wanted: NewRepository,
): Promise<string> {
  const slug = slugOf(wanted.slug ?? wanted.name)
  const project = await projectFor(rooms, by.workspace.id, wanted.projectKey)
  if (await store.findBySlug(rooms.db.read, by.workspace.id, slug)) throw taken(slug)
  const id = newId()
  const volume = rooms.volumes.place()
  const mainBranch = wanted.mainBranch ?? 'main'
  const scratch = await rooms.volumes.scratch(volume)
  try {
    await initRepository(rooms.git, scratch, mainBranch)
    await rooms.volumes.publish(scratch, { volume, id })
  } catch (error) {
    await rm(scratch, { recursive: true, force: true })
    throw error
  }
  const at = new Date().toISOString()
  try {
    await rooms.db.write(async (tx) => {
      if (await store.findBySlug(tx, by.workspace.id, slug)) throw taken(slug)
      await place.needVolume(tx, volume)
      await store.forgetName(tx, by.workspace.id, slug)
      await store.insertRepository(tx, {
        id,
        workspace_id: by.workspace.id,
        project_id: project.id,
        slug,
        name: wanted.name.trim().slice(0, 100),
        description: wanted.description ?? '',
        visibility: wanted.visibility ?? 'private',
        main_branch: mainBranch,
        volume,
        parent_id: wanted.parentId ?? null,
        language: '',
        size: 0,
        is_empty: 1,
        created_by: by.user.id,
        created_at: at,
        updated_at: at,
      })
      await store.putGrant(tx, id, { userId: by.user.id }, 'admin')
      await record(tx, {
        kind: 'repo:created',
        actorId: by.user.id,
        workspaceId: by.workspace.id,
        repositoryId: id,
        address: by.address,
      })
    })
  } catch (error) {
    await discard(rooms, volume, id)
    throw error
  }
  return id
}

async function projectFor(rooms: Rooms, workspaceId: string, key: string | undefined): Promise<{ id: string }> {
  const found =
    key === undefined
      ? (await listProjects(rooms.db.read, workspaceId))[0]
      : await findProject(rooms.db.read, workspaceId, key)
  if (!found)
    throw new Fault('request.invalid', {
      detail: `There is no project ${key ?? ''} in this workspace.`,
      fields: { project: ['There is no such project.'] },
    })
  return found
}

function taken(slug: string): Fault {
  return new Fault('name.taken', {
    name: slug,
    detail: 'A repository of this name exists in the workspace.',
    fields: { name: ['This name is already taken in the workspace.'] },
  })
}

export interface RepositoryChange {
  name?: string | undefined
  description?: string | undefined
  visibility?: Visibility | undefined
  projectKey?: string | undefined
  mainBranch?: string | undefined
}

/** Where there are branches, the main one is one of them: a clone would begin with nothing. */
async function needBranch(rooms: Rooms, repository: RepositoryView, name: string): Promise<void> {
  const snapshot = await rooms.refs.read(repoOf(rooms, repository))
  if (isForeign(snapshot) || findRef(snapshot, BRANCH + name)) return
  if (refsUnder(snapshot, BRANCH).length === 0) return
  const detail = `There is no branch ${name} in this repository.`
  throw new Fault('request.invalid', { detail, fields: { mainbranch: [detail] } })
}

/** A rename is a change of the row only; the old name goes on to lead here until somebody takes it. */
export async function changeRepository(
  rooms: Rooms,
  by: { actor: Actor; address: string },
  repository: RepositoryView,
  change: RepositoryChange,
): Promise<void> {
  const slug = change.name === undefined ? repository.slug : slugOf(change.name)
  const project =
    change.projectKey === undefined ? undefined : await projectFor(rooms, repository.workspace_id, change.projectKey)
  if (change.mainBranch !== undefined && change.mainBranch !== repository.main_branch) {
    await needBranch(rooms, repository, change.mainBranch)
    await pointHead(rooms, by, repository, change.mainBranch)
  }
  await rooms.db.write(async (tx) => {
    await needOpenFor(tx, by.actor, repository.id)
    if (slug !== repository.slug) {
      if (await store.findBySlug(tx, repository.workspace_id, slug)) throw taken(slug)
      await store.forgetName(tx, repository.workspace_id, slug)
      await store.rememberName(tx, repository.workspace_id, repository.slug, repository.id)
    }
    await store.updateRepository(tx, repository.id, {
      slug,
      name: change.name?.trim().slice(0, 100) ?? repository.name,
      description: change.description ?? repository.description,
      visibility: change.visibility ?? repository.visibility,
      project_id: project?.id ?? repository.project_id,
      main_branch: change.mainBranch ?? repository.main_branch,
      updated_at: new Date().toISOString(),
    })
    await record(tx, {
      kind: 'repo:updated',
      actorId: by.actor.kind === 'user' ? by.actor.id : null,
      workspaceId: repository.workspace_id,
      repositoryId: repository.id,
      address: by.address,
      data: { from: repository.slug, to: slug, ...change },
    })
  })
}

/** HEAD is part of the refs: it goes through the door like them, so that no move to another disk overlooks it. */
async function pointHead(
  rooms: Rooms,
  by: { actor: Actor; address: string },
  repository: RepositoryView,
  branch: string,
): Promise<void> {
  await whenOpen(rooms, { repository }, async (now) => {
    const id = await announce(rooms, now, [], by)
    try {
      await setHead(rooms.git, repoOf(rooms, now), branch)
    } finally {
      await settle(rooms, now, id, [])
    }
  })
}

/**
 * The row goes first: from then on nobody gets in. The files are moved away at once and removed after that, where their
 * disk is there; else when it comes back.
 */
export async function deleteRepository(
  rooms: Rooms,
  by: { actor: Actor; address: string },
  repository: RepositoryView,
): Promise<void> {
  const copies = await place.listOldCopies(rooms.db.read, repository.id)
  await rooms.db.write(async (tx) => {
    await store.deleteRepository(tx, repository.id)
    await record(tx, {
      kind: 'repo:deleted',
      actorId: by.actor.kind === 'user' ? by.actor.id : null,
      workspaceId: repository.workspace_id,
      repositoryId: repository.id,
      address: by.address,
      data: { full_name: `${repository.workspace.slug}/${repository.slug}` },
    })
  })
  rooms.packs.purge(repository.id)
  rooms.refs.forget(repository.id)
  rooms.reads.forget(repository.id)
  await rooms.reads.folders.purge(repository.id).catch((err: unknown) => {
    rooms.log.warn({ err, repository: repository.id }, 'a cache could not be purged')
  })
  for (const { volume } of [repository, ...copies]) await discard(rooms, volume, repository.id)
}

/** Of files that no row names any more: what stays behind now goes with the next start, or the next night. */
async function discard(rooms: Rooms, volume: string, id: string): Promise<void> {
  await rooms.volumes.discard(volume, id).catch((err: unknown) => {
    rooms.log.warn({ err, volume, repository: id }, 'the files of a repository could not be removed')
  })
}

export type GrantSubject = { userId: string } | { groupId: string }

export async function setGrant(
  rooms: Rooms,
  by: { actor: Actor; address: string },
  repository: RepositoryView,
  grant: { to: GrantSubject; permission: Permission | null },
): Promise<void> {
  await rooms.db.write(async (tx) => {
    await needOpenFor(tx, by.actor, repository.id)
    if (grant.permission === null) await store.deleteGrant(tx, repository.id, grant.to)
    else await store.putGrant(tx, repository.id, grant.to, grant.permission)
    await record(tx, {
      kind: 'repo:permission',
      actorId: by.actor.kind === 'user' ? by.actor.id : null,
      workspaceId: repository.workspace_id,
      repositoryId: repository.id,
      address: by.address,
      data: { ...grant.to, permission: grant.permission },
    })
  })
}

export { listAll, listViews, viewById, viewBySlugs } from './store.ts'

/** Gives a person a permission inside a transaction that does more; false when the repository is gone. */
export async function grantInside(
  tx: Tx,
  repositoryId: string,
  userId: string,
  permission: Permission,
): Promise<boolean> {
  if (!(await store.exists(tx, repositoryId))) return false
  await store.putGrant(tx, repositoryId, { userId }, permission)
  return true
}

/** The repository that a person named as `workspace/name`, or a Fault that says there is none for them. */
export async function needByName(rooms: Rooms, actor: Actor, fullName: string): Promise<RepositoryView> {
  const [workspace = '', slug = ''] = fullName.toLowerCase().split('/', 2)
  const view = store.viewBySlugs(rooms.db, actor, workspace, slug)
  if (!view || view.permission === 'none') {
    throw new Fault('request.invalid', {
      detail: `There is no repository ${fullName}.`,
      fields: { repository: ['There is no such repository.'] },
    })
  }
  if (view.mode === 'off') needOpen(view)
  return view
}

/** For lists over several repositories: what the actor may read, and no admin of the server has switched off. */
export function readableById(rooms: Rooms, actor: Actor, id: string): RepositoryView | undefined {
  const view = store.viewById(rooms.db, actor, id)
  return view && view.permission !== 'none' && view.mode !== 'off' ? view : undefined
}

/** The newest pushes of these repositories, as far as they are not switched off. */
export async function recentPushes(rooms: Rooms, views: RepositoryView[], limit: number): Promise<RecentPush[]> {
  const names = new Map(views.filter(({ mode }) => mode !== 'off').map((view) => [view.id, fullName(view)]))
  if (names.size === 0) return []
  const rows = await store.listRecentPushes(rooms.db.read, [...names.keys()], limit)
  return rows.map((row) => presentPush(row, names.get(row.repository_id) ?? ''))
}

/** As an address names it: slugs or braced ids, and names that a repository had before. */
export function findForDoor(rooms: Rooms, actor: Actor, workspace: string, name: string): RepositoryView | undefined {
  const id = unbraced(name)
  if (id !== undefined && name.startsWith('{')) {
    const view = store.viewById(rooms.db, actor, id)
    return view && [view.workspace.slug, braced(view.workspace.id), '{}'].includes(workspace.toLowerCase())
      ? view
      : undefined
  }
  const place = (workspace.startsWith('{') ? unbraced(workspace) : workspace.toLowerCase()) ?? ''
  const found = store.viewBySlugs(rooms.db, actor, place, name.toLowerCase())
  if (found) return found
  const former = store.formerId(rooms.db, place, name.toLowerCase())
  return former === undefined ? undefined : store.viewById(rooms.db, actor, former)
}
