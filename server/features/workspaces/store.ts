// SQL of workspaces, their members, groups and projects.
import type { Insertable, Selectable, Updateable } from 'kysely'
import type { WorkspaceRole } from '../../contract/names.ts'
import type { Handle } from '../../db/open.ts'
import type { GroupTable, ProjectTable, WorkspaceTable } from '../../db/tables/workspaces.ts'

export type WorkspaceRow = Selectable<WorkspaceTable>
export type ProjectRow = Selectable<ProjectTable>
export type GroupRow = Selectable<GroupTable>
export type MemberRow = { id: string; name: string; display_name: string; created_at: string; role: WorkspaceRole }

/** By slug or by id. */
export function findWorkspace(db: Handle, key: { slug?: string; id?: string }): Promise<WorkspaceRow | undefined> {
  let query = db.selectFrom('workspaces').selectAll()
  if (key.id !== undefined) query = query.where('id', '=', key.id)
  else query = query.where('slug', '=', key.slug ?? '')
  return query.executeTakeFirst()
}

export async function findRole(db: Handle, workspaceId: string, userId: string): Promise<WorkspaceRole | undefined> {
  const row = await db
    .selectFrom('members')
    .select('role')
    .where('workspace_id', '=', workspaceId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return row?.role
}

export function listWorkspaces(
  db: Handle,
  userId: string,
  all: boolean,
): Promise<(WorkspaceRow & { role: WorkspaceRole | null })[]> {
  let query = db
    .selectFrom('workspaces')
    .leftJoin('members', (join) =>
      join.onRef('members.workspace_id', '=', 'workspaces.id').on('members.user_id', '=', userId),
    )
    .selectAll('workspaces')
    .select('members.role as role')
    .orderBy('workspaces.slug')
  if (!all) query = query.where('members.role', 'is not', null)
  return query.execute()
}

export async function insertWorkspace(db: Handle, row: Insertable<WorkspaceTable>): Promise<void> {
  await db.insertInto('workspaces').values(row).execute()
}

export async function updateWorkspace(db: Handle, id: string, change: Updateable<WorkspaceTable>): Promise<void> {
  await db.updateTable('workspaces').set(change).where('id', '=', id).execute()
}

export async function deleteWorkspace(db: Handle, id: string): Promise<void> {
  await db.deleteFrom('workspaces').where('id', '=', id).execute()
}

export function listMembers(db: Handle, workspaceId: string): Promise<MemberRow[]> {
  return db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .select(['users.id', 'users.name', 'users.display_name', 'users.created_at', 'members.role'])
    .where('workspace_id', '=', workspaceId)
    .where('users.state', '=', 'active')
    .orderBy('users.name')
    .execute()
}

/** Adds the person, or gives them the role if they are in already. */
export async function putMember(db: Handle, workspaceId: string, userId: string, role: WorkspaceRole): Promise<void> {
  await db
    .insertInto('members')
    .values({ workspace_id: workspaceId, user_id: userId, role, created_at: new Date().toISOString() })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'user_id']).doUpdateSet({ role }))
    .execute()
}

export async function deleteMember(db: Handle, workspaceId: string, userId: string): Promise<boolean> {
  const gone = await db
    .deleteFrom('members')
    .where('workspace_id', '=', workspaceId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return gone.numDeletedRows > 0n
}

/** Takes what one person was granted on the repositories of the workspace. */
export async function deleteGrantsIn(db: Handle, workspaceId: string, userId: string): Promise<void> {
  await db
    .deleteFrom('grants')
    .where('user_id', '=', userId)
    .where('repository_id', 'in', (eb) =>
      eb.selectFrom('repositories').select('id').where('workspace_id', '=', workspaceId),
    )
    .execute()
}

/** Owners who can act: one whose account is disabled would leave the workspace to nobody. */
export async function countActiveOwners(db: Handle, workspaceId: string): Promise<number> {
  const { n } = await db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('workspace_id', '=', workspaceId)
    .where('role', '=', 'owner')
    .where('users.state', '=', 'active')
    .executeTakeFirstOrThrow()
  return n
}

export function listProjects(db: Handle, workspaceId: string): Promise<ProjectRow[]> {
  return db.selectFrom('projects').selectAll().where('workspace_id', '=', workspaceId).orderBy('key').execute()
}

export function findProject(db: Handle, workspaceId: string, key: string): Promise<ProjectRow | undefined> {
  return db
    .selectFrom('projects')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where((eb) => eb.or([eb('key', '=', key), eb('id', '=', key)]))
    .executeTakeFirst()
}

export async function insertProject(db: Handle, row: Insertable<ProjectTable>): Promise<void> {
  await db.insertInto('projects').values(row).execute()
}

export async function updateProject(db: Handle, id: string, change: Updateable<ProjectTable>): Promise<void> {
  await db.updateTable('projects').set(change).where('id', '=', id).execute()
}

export async function deleteProject(db: Handle, id: string): Promise<void> {
  await db.deleteFrom('projects').where('id', '=', id).execute()
}

/** In one project, or in the whole workspace. */
export async function countRepositories(
  db: Handle,
  inside: { project: string } | { workspace: string },
): Promise<number> {
  const { n } = await db
    .selectFrom('repositories')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where((eb) =>
      'project' in inside ? eb('project_id', '=', inside.project) : eb('workspace_id', '=', inside.workspace),
    )
    .executeTakeFirstOrThrow()
  return n
}

export function listGroups(db: Handle, workspaceId: string): Promise<GroupRow[]> {
  return db.selectFrom('groups').selectAll().where('workspace_id', '=', workspaceId).orderBy('slug').execute()
}

export function findGroup(db: Handle, id: string): Promise<GroupRow | undefined> {
  return db.selectFrom('groups').selectAll().where('id', '=', id).executeTakeFirst()
}

export function findGroupBySlug(db: Handle, workspaceId: string, slug: string): Promise<GroupRow | undefined> {
  return db
    .selectFrom('groups')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('slug', '=', slug)
    .executeTakeFirst()
}

export async function insertGroup(db: Handle, row: Insertable<GroupTable>): Promise<void> {
  await db.insertInto('groups').values(row).execute()
}

export async function deleteGroup(db: Handle, id: string): Promise<void> {
  await db.deleteFrom('groups').where('id', '=', id).execute()
}

export function listGroupMembers(db: Handle, groupId: string): Promise<{ name: string; display_name: string }[]> {
  return db
    .selectFrom('group_members')
    .innerJoin('users', 'users.id', 'group_members.user_id')
    .select(['users.name', 'users.display_name'])
    .where('group_id', '=', groupId)
    .orderBy('users.name')
    .execute()
}

export async function addGroupMember(db: Handle, groupId: string, userId: string): Promise<void> {
  await db
    .insertInto('group_members')
    .values({ group_id: groupId, user_id: userId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function deleteGroupMember(db: Handle, groupId: string, userId: string): Promise<void> {
  await db.deleteFrom('group_members').where('group_id', '=', groupId).where('user_id', '=', userId).execute()
}
