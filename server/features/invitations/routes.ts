// Routes of one-time links: set-up, invitations, password resets.
import { z } from 'zod'
import {
  Accept,
  Accepted,
  CreatedInvitation,
  Invitation,
  LinkView,
  Reset,
  Session,
  SetUp,
} from '../../contract/gitstead.ts'
import { MailedInvitation, MailedLink } from '../../contract/mail.ts'
import { Fault } from '../../kit/fault.ts'
import { done, json, route, type Route } from '../../route.ts'
import type { Actor, Rooms } from '../../rooms.ts'
import { findUserById, needUser } from '../accounts/actions.ts'
import { personOf, signedIn, visitOf } from '../accounts/session.ts'
import { findWorkspace, viewWorkspace } from '../workspaces/actions.ts'
import { needByName, viewById } from '../repositories/actions.ts'
import * as actions from './actions.ts'
import type { InvitationRow, LinkRow } from './store.ts'

const OWN = '/api/gitstead/1'

function presentInvitation(rooms: Rooms, actor: Actor, row: InvitationRow): Invitation {
  const stored = JSON.parse(row.grants) as actions.StoredGrant[]
  const grants = stored.flatMap(({ repository_id, permission }) => {
    const [repository] = actions.namesOf(rooms, actor, [repository_id])
    return repository === undefined ? [] : [{ repository, permission }]
  })
  return {
    id: row.id,
    note: row.note,
    workspace: row.workspace ?? '',
    role: row.role ?? 'collaborator',
    grants,
    invited_by: row.by_name ?? '',
    created_on: row.created_at,
    expires_on: row.expires_at,
    state: stateOf(row),
    used_by: row.used_name,
  }
}

function stateOf(row: LinkRow): Invitation['state'] {
  if (row.used_at !== null) return 'used'
  if (row.withdrawn_at !== null) return 'withdrawn'
  return row.expires_at <= new Date().toISOString() ? 'expired' : 'open'
}

const links: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/links/:token`,
    access: 'anyone',
    scope: 'none',
    summary: 'What a one-time link opens, before it is used',
    answer: LinkView,
    handle: async (rooms, { params }) => {
      const link = await actions.openLink(rooms, params.token)
      const by = link.created_by === null ? undefined : await findUserById(rooms.db.read, link.created_by)
      const user = link.user_id === null ? undefined : await findUserById(rooms.db.read, link.user_id)
      const workspace =
        link.workspace_id === null ? undefined : await findWorkspace(rooms.db.read, { id: link.workspace_id })
      return json({
        kind: link.kind,
        invited_by: by?.display_name ?? null,
        workspace: workspace?.name ?? null,
        role: link.role,
        username: user?.name ?? null,
        expires_on: link.expires_at,
      } satisfies LinkView)
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/setup`,
    access: 'anyone',
    scope: 'none',
    summary: 'Create the first admin with the link that the server printed',
    body: SetUp,
    answer: Session,
    handle: async (rooms, { body, address, base, raw }) => {
      const visit = { address, userAgent: raw.headers['user-agent'] ?? '' }
      const session = await actions.setUp(rooms, body.token, body, visit)
      const answer = await signedIn(rooms, session, base)
      return json(answer.body, 201, answer.headers)
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/links/:token/accept`,
    access: 'anyone',
    scope: 'none',
    summary: 'Accept an invitation: choose name and password',
    body: Accept,
    answer: Accepted,
    handle: async (rooms, { params, body, address, base, raw }) => {
      const visit = { address, userAgent: raw.headers['user-agent'] ?? '' }
      const { session, link, repositoryIds } = await actions.accept(rooms, params.token, body, visit)
      const answer = await signedIn(rooms, session, base)
      const workspace = await findWorkspace(rooms.db.read, { id: link.workspace_id ?? '' })
      const actor: Actor = { kind: 'guest' }
      const names = repositoryIds.flatMap((id) => {
        const view = viewById(rooms.db, actor, id)
        return view ? [`${view.workspace.slug}/${view.slug}`] : []
      })
      return json(
        { user: answer.body.user, repositories: names, workspace: workspace?.slug ?? '' },
        201,
        answer.headers,
      )
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/links/:token/reset`,
    access: 'anyone',
    scope: 'none',
    summary: 'Set a new password with a reset link',
    body: Reset,
    handle: async (rooms, { params, body, address, raw }) => {
      await actions.reset(rooms, params.token, body.password, { address, userAgent: raw.headers['user-agent'] ?? '' })
      return done()
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/links/:token/enter`,
    access: 'anyone',
    scope: 'none',
    summary: 'Sign in with a link that was made at the shell of the server',
    answer: Session,
    handle: async (rooms, ask) => {
      const session = await actions.enter(rooms, ask.params.token, visitOf(ask))
      const answer = await signedIn(rooms, session, ask.base)
      return json(answer.body, 201, answer.headers)
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/people/:username/reset-link`,
    access: 'admin',
    scope: 'session',
    summary: 'A link by which somebody sets a new password',
    answer: MailedLink,
    handle: async (rooms, ask) => {
      const user = await needUser(rooms.db.read, ask.params.username)
      const link = await actions.makeResetLink(rooms, { user: personOf(ask), address: ask.address }, user)
      if (link.mailed) rooms.bus.tell({ kind: 'jobs' })
      const { secret, expiresAt, mailed } = link
      return json({ url: `${ask.base}/reset#token=${secret}`, expires_on: expiresAt, mailed }, 201)
    },
  }),
]

const invitations: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/invitations`,
    access: 'user',
    scope: 'session',
    summary: 'Invitations that the account made; for an admin all of them',
    answer: z.object({ values: z.array(Invitation) }),
    handle: async (rooms, ask) => {
      const rows = await actions.invitations(rooms, personOf(ask))
      return json({ values: rows.map((row) => presentInvitation(rooms, ask.actor, row)) })
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/invitations`,
    access: 'user',
    scope: 'session',
    summary: 'Invite somebody: the link in this answer works once, for a day',
    body: MailedInvitation,
    answer: CreatedInvitation,
    handle: async (rooms, ask) => {
      const { workspace: name, role, note, grants, email } = ask.body
      const workspace = await viewWorkspace(rooms.db, ask.actor, name)
      if (!workspace)
        throw new Fault('request.invalid', {
          detail: `There is no workspace ${name}.`,
          fields: { workspace: ['There is no such workspace.'] },
        })
      const views = await Promise.all(
        grants.map(async ({ repository, permission }) => ({
          view: await needByName(rooms, ask.actor, repository),
          permission,
        })),
      )
      const link = await actions.invite(rooms, personOf(ask), {
        note,
        role,
        workspace,
        grants: views,
        email,
        address: ask.address,
      })
      const row = (await actions.invitations(rooms, personOf(ask))).find((candidate) => candidate.id === link.id)
      if (!row) throw new Fault('not-found')
      return json({ ...presentInvitation(rooms, ask.actor, row), url: `${ask.base}/invite#token=${link.secret}` }, 201)
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/invitations/:id`,
    access: 'user',
    scope: 'session',
    summary: 'Withdraw an invitation',
    handle: async (rooms, ask) => {
      await actions.withdraw(rooms, { user: personOf(ask), address: ask.address }, ask.params.id)
      return done()
    },
  }),
]

export const routes: Route[] = [...links, ...invitations]
