// Routes of sessions, the own account, app passwords and people.
import { z } from 'zod'
import {
  AppPassword,
  Candidate,
  CreatedAppPassword,
  Me,
  NewAppPassword,
  PasswordChange,
  Person,
  PersonChange,
  Profile,
  Session,
  SessionEntry,
  SignIn,
} from '../../contract/gitstead.ts'
import { SecondStep } from '../../contract/factor.ts'
import { Fault } from '../../kit/fault.ts'
import { hashSecret } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import { done, json, type Reply, route, type Route } from '../../route.ts'
import type { Actor, Rooms } from '../../rooms.ts'
import { changePassword, changePerson, createAppPassword, endSession, findPeople, needUser, signIn } from './actions.ts'
import { personOf, sessionBody, sessionCookie, signedIn, visitOf } from './session.ts'
import { sessionSecret } from './identify.ts'
import {
  presentAppPassword,
  presentCandidate,
  presentMe,
  presentPerson,
  presentSession,
  presentUser,
} from './present.ts'
import * as store from './store.ts'

const OWN = '/api/gitstead/1'
const listOf = (item: z.ZodType): z.ZodType => z.object({ values: z.array(item) })

const sessionRoutes: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/session`,
    access: 'anyone',
    scope: 'none',
    summary: 'Who is signed in, and what a page needs to start',
    answer: Session,
    handle: async (rooms, { actor, base }) => json(await sessionBody(rooms, actor, base)),
  }),
  route({
    method: 'post',
    path: `${OWN}/session`,
    access: 'anyone',
    scope: 'none',
    summary: 'Sign in with name and password; with a second factor, 202 and a ticket for its code',
    body: SignIn,
    answer: z.union([Session, SecondStep]),
    handle: async (rooms, { body, base, ...from }) => {
      const opened = await signIn(rooms, { name: body.username, password: body.password }, visitOf(from))
      if ('ticket' in opened) return json({ second_factor: opened } satisfies SecondStep, 202)
      const { body: session, headers } = await signedIn(rooms, opened, base)
      return json(session, 201, headers)
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/session`,
    access: 'anyone',
    scope: 'none',
    summary: 'Sign out',
    handle: async (rooms, { actor, raw, address, base }) => {
      const secret = sessionSecret(raw)
      if (actor.kind === 'user' && secret !== undefined)
        await endSession(rooms.db, { userId: actor.id, address }, { id: hashSecret(secret), other: false })
      return done(sessionCookie('', new Date(0), base))
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/sessions`,
    access: 'user',
    scope: 'session',
    summary: 'The browsers in which the account is signed in',
    answer: listOf(SessionEntry),
    handle: async (rooms, ask) => {
      const user = personOf(ask)
      const sessions = await store.listSessions(rooms.db.read, user.id)
      return json({ values: sessions.map((session) => presentSession(session, user.credential)) })
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/sessions/:id`,
    access: 'user',
    scope: 'session',
    summary: 'Sign one browser out',
    handle: async (rooms, ask) => {
      const { id, credential } = personOf(ask)
      const session = { id: ask.params.id, other: ask.params.id !== credential }
      return gone(await endSession(rooms.db, { userId: id, address: ask.address }, session))
    },
  }),
]

function gone(found: boolean): Reply {
  if (!found) throw new Fault('not-found')
  return done()
}

const accountRoutes: Route[] = [
  route({
    method: 'put',
    path: `${OWN}/profile`,
    access: 'user',
    scope: 'account:write',
    summary: 'Change the name that others see',
    body: Profile,
    answer: Me,
    handle: async (rooms, ask) => {
      const { id } = personOf(ask)
      await rooms.db.write(async (tx) => {
        await store.updateUser(tx, id, { display_name: ask.body.display_name })
        await record(tx, { kind: 'user:profile', actorId: id, address: ask.address })
      })
      const user = await store.findUserById(rooms.db.read, id)
      if (!user) throw new Fault('not-found')
      return json(presentMe(user))
    },
  }),
  route({
    method: 'put',
    path: `${OWN}/password`,
    access: 'user',
    scope: 'session',
    summary: 'Change the password; other browsers are signed out',
    body: PasswordChange,
    handle: async (rooms, ask) => {
      await changePassword(rooms, personOf(ask), { ...ask.body, address: ask.address })
      return done()
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/app-passwords`,
    access: 'user',
    scope: 'session',
    summary: 'App passwords of the account, without their secrets',
    answer: listOf(AppPassword),
    handle: async (rooms, ask) => {
      const rows = await store.listAppPasswords(rooms.db.read, personOf(ask).id)
      return json({ values: rows.map((row) => presentAppPassword(row)) })
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/app-passwords/:id`,
    access: 'user',
    scope: 'session',
    summary: 'Revoke an app password',
    handle: async (rooms, ask) => {
      const { id } = personOf(ask)
      return gone(
        await rooms.db.write(async (tx) => {
          const label = await store.deleteAppPassword(tx, id, ask.params.id)
          const about = { actorId: id, address: ask.address, data: { id: ask.params.id, label } }
          if (label !== undefined) await record(tx, { kind: 'app-password:revoked', ...about })
          return label !== undefined
        }),
      )
    },
  }),
]

/** Needs to find the repository that the token shall be bound to, which lies in a feature above this one. */
export function newAppPasswordRoute(
  findRepository: (rooms: Rooms, actor: Actor, name: string) => Promise<string>,
): Route {
  return route({
    method: 'post',
    path: `${OWN}/app-passwords`,
    access: 'user',
    scope: 'session',
    summary: 'Create an app password; its secret is in this answer only',
    body: NewAppPassword,
    answer: CreatedAppPassword,
    handle: async (rooms, ask) => {
      const { id: userId } = personOf(ask)
      const { label, scopes, repository, expires_on } = ask.body
      const repositoryId = repository ? await findRepository(rooms, ask.actor, repository) : null
      const wanted = { label, scopes, repositoryId, expiresAt: expires_on ?? null, address: ask.address }
      const { id, secret } = await createAppPassword(rooms.db, userId, wanted)
      const row = (await store.listAppPasswords(rooms.db.read, userId)).find((candidate) => candidate.id === id)
      if (!row) throw new Fault('not-found')
      return json({ ...presentAppPassword(row), secret }, 201)
    },
  })
}

const peopleRoutes: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/people`,
    access: 'admin',
    scope: 'session',
    summary: 'All accounts',
    answer: listOf(Person),
    handle: async (rooms) => json({ values: (await store.listUsers(rooms.db.read)).map(presentPerson) }),
  }),
  route({
    method: 'patch',
    path: `${OWN}/people/:username`,
    access: 'admin',
    scope: 'session',
    summary: 'Make somebody an admin, disable or enable an account',
    body: PersonChange,
    answer: Person,
    handle: async (rooms, ask) => {
      const { is_admin: isAdmin, state } = ask.body
      return json(
        presentPerson(
          await changePerson(rooms.db, personOf(ask), ask.params.username, { isAdmin, state, address: ask.address }),
        ),
      )
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/directory`,
    access: 'user',
    scope: 'session',
    summary: 'People whose name holds what was typed, the best matches first',
    query: z.object({ q: z.string().max(100).default('') }),
    answer: listOf(Candidate),
    handle: async (rooms, { query }) => {
      const found = await findPeople(rooms.db, query.q)
      return json({ values: found.map((user) => presentCandidate(user)) })
    },
  }),
  route({
    method: 'get',
    path: '/2.0/user',
    access: 'user',
    scope: 'account',
    summary: 'The account that asks',
    handle: async (rooms, ask) => {
      const user = await store.findUserById(rooms.db.read, personOf(ask).id)
      if (!user) throw new Fault('not-found')
      return json(presentUser(user, ask.base))
    },
  }),
  route({
    method: 'get',
    path: '/2.0/users/:selected_user',
    access: 'user',
    scope: 'account',
    summary: 'An account by name or UUID',
    handle: async (rooms, ask) => {
      const user = await needUser(rooms.db.read, ask.params.selected_user)
      return json(presentUser(user, ask.base))
    },
  }),
]

export const routes: Route[] = [...sessionRoutes, ...accountRoutes, ...peopleRoutes]
