// One-time links: the first admin's set-up, an invitation with role and repositories, a password reset.
import type { Permission, WorkspaceRole } from '../../contract/names.ts'
import type { Tx } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { hashSecret, newId, newSecret } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import type { Actor, RepositoryView, Rooms, User, WorkspaceView } from '../../rooms.ts'
import {
  addUser,
  countUsers,
  findUserById,
  type NewSession,
  openSession,
  prepareUser,
  setPassword,
  type UserRow,
} from '../accounts/actions.ts'
import { putMember } from '../workspaces/actions.ts'
import { grantInside, viewById } from '../repositories/actions.ts'
import * as store from './store.ts'

const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS

export interface StoredGrant {
  repository_id: string
  permission: Exclude<Permission, 'none'>
}

export interface MadeLink {
  id: string
  secret: string
  expiresAt: string
}

type Draft = Pick<store.LinkRow, 'kind'> & Partial<store.LinkRow>

async function makeLink(tx: Tx, draft: Draft, lifeMs: number): Promise<MadeLink> {
  const secret = newSecret('')
  const now = Date.now()
  const expiresAt = new Date(now + lifeMs).toISOString()
  const id = newId()
  await store.insertLink(tx, {
    note: '',
    created_by: null,
    workspace_id: null,
    role: null,
    grants: '[]',
    user_id: null,
    used_at: null,
    used_by: null,
    withdrawn_at: null,
    ...draft,
    id,
    secret_hash: hashSecret(secret),
    created_at: new Date(now).toISOString(),
    expires_at: expiresAt,
  })
  return { id, secret, expiresAt }
}

/** A new link for the first admin, while there is no account; the one before it stops to work. */
export async function makeSetupLink(rooms: Rooms): Promise<MadeLink | undefined> {
  if ((await countUsers(rooms.db.read)) > 0) return undefined
  return rooms.db.write(async (tx) => {
    await store.withdrawLinks(tx, 'setup', null, new Date().toISOString())
    return makeLink(tx, { kind: 'setup' }, YEAR_MS)
  })
}

export async function makeResetLink(rooms: Rooms, by: User, user: UserRow): Promise<MadeLink> {
  return rooms.db.write(async (tx) => {
    await store.withdrawLinks(tx, 'reset', user.id, new Date().toISOString())
    await record(tx, { kind: 'user:reset-link', actorId: by.id, data: { username: user.name } })
    return makeLink(tx, { kind: 'reset', user_id: user.id, created_by: by.id }, DAY_MS)
  })
}

export interface NewInvitation {
  note: string
  workspace: WorkspaceView
  role: WorkspaceRole
  grants: { view: RepositoryView; permission: StoredGrant['permission'] }[]
  address: string
}

/** Only what the inviter could do by hand: a role in a workspace of theirs, grants on repositories they administer. */
export async function invite(rooms: Rooms, by: User, wanted: NewInvitation): Promise<MadeLink> {
  const needed = wanted.role === 'collaborator' ? ['owner', 'member'] : ['owner']
  if (!needed.includes(wanted.workspace.role ?? '')) {
    throw new Fault('auth.forbidden', { detail: 'Only owners of a workspace invite people as its owners or members.' })
  }
  for (const { view } of wanted.grants) {
    if (view.permission !== 'admin') {
      throw new Fault('auth.forbidden', {
        detail: `You need admin permission on ${view.workspace.slug}/${view.slug} to share it.`,
      })
    }
  }
  const grants: StoredGrant[] = wanted.grants.map(({ view, permission }) => ({ repository_id: view.id, permission }))
  return rooms.db.write(async (tx) => {
    await record(tx, {
      kind: 'invitation:created',
      actorId: by.id,
      workspaceId: wanted.workspace.id,
      address: wanted.address,
      data: { role: wanted.role, grants },
    })
    const draft = {
      note: wanted.note,
      created_by: by.id,
      workspace_id: wanted.workspace.id,
      role: wanted.role,
      grants: JSON.stringify(grants),
    }
    return makeLink(tx, { kind: 'invitation', ...draft }, DAY_MS)
  })
}

/** The link behind the secret, if it can still be used. */
export async function openLink(rooms: Rooms, secret: string): Promise<store.LinkRow> {
  const link = await store.findLink(rooms.db.read, hashSecret(secret))
  const now = new Date().toISOString()
  if (!link || link.used_at !== null || link.withdrawn_at !== null || link.expires_at <= now)
    throw new Fault('link.gone')
  return link
}

export interface Person {
  username: string
  display_name: string
  password: string
}

export interface Visit {
  address: string
  userAgent: string
}

/** Makes the first admin. The count is taken inside the transaction: two that set up at once make one admin. */
export async function setUp(rooms: Rooms, secret: string, person: Person, visit: Visit): Promise<NewSession> {
  const link = await openLink(rooms, secret)
  if (link.kind !== 'setup') throw new Fault('link.gone')
  const user = await prepareUser(rooms.passwords, asNew(person, true))
  return rooms.db.write(async (tx) => {
    if ((await countUsers(tx)) > 0) throw new Fault('link.gone')
    await addUser(tx, user, visit.address)
    await useLink(tx, link.id, user.id)
    return openSession(tx, user, visit)
  })
}

export async function accept(
  rooms: Rooms,
  secret: string,
  person: Person,
  visit: Visit,
): Promise<{ session: NewSession; link: store.LinkRow; repositoryIds: string[] }> {
  const link = await openLink(rooms, secret)
  if (link.kind !== 'invitation' || link.workspace_id === null || link.role === null) throw new Fault('link.gone')
  const { workspace_id: workspaceId, role } = link
  const user = await prepareUser(rooms.passwords, asNew(person, false))
  const grants = JSON.parse(link.grants) as StoredGrant[]
  return rooms.db.write(async (tx) => {
    await addUser(tx, user, visit.address)
    await useLink(tx, link.id, user.id)
    await putMember(tx, workspaceId, user.id, role)
    const repositoryIds: string[] = []
    for (const grant of grants) {
      if (await grantInside(tx, grant.repository_id, user.id, grant.permission)) repositoryIds.push(grant.repository_id)
    }
    await record(tx, {
      kind: 'invitation:accepted',
      actorId: user.id,
      workspaceId,
      address: visit.address,
      data: { link: link.id },
    })
    return { session: await openSession(tx, user, visit), link, repositoryIds }
  })
}

/** Sets a new password and ends every session of the account. */
export async function reset(rooms: Rooms, secret: string, password: string, visit: Visit): Promise<void> {
  const link = await openLink(rooms, secret)
  const user =
    link.kind === 'reset' && link.user_id !== null ? await findUserById(rooms.db.read, link.user_id) : undefined
  if (!user) throw new Fault('link.gone')
  await rooms.db.write((tx) => useLink(tx, link.id, user.id))
  await setPassword(rooms, user, {
    password,
    address: visit.address,
    keep: null,
  })
}

async function useLink(tx: Tx, id: string, userId: string): Promise<void> {
  if (!(await store.takeLink(tx, id, userId, new Date().toISOString()))) throw new Fault('link.gone')
}

function asNew(
  person: Person,
  isAdmin: boolean,
): { name: string; displayName: string; password: string; isAdmin: boolean } {
  return { name: person.username, displayName: person.display_name, password: person.password, isAdmin }
}

export async function withdraw(rooms: Rooms, by: User, id: string): Promise<void> {
  const gone = await rooms.db.write((tx) =>
    store.withdrawLink(tx, id, by.isAdmin ? null : by.id, new Date().toISOString()),
  )
  if (!gone) throw new Fault('not-found')
}

export function invitations(rooms: Rooms, by: User): Promise<store.InvitationRow[]> {
  return store.listInvitations(rooms.db.read, by.isAdmin ? null : by.id)
}

/** Full names of the repositories that the actor may see among these. */
export function namesOf(rooms: Rooms, actor: Actor, ids: string[]): string[] {
  return ids.flatMap((id) => {
    const view = viewById(rooms.db, actor, id)
    return view && view.permission !== 'none' ? [`${view.workspace.slug}/${view.slug}`] : []
  })
}
