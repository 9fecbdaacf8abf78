// What can be done with workspaces, members, groups and projects.
import { type Permission, RESERVED, type WorkspaceRole } from '../../contract/names.ts'
import type { Db, Handle, Tx } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { newId } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import type { Actor, User, WorkspaceView } from '../../rooms.ts'
import * as store from './store.ts'

export {
  findGroupBySlug,
  findProject,
  findWorkspace,
  listMembers,
  listProjects,
  listWorkspaces,
  putMember,
} from './store.ts'
export type { GroupRow, WorkspaceRow } from './store.ts'

/** The workspace as the actor knows it: a member by role, an admin of the server as owner, others not at all. */
export async function viewWorkspace(db: Db, actor: Actor, key: string): Promise<WorkspaceView | undefined> {
  const id = /^\{?([0-9a-f-]{36})\}?$/i.exec(key)?.[1]?.toLowerCase()
  const found =
    (id === undefined ? undefined : await store.findWorkspace(db.read, { id })) ??
    (await store.findWorkspace(db.read, { slug: key.toLowerCase() }))
  if (!found || actor.kind !== 'user') return undefined
  const role = await store.findRole(db.read, found.id, actor.id)
  if (actor.isAdmin) return { ...found, role: 'owner' }
  return role === undefined ? undefined : { ...found, role }
}

export async function createWorkspace(
  db: Db,
  by: User,
  wanted: { slug: string; name: string; member_permission: Permission; address: string },
): Promise<string> {
  if (RESERVED.has(wanted.slug))
    throw new Fault('request.invalid', {
      detail: 'This address belongs to the program.',
      fields: { slug: ['This address belongs to the program. Choose another.'] },
    })
  const id = newId()
  const at = new Date().toISOString()
  await db.write(async (tx) => {
    if (await store.findWorkspace(tx, { slug: wanted.slug })) {
      throw new Fault('name.taken', {
        name: wanted.slug,
        fields: { slug: ['A workspace or a person has this address already. Choose another.'] },
      })
    }
    await store.insertWorkspace(tx, {
      id,
      slug: wanted.slug,
      name: wanted.name,
      owner_id: null,
      member_permission: wanted.member_permission,
      created_at: at,
      updated_at: at,
    })
    await store.putMember(tx, id, by.id, 'owner')
    await store.insertProject(tx, {
      id: newId(),
      workspace_id: id,
      key: 'MAIN',
      name: 'Main',
      description: '',
      is_private: 1,
      created_at: at,
      updated_at: at,
    })
    await record(tx, { kind: 'workspace:created', actorId: by.id, workspaceId: id, address: wanted.address })
  })
  return id
}

/** The address stays as it is: every clone URL in it would break. */
export async function changeWorkspace(
  db: Db,
  by: User,
  workspace: WorkspaceView,
  change: { name?: string | undefined; member_permission?: Permission | undefined; address: string },
): Promise<store.WorkspaceRow> {
  const next = {
    name: change.name ?? workspace.name,
    member_permission: change.member_permission ?? workspace.member_permission,
    updated_at: new Date().toISOString(),
  }
  await db.write(async (tx) => {
    await store.updateWorkspace(tx, workspace.id, next)
    const data = { name: next.name, member_permission: next.member_permission }
    await record(tx, {
      kind: 'workspace:changed',
      actorId: by.id,
      workspaceId: workspace.id,
      address: change.address,
      data,
    })
  })
  return { ...workspace, ...next }
}

/** Only an empty one: repositories are deleted one by one, each by its own confirmation. */
export async function removeWorkspace(db: Db, by: User, workspace: WorkspaceView, address: string): Promise<void> {
  if (workspace.owner_id !== null)
    throw new Fault('conflict', { detail: 'This workspace belongs to an account and stays as long as that does.' })
  await db.write(async (tx) => {
    if ((await store.countRepositories(tx, { workspace: workspace.id })) > 0) {
      throw new Fault('conflict', { detail: 'The workspace still holds repositories. Delete them first.' })
    }
    await store.deleteWorkspace(tx, workspace.id)
    const data = { slug: workspace.slug }
    await record(tx, { kind: 'workspace:deleted', actorId: by.id, workspaceId: workspace.id, address, data })
  })
}

export async function changeMember(
  db: Db,
  by: User,
  workspace: WorkspaceView,
  change: { userId: string; role: WorkspaceRole | null; address: string },
): Promise<void> {
  await db.write(async (tx) => {
    if (change.role !== 'owner' && workspace.owner_id === change.userId)
      throw new Fault('conflict', { detail: 'This is their own workspace.' })
    const before = await store.findRole(tx, workspace.id, change.userId)
    if (change.role === null) await removeMember(tx, workspace, change.userId)
    else await store.putMember(tx, workspace.id, change.userId, change.role)
    const lessOwned = before === 'owner' && change.role !== 'owner'
    if (lessOwned && (await store.countActiveOwners(tx, workspace.id)) === 0) {
      throw new Fault('conflict', { detail: 'A workspace needs an owner. Make somebody else an owner first.' })
    }
    await record(tx, {
      kind: 'workspace:member',
      actorId: by.id,
      workspaceId: workspace.id,
      address: change.address,
      data: { user: change.userId, role: change.role },
    })
  })
}

/** Whoever goes leaves nothing behind: neither groups nor grants, of which each repository they made has one. */
async function removeMember(tx: Tx, workspace: WorkspaceView, userId: string): Promise<void> {
  if (!(await store.deleteMember(tx, workspace.id, userId))) throw new Fault('not-found')
  for (const group of await store.listGroups(tx, workspace.id)) await store.deleteGroupMember(tx, group.id, userId)
  await store.deleteGrantsIn(tx, workspace.id, userId)
}

export interface NewProject {
  key: string
  name: string
  description: string
  isPrivate: boolean
}

export async function createProject(
  db: Db,
  by: { user: User; address: string },
  workspaceId: string,
  wanted: NewProject,
): Promise<void> {
  const at = new Date().toISOString()
  await db.write(async (tx) => {
    if (await store.findProject(tx, workspaceId, wanted.key)) throw projectTaken(wanted.key)
    await store.insertProject(tx, {
      id: newId(),
      workspace_id: workspaceId,
      key: wanted.key,
      name: wanted.name,
      description: wanted.description,
      is_private: Number(wanted.isPrivate),
      created_at: at,
      updated_at: at,
    })
    const about = { actorId: by.user.id, workspaceId, address: by.address, data: { key: wanted.key } }
    await record(tx, { kind: 'project:created', ...about })
  })
}

export function projectTaken(key: string): Fault {
  return new Fault('name.taken', { name: key, fields: { key: ['A project of this key exists.'] } })
}

export async function needProject(db: Handle, workspaceId: string, key: string): Promise<store.ProjectRow> {
  const id = /^\{?([0-9a-f-]{36})\}?$/i.exec(key)?.[1]
  const found = await store.findProject(db, workspaceId, id ?? key.toUpperCase())
  if (!found) throw new Fault('not-found')
  return found
}
