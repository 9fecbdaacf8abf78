// SQL of repositories: who may do what in them, their names old and new, grants and the push journal.
import { type Insertable, type Selectable, sql, type Updateable } from 'kysely'
import { PERMISSIONS, type Permission } from '../../contract/names.ts'
import { lookUp } from '../../db/memo.ts'
import type { Db, Handle } from '../../db/open.ts'
import type { PushTable, RepositoryTable } from '../../db/tables/repositories.ts'
import { oncePer } from '../../kit/onceper.ts'
import type { Job } from '../../outbox/queue.ts'
import type { Actor, RepositoryView, User } from '../../rooms.ts'
import { readSettings } from '../accounts/settings.ts'

export type RepositoryRow = Selectable<RepositoryTable>
export type PushRow = Selectable<PushTable>

/** Columns of a repository with its workspace, its project, and all that decides what one person may do in it. */
const SELECT = `select r.*, w.slug as w_slug, w.name as w_name, w.owner_id as w_owner, w.member_permission as w_default,
    p.key as p_key, p.name as p_name,
    (select role from members where workspace_id = w.id and user_id = :user) as role,
    (select permission from grants where repository_id = r.id and user_id = :user) as own_grant,
    (select max(case g.permission when 'admin' then 3 when 'write' then 2 when 'read' then 1 else 0 end)
       from grants g join group_members m on m.group_id = g.group_id
      where g.repository_id = r.id and m.user_id = :user) as group_rank
  from repositories r join workspaces w on w.id = r.workspace_id join projects p on p.id = r.project_id`

const BY_SLUGS = `${SELECT} where w.slug = :workspace and r.slug = :slug`
const BY_ID = `${SELECT} where r.id = :id`
const BY_WORKSPACE_ID = `${SELECT} where w.id = :workspace and r.slug = :slug`
const ALL = `${SELECT} order by r.updated_at desc, r.id`
const IN_WORKSPACE = `${SELECT} where w.slug = :workspace order by r.updated_at desc, r.id`
const OLD_NAME = `select o.repository_id as id from old_names o join workspaces w on w.id = o.workspace_id
  where w.slug = :workspace and o.slug = :slug`

type Joined = RepositoryRow & {
  w_slug: string
  w_name: string
  w_owner: string | null
  w_default: Permission
  p_key: string
  p_name: string
  role: string | null
  own_grant: Permission | null
  group_rank: number | null
}

/** `workspace` is a slug or a UUID, `slug` names the repository in it. */
export function viewBySlugs(db: Db, actor: Actor, workspace: string, slug: string): RepositoryView | undefined {
  const sql = workspace.length === 36 ? BY_WORKSPACE_ID : BY_SLUGS
  const row = lookUp(db, sql, { user: idOf(actor), workspace, slug }) as Joined | undefined
  return (row ?? workspace.length !== 36) ? toView(db, row, actor) : viewOf(db, BY_SLUGS, actor, { workspace, slug })
}

export function viewById(db: Db, actor: Actor, id: string): RepositoryView | undefined {
  return viewOf(db, BY_ID, actor, { id })
}

/** The id that a name used to stand for, before a rename. */
export function formerId(db: Db, workspace: string, slug: string): string | undefined {
  return (lookUp(db, OLD_NAME, { workspace, slug }) as { id: string } | undefined)?.id
}

/** All repositories that the actor may read, newest change first. */
export function listViews(db: Db, actor: Actor, workspace?: string): RepositoryView[] {
  const user = idOf(actor)
  const rows = (
    workspace === undefined ? db.statement(ALL).all({ user }) : db.statement(IN_WORKSPACE).all({ user, workspace })
  ) as Joined[]
  return rows
    .map((row) => toView(db, row, actor))
    .filter((view): view is RepositoryView => view !== undefined && view.permission !== 'none')
}

function viewOf(db: Db, sql: string, actor: Actor, named: Record<string, string>): RepositoryView | undefined {
  return toView(db, lookUp(db, sql, { user: idOf(actor), ...named }) as Joined | undefined, actor)
}

function idOf(actor: Actor): string {
  return actor.kind === 'user' ? actor.id : ''
}

function toView(db: Db, row: Joined | undefined, actor: Actor): RepositoryView | undefined {
  if (!row) return undefined
  const facts = {
    visibility: visibilityNow(db, row.visibility),
    role: row.role,
    ownGrant: row.own_grant,
    groupRank: row.group_rank,
    byDefault: row.w_default,
  }
  return withPermission(row, permissionOf(actor, row.id, facts))
}

/** Views made of a row before, by permission: a row that is remembered is asked for again and again. */
const madeOf = oncePer((_row: Joined) => new Map<Permission, RepositoryView>())

function withPermission(row: Joined, permission: Permission): RepositoryView {
  const views = madeOf(row)
  const known = views.get(permission)
  if (known) return known
  const { w_slug, w_name, w_owner, w_default: _w, p_key, p_name, ...rest } = row
  const { role: _role, own_grant: _grant, group_rank: _rank, ...repository } = rest
  const view: RepositoryView = Object.freeze({
    ...repository,
    workspace: Object.freeze({ id: row.workspace_id, slug: w_slug, name: w_name, owner_id: w_owner }),
    project: Object.freeze({ id: row.project_id, key: p_key, name: p_name }),
    permission,
  })
  views.set(permission, view)
  return view
}

/** What guests see is the admin's to switch off: a public repository is then open to those who sign in. */
function visibilityNow(db: Db, stored: RepositoryRow['visibility']): RepositoryRow['visibility'] {
  return stored === 'public' && !readSettings(db).public_repositories ? 'internal' : stored
}

export interface AccessFacts {
  visibility: 'private' | 'internal' | 'public'
  role: string | null
  ownGrant: Permission | null
  groupRank: number | null
  byDefault: Permission
}

/**
 * What an actor may do in a repository. Admins of the server and owners of the workspace: everything. A grant to the
 * person decides before their groups and before what members get by default; visibility is the least anybody has.
 */
export function permissionOf(actor: Actor, repositoryId: string, facts: AccessFacts): Permission {
  if (actor.kind === 'guest') return facts.visibility === 'public' ? 'read' : 'none'
  if (actor.onlyRepository !== null && actor.onlyRepository !== repositoryId) return 'none'
  return actor.kind === 'deploy' ? actor.permission : permissionOfPerson(actor, facts)
}

function permissionOfPerson(actor: User, facts: AccessFacts): Permission {
  if (actor.isAdmin || facts.role === 'owner') return 'admin'
  const least = facts.visibility === 'private' ? 0 : 1
  const given =
    facts.ownGrant === null
      ? Math.max(facts.groupRank ?? 0, facts.role === 'member' ? PERMISSIONS.indexOf(facts.byDefault) : 0)
      : PERMISSIONS.indexOf(facts.ownGrant)
  return PERMISSIONS[Math.max(least, given)] ?? 'none'
}

export async function insertRepository(db: Handle, row: Insertable<RepositoryTable>): Promise<void> {
  await db.insertInto('repositories').values(row).execute()
}

export async function updateRepository(db: Handle, id: string, change: Updateable<RepositoryTable>): Promise<void> {
  await db.updateTable('repositories').set(change).where('id', '=', id).execute()
}

/** False where it is another one by now. */
export async function replaceMain(db: Handle, id: string, main: { before: string; after: string }): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('repositories')
    .set({ main_branch: main.after })
    .where('id', '=', id)
    .where('main_branch', '=', main.before)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function deleteRepository(db: Handle, id: string): Promise<void> {
  await db.deleteFrom('repositories').where('id', '=', id).execute()
}

export function findBySlug(db: Handle, workspaceId: string, slug: string): Promise<RepositoryRow | undefined> {
  return db
    .selectFrom('repositories')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('slug', '=', slug)
    .executeTakeFirst()
}

export function listAll(db: Handle): Promise<RepositoryRow[]> {
  return db.selectFrom('repositories').selectAll().orderBy('id').execute()
}

/** Remembers that the name used to stand for the repository; a new owner of the name takes it over. */
export async function rememberName(db: Handle, workspaceId: string, slug: string, repositoryId: string): Promise<void> {
  await db
    .insertInto('old_names')
    .values({ workspace_id: workspaceId, slug, repository_id: repositoryId })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'slug']).doUpdateSet({ repository_id: repositoryId }))
    .execute()
}

export async function forgetName(db: Handle, workspaceId: string, slug: string): Promise<void> {
  await db.deleteFrom('old_names').where('workspace_id', '=', workspaceId).where('slug', '=', slug).execute()
}

export interface GrantRow {
  permission: Permission
  user: { id: string; name: string; display_name: string; created_at: string } | null
  group: { id: string; slug: string; name: string } | null
}

export async function listGrants(db: Handle, repositoryId: string): Promise<GrantRow[]> {
  const rows = await db
    .selectFrom('grants')
    .leftJoin('users', 'users.id', 'grants.user_id')
    .leftJoin('groups', 'groups.id', 'grants.group_id')
    .select(['permission', 'users.id as uid', 'users.name as uname', 'users.display_name', 'users.created_at'])
    .select(['groups.id as gid', 'groups.slug as gslug', 'groups.name as gname'])
    .where('repository_id', '=', repositoryId)
    .orderBy('uname')
    .orderBy('gslug')
    .execute()
  return rows.map((row) => ({
    permission: row.permission,
    user:
      row.uid === null
        ? null
        : {
            id: row.uid,
            name: row.uname ?? '',
            display_name: row.display_name ?? '',
            created_at: row.created_at ?? '',
          },
    group: row.gid === null ? null : { id: row.gid, slug: row.gslug ?? '', name: row.gname ?? '' },
  }))
}

type Subject = { userId: string } | { groupId: string }

export async function putGrant(db: Handle, repositoryId: string, to: Subject, permission: Permission): Promise<void> {
  await deleteGrant(db, repositoryId, to)
  const subject = 'userId' in to ? { user_id: to.userId, group_id: null } : { user_id: null, group_id: to.groupId }
  await db
    .insertInto('grants')
    .values({ repository_id: repositoryId, permission, ...subject })
    .execute()
}

export async function deleteGrant(db: Handle, repositoryId: string, of: Subject): Promise<boolean> {
  const query = db.deleteFrom('grants').where('repository_id', '=', repositoryId)
  const gone = await (
    'userId' in of ? query.where('user_id', '=', of.userId) : query.where('group_id', '=', of.groupId)
  ).executeTakeFirst()
  return gone.numDeletedRows > 0n
}

export async function insertPush(db: Handle, row: Insertable<PushTable>): Promise<number> {
  const { id } = await db.insertInto('pushes').values(row).returning('id').executeTakeFirstOrThrow()
  return id
}

/** Writes down how a push ended; false when it had been written before, or the repository is gone. */
export async function finishPush(db: Handle, id: number, change: Updateable<PushTable>): Promise<boolean> {
  const pending = db.updateTable('pushes').set(change).where('id', '=', id).where('state', '=', 'pending')
  return (await pending.executeTakeFirst()).numUpdatedRows > 0n
}

/** Pushes whose end is not written down, of one repository or of all. */
export function listPendingPushes(db: Handle, repositoryId?: string): Promise<PushRow[]> {
  const all = db.selectFrom('pushes').selectAll().where('state', '=', 'pending').orderBy('id')
  return (repositoryId === undefined ? all : all.where('repository_id', '=', repositoryId)).execute()
}

/** Pushes of one repository that were recorded at this time or after it. */
export function listPushesDoneSince(db: Handle, repositoryId: string, since: string): Promise<PushRow[]> {
  return db
    .selectFrom('pushes')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .where('state', '=', 'done')
    .where('finished_at', '>=', since)
    .orderBy('id')
    .execute()
}

export function listRecentPushes(
  db: Handle,
  repositoryIds: string[],
  limit: number,
): Promise<(PushRow & { actor_name: string | null; actor_display: string | null })[]> {
  return db
    .selectFrom('pushes')
    .leftJoin('users', 'users.id', 'pushes.actor_id')
    .selectAll('pushes')
    .select(['users.name as actor_name', 'users.display_name as actor_display'])
    .where('pushes.state', '=', 'done')
    .where('repository_id', 'in', repositoryIds)
    .orderBy('pushes.id', 'desc')
    .limit(limit)
    .execute()
}

export function findById(db: Handle, id: string): Promise<RepositoryRow | undefined> {
  return db.selectFrom('repositories').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function exists(db: Handle, id: string): Promise<boolean> {
  return (await db.selectFrom('repositories').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
}

/** Whether somebody deleted the repository of this id; the event outlives the row. */
export async function wasDeleted(db: Handle, id: string): Promise<boolean> {
  const event = db.selectFrom('events').select('id').where('repository_id', '=', id).where('kind', '=', 'repo:deleted')
  return (await event.executeTakeFirst()) !== undefined
}

/** Ids of the workspaces in which the person has a role. */
export async function workspacesOf(db: Handle, userId: string): Promise<Set<string>> {
  const rows = await db.selectFrom('members').select('workspace_id').where('user_id', '=', userId).execute()
  return new Set(rows.map((row) => row.workspace_id))
}

/** Pushes of one repository that were announced at one of these times. */
export async function listPushesAt(db: Handle, repositoryId: string, times: string[]): Promise<PushRow[]> {
  if (times.length === 0) return []
  const all = db.selectFrom('pushes').selectAll().where('repository_id', '=', repositoryId)
  return all.where('created_at', 'in', times).execute()
}

/** What is left open of a repository; undefined when it is gone. */
export function modeOf(db: Handle, id: string): Promise<Pick<RepositoryRow, 'mode' | 'mode_reason'> | undefined> {
  return db.selectFrom('repositories').select(['mode', 'mode_reason']).where('id', '=', id).executeTakeFirst()
}

/** Whether an import fills the repository, or is about to. */
export async function importIsUnderWay(db: Handle, repositoryId: string): Promise<boolean> {
  const imports = db.selectFrom('jobs').select('id').where('repository_id', '=', repositoryId)
  const open = imports.where('kind', '=', 'import').where('state', 'in', ['waiting', 'running', 'parked'])
  return (await open.executeTakeFirst()) !== undefined
}

/** The newest purges of a repository, the newest first. */
export function listPurges(db: Handle, repositoryId: string, limit: number): Promise<Job[]> {
  const all = db.selectFrom('jobs').selectAll().where('repository_id', '=', repositoryId).where('kind', '=', 'purge')
  return all.orderBy('id', 'desc').limit(limit).execute()
}

/** Whether a repository of this name was deleted since then. */
export async function wasDeletedSince(
  db: Handle,
  workspace: { id: string; fullName: string },
  since: string,
): Promise<boolean> {
  const found = await db
    .selectFrom('events')
    .select('id')
    .where('workspace_id', '=', workspace.id)
    .where('kind', '=', 'repo:deleted')
    .where('created_at', '>', since)
    .where(sql<string>`json_extract(data, '$.full_name')`, '=', workspace.fullName)
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}
