// One-time links: the first admin's set-up, an invitation with role and repositories, a password reset, a sign-in.
import type { Permission, WorkspaceRole } from '../../contract/names.ts'
import type { Tx } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { hashSecret, newId, newSecret } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import type { Actor, RepositoryView, Rooms, User, WorkspaceView } from '../../rooms.ts'
import {
  addUser,
  applyPassword,
  countUsers,
  findUserById,
  hashPassword,
  type NewSession,
  openSession,
  prepareUser,
  type UserRow,
  type Visit,
} from '../accounts/actions.ts'
import { actor as actorFrom } from '../accounts/bearers.ts'
import { putMember, viewWorkspace } from '../workspaces/actions.ts'
import { grantInside, viewById } from '../repositories/actions.ts'
import { sendsMail } from '../mail/actions.ts'
import { mailInvitation, mailResetLink } from './letters.ts'
import * as store from './store.ts'

const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** Invitations of one person in an hour; more of them are not mailed. */
const MOST_MAILED = 20

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

export async function makeResetLink(
  rooms: Rooms,
  by: { user: User; address: string },
  user: UserRow,
): Promise<MadeLink & { mailed: boolean }> {
  return rooms.db.write(async (tx) => {
    await store.withdrawLinks(tx, 'reset', user.id, new Date().toISOString())
    const data = { username: user.name, user: user.id }
    await record(tx, { kind: 'user:reset-link', actorId: by.user.id, address: by.address, data })
    const link = await makeLink(tx, { kind: 'reset', user_id: user.id, created_by: by.user.id }, DAY_MS)
    return { ...link, mailed: await mailResetLink(rooms, tx, user, link.secret) }
  })
}

/**
 * A link that signs the account in, once and for a minute. Whoever makes it at the shell owns the data folder, with every
 * password and second factor in it: neither is asked for.
 */
export async function makeEntryLink(rooms: Rooms, user: UserRow): Promise<MadeLink> {
  if (user.state !== 'active') throw new Fault('conflict', { detail: `The account ${user.name} is disabled.` })
  return rooms.db.write(async (tx) => {
    const data = { username: user.name, user: user.id }
    await record(tx, { kind: 'user:entry-link', actorId: null, address: 'shell', data })
    return makeLink(tx, { kind: 'entry', user_id: user.id }, MINUTE_MS)
  })
}

export async function enter(rooms: Rooms, secret: string, visit: Visit): Promise<NewSession> {
  const link = await openLink(rooms, secret)
  if (link.kind !== 'entry' || link.user_id === null) throw new Fault('link.gone')
  const userId = link.user_id
  return rooms.db.write(async (tx) => {
    const user = await findUserById(tx, userId)
    if (user?.state !== 'active') throw new Fault('link.gone')
    await useLink(tx, link.id, user.id)
    return openSession(tx, user, visit)
  })
}

export interface NewInvitation {
  note: string
  workspace: WorkspaceView
  role: WorkspaceRole
  grants: { view: RepositoryView; permission: StoredGrant['permission'] }[]
  address: string
  /** Where the link is mailed to, beside being shown. */
  email?: string | undefined
}

/** Only what the inviter could do by hand: a role in a workspace of theirs, grants on repositories they administer. */
export async function invite(rooms: Rooms, by: User, wanted: NewInvitation): Promise<MadeLink> {
  if (wanted.email !== undefined && !(await sendsMail(rooms.db.read)))
    throw new Fault('conflict', { detail: 'This server sends no mail. Make the invitation without an address.' })
  if (!mayInvite(wanted.workspace, wanted.role)) {
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
    if (wanted.email !== undefined) await refuseFlood(tx, by)
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
    const link = await makeLink(tx, { kind: 'invitation', ...draft }, DAY_MS)
    const { email, workspace } = wanted
    if (email !== undefined)
      await mailInvitation(rooms, tx, by, { to: email, workspace: workspace.name, secret: link.secret })
    return link
  })
}

/** Whoever has an account can have a mail sent to anybody: not to be used to fill somebody's inbox. */
async function refuseFlood(tx: Tx, by: User): Promise<void> {
  const lately = new Date(Date.now() - HOUR_MS).toISOString()
  if (by.isAdmin || (await store.countInvitations(tx, by.id, lately)) < MOST_MAILED) return
  const detail = `You have made ${MOST_MAILED} invitations in the last hour. Make further ones without an address.`
  throw new Fault('conflict', { detail })
}

function mayInvite(workspace: WorkspaceView | undefined, role: WorkspaceRole): boolean {
  const needed = role === 'collaborator' ? ['owner', 'member'] : ['owner']
  return needed.includes(workspace?.role ?? '')
}

/** The link behind the secret, if it can still be used. */
export async function openLink(rooms: Rooms, secret: string): Promise<store.LinkRow> {
  const link = await store.findLink(rooms.db.read, hashSecret(secret))
  const now = new Date().toISOString()
  if (!link || link.used_at !== null || link.withdrawn_at !== null || link.expires_at <= now)
    throw new Fault('link.gone')
  if (link.kind === 'invitation') await standingInviter(rooms, link)
  return link
}

/** An invitation is worth what its maker may do today: somebody who was sent away cannot let others in. */
async function standingInviter(rooms: Rooms, link: store.LinkRow): Promise<User> {
  const row = link.created_by === null ? undefined : await findUserById(rooms.db.read, link.created_by)
  if (row?.state !== 'active') throw new Fault('link.gone')
  const inviter = actorFrom(row, { via: 'session', scopes: null, onlyRepository: null, credential: '' })
  const workspace = await viewWorkspace(rooms.db, inviter, link.workspace_id ?? '')
  if (link.role === null || !mayInvite(workspace, link.role)) throw new Fault('link.gone')
  return inviter
}

export interface Person {
  username: string
  display_name: string
  password: string
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
  const inviter = await standingInviter(rooms, link)
  const grants = (JSON.parse(link.grants) as StoredGrant[]).filter(
    (grant) => viewById(rooms.db, inviter, grant.repository_id)?.permission === 'admin',
  )
  const user = await prepareUser(rooms.passwords, asNew(person, false))
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

/** Sets a new password. All that opened the account before ends: who needs a reset may have lost it to somebody. */
export async function reset(rooms: Rooms, secret: string, password: string, visit: Visit): Promise<void> {
  const link = await openLink(rooms, secret)
  const user =
    link.kind === 'reset' && link.user_id !== null ? await findUserById(rooms.db.read, link.user_id) : undefined
  if (!user) throw new Fault('link.gone')
  const hash = await hashPassword(rooms.passwords, password)
  await rooms.db.write(async (tx) => {
    await useLink(tx, link.id, user.id)
    await applyPassword(tx, user.id, hash, { address: visit.address, keep: null, revoke: true, byLink: true })
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

export async function withdraw(rooms: Rooms, by: { user: User; address: string }, id: string): Promise<void> {
  const { user, address } = by
  await rooms.db.write(async (tx) => {
    const gone = await store.withdrawLink(tx, id, user.isAdmin ? null : user.id, new Date().toISOString())
    if (!gone) throw new Fault('not-found')
    const { workspace_id: workspaceId } = gone
    await record(tx, { kind: 'invitation:withdrawn', actorId: user.id, workspaceId, address, data: { link: id } })
  })
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
