// Routes of OAuth 2: the two addresses of Bitbucket, and what our pages need around them.
import { z } from 'zod'
import {
  Asked,
  AuthorizeAnswer,
  AuthorizeQuery,
  Authorized,
  Consumer,
  ConsumerChange,
  CreatedConsumer,
  NewConsumer,
} from '../../contract/oauth.ts'
import { Fault } from '../../kit/fault.ts'
import { record } from '../../outbox/events.ts'
import { type Ask, done, json, type Reply, route, type Route } from '../../route.ts'
import type { Rooms, WorkspaceView } from '../../rooms.ts'
import { personOf } from '../accounts/session.ts'
import { access, type Form } from './access.ts'
import { decide, question } from './authorize.ts'
import * as consumers from './consumers.ts'
import * as store from './store.ts'

const OWN = '/api/gitstead/1'
const CONSUMERS = `${OWN}/workspaces/:workspace/oauth-consumers`

type Owned = Ask & { workspace: WorkspaceView }
const by = (ask: Owned): consumers.By => ({ user: personOf(ask), workspace: ask.workspace, address: ask.address })
const withSecret = ({ consumer, secret }: { consumer: Consumer; secret: string | null }) => ({ ...consumer, secret })

/** A form in which no name stands twice, as RFC 6749 asks for. */
function formOf({ body, raw }: Ask<unknown, unknown, Record<string, unknown>>): Form | undefined {
  if (!/^application\/x-www-form-urlencoded\b/i.test(raw.headers['content-type'] ?? '')) return undefined
  const values = Object.values(body)
  return values.every((value) => typeof value === 'string') ? (body as Form) : undefined
}

async function token(rooms: Rooms, ask: Ask<unknown, unknown, Record<string, unknown>>): Promise<Reply> {
  const form = formOf(ask)
  const { authorization } = ask.raw.headers
  const answer = form
    ? await access(rooms, { form, authorization, address: ask.address })
    : { error: 'invalid_request', error_description: 'Send a form in which each field stands once.' }
  const headers: Record<string, string> = { Pragma: 'no-cache' }
  if (!('error' in answer)) return json(answer, 200, headers)
  const unknown = answer['error'] === 'invalid_client'
  if (unknown) headers['WWW-Authenticate'] = 'Basic realm="Gitstead"'
  return json(answer, unknown ? 401 : 400, headers)
}

const protocol: Route[] = [
  route({
    method: 'get',
    path: '/site/oauth2/authorize',
    access: 'anyone',
    scope: 'none',
    class: 'web',
    summary: 'Where an application sends a person to be allowed in: leads to the page that asks',
    handle: async (_rooms, { target }) => {
      // Behind the # it reaches no log of a proxy, and the page reads it as it came.
      const query = target.split('?').slice(1).join('?')
      const headers = { Location: `/site/authorize#${query}` }
      return { kind: 'text', status: 302, type: 'text/plain; charset=utf-8', body: '', headers }
    },
  }),
  route({
    method: 'post',
    path: '/site/oauth2/access_token',
    access: 'anyone',
    scope: 'none',
    credentials: 'own',
    summary: 'A code, a refresh token or client credentials for an access token',
    body: z.record(z.string(), z.unknown()),
    takes: 'form',
    handle: token,
  }),
]

const asking: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/oauth/authorization`,
    access: 'user',
    scope: 'session',
    summary: 'What an application asks the person for',
    query: AuthorizeQuery,
    answer: Asked,
    handle: async (rooms, { query }) => json(await question(rooms, query)),
  }),
  route({
    method: 'post',
    path: `${OWN}/oauth/authorization`,
    access: 'user',
    scope: 'session',
    summary: 'Allow it or not; the answer says where the browser goes next',
    body: AuthorizeAnswer,
    handle: async (rooms, ask) => {
      const { allow, ...query } = ask.body
      return json({ redirect: await decide(rooms, personOf(ask), query, { allow, address: ask.address }) })
    },
  }),
]

async function allowed(rooms: Rooms, userId: string): Promise<Authorized[]> {
  const found = new Map<string, Authorized>()
  for (const row of await store.listGrantsOf(rooms.db.read, userId)) {
    const before = found.get(row.consumer_id)
    found.set(row.consumer_id, {
      id: row.consumer_id,
      name: row.name,
      workspace: row.workspace,
      scopes: [...new Set([...(before?.scopes ?? []), ...row.scopes.split(' ')])],
      first_on: before?.first_on ?? row.created_at,
      last_used_on: [before?.last_used_on ?? null, row.last_used_at].reduce((a, b) => (b && (!a || b > a) ? b : a)),
    })
  }
  return [...found.values()]
}

const grants: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/oauth/grants`,
    access: 'user',
    scope: 'session',
    summary: 'Applications that the account has let in',
    answer: z.object({ values: z.array(Authorized) }),
    handle: async (rooms, ask) => json({ values: await allowed(rooms, personOf(ask).id) }),
  }),
  route({
    method: 'delete',
    path: `${OWN}/oauth/grants/:uid`,
    access: 'user',
    scope: 'session',
    summary: 'Let an application in no more',
    handle: async (rooms, ask) => {
      const { id: actorId } = personOf(ask)
      const consumer = ask.params.uid
      const found = await rooms.db.write(async (tx) => {
        const gone = await store.deleteGrantsOf(tx, actorId, consumer)
        if (gone) await record(tx, { kind: 'oauth:revoked', actorId, address: ask.address, data: { consumer } })
        return gone
      })
      if (!found) throw new Fault('not-found')
      return done()
    },
  }),
]

const owned = { access: 'workspace:owner', scope: 'session' } as const
const registered: Route[] = [
  route({
    ...owned,
    method: 'get',
    path: CONSUMERS,
    summary: 'OAuth consumers of the workspace, without their secrets',
    answer: z.object({ values: z.array(Consumer) }),
    handle: async (rooms, { workspace }) =>
      json({ values: (await store.listConsumers(rooms.db.read, workspace.id)).map(consumers.presentConsumer) }),
  }),
  route({
    ...owned,
    method: 'post',
    path: CONSUMERS,
    summary: 'Register an OAuth consumer; its secret is in this answer only',
    body: NewConsumer,
    answer: CreatedConsumer,
    handle: async (rooms, ask) => json(withSecret(await consumers.createConsumer(rooms, by(ask), ask.body)), 201),
  }),
  route({
    ...owned,
    method: 'put',
    path: `${CONSUMERS}/:uid`,
    summary: 'Change an OAuth consumer',
    body: ConsumerChange,
    answer: Consumer,
    handle: async (rooms, ask) => json(await consumers.changeConsumer(rooms, by(ask), ask.params.uid, ask.body)),
  }),
  route({
    ...owned,
    method: 'post',
    path: `${CONSUMERS}/:uid/secret`,
    summary: 'Make a new secret; the old one is refused from then on',
    answer: CreatedConsumer,
    handle: async (rooms, ask) => json(withSecret(await consumers.renewSecret(rooms, by(ask), ask.params.uid)), 201),
  }),
  route({
    ...owned,
    method: 'delete',
    path: `${CONSUMERS}/:uid`,
    summary: 'Remove an OAuth consumer with all that it was allowed',
    handle: async (rooms, ask) => {
      await consumers.removeConsumer(rooms, by(ask), ask.params.uid)
      return done()
    },
  }),
]

export const oauthRoutes: readonly Route[] = [...protocol, ...asking, ...grants, ...registered]
