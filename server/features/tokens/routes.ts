// Routes of time-limited tokens, and of the keys that sign them.
import { z } from 'zod'
import { CreatedSignedToken, NewSignedToken, SignedToken, TokenKey } from '../../contract/tokens.ts'
import { Fault } from '../../kit/fault.ts'
import { done, json, route, type Route } from '../../route.ts'
import type { Rooms } from '../../rooms.ts'
import { scopesOf } from '../accounts/bearers.ts'
import { personOf } from '../accounts/session.ts'
import { needByName } from '../repositories/actions.ts'
import { createToken, renewToken, revokeAll, revokeToken, rotate, withdrawKey } from './actions.ts'
import * as store from './store.ts'

const OWN = '/api/gitstead/1'
const listOf = (item: z.ZodType): z.ZodType => z.object({ values: z.array(item) })

function present(row: store.SignedRow & { full_name: string | null }): SignedToken {
  return {
    id: row.jti,
    label: row.label,
    scopes: scopesOf(row.scopes),
    repository: row.full_name,
    life: row.life,
    created_on: row.created_at,
    expires_on: row.expires_at,
    ends_on: row.ends_at,
    last_used_on: row.last_used_at,
  }
}

async function listed(rooms: Rooms, userId: string): Promise<SignedToken[]> {
  return (await store.listSigned(rooms.db.read, userId, new Date().toISOString())).map(present)
}

async function withSecret(rooms: Rooms, userId: string, made: { jti: string; secret: string }) {
  const token = (await listed(rooms, userId)).find(({ id }) => id === made.jti)
  if (!token) throw new Fault('not-found')
  return { ...token, secret: made.secret }
}

const tokens: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/tokens`,
    access: 'user',
    scope: 'session',
    summary: 'Time-limited tokens of the account, without their secrets',
    answer: listOf(SignedToken),
    handle: async (rooms, ask) => json({ values: await listed(rooms, personOf(ask).id) }),
  }),
  route({
    method: 'post',
    path: `${OWN}/tokens`,
    access: 'user',
    scope: 'session',
    summary: 'Create a time-limited token; its secret is in this answer only',
    body: NewSignedToken,
    answer: CreatedSignedToken,
    handle: async (rooms, ask) => {
      const { id } = personOf(ask)
      const { label, scopes, repository, life } = ask.body
      const repositoryId = repository ? (await needByName(rooms, ask.actor, repository)).id : null
      const made = await createToken(rooms, id, { label, scopes, repositoryId, life, address: ask.address })
      return json(await withSecret(rooms, id, made), 201)
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/tokens/renew`,
    access: 'anyone',
    scope: 'none',
    summary: 'Renew the time-limited token that this request carries; the secret is in this answer only',
    answer: CreatedSignedToken,
    handle: async (rooms, ask) => {
      const made = await renewToken(rooms, ask.actor, ask.address)
      return json(await withSecret(rooms, made.user.id, made), 201)
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/tokens/:id`,
    access: 'user',
    scope: 'session',
    summary: 'Revoke a time-limited token with all its renewals',
    handle: async (rooms, ask) => {
      if (!(await revokeToken(rooms, personOf(ask), ask.params.id, ask.address))) throw new Fault('not-found')
      return done()
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/tokens`,
    access: 'user',
    scope: 'session',
    summary: 'Revoke all time-limited tokens of the account',
    handle: async (rooms, ask) => {
      await revokeAll(rooms, personOf(ask), ask.address)
      return done()
    },
  }),
]

const keys: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/token-keys`,
    access: 'admin',
    scope: 'session',
    summary: 'The keys that sign time-limited tokens, by name',
    answer: listOf(TokenKey),
    handle: async (rooms) => {
      const rows = await store.listKeys(rooms.db.read, new Date().toISOString())
      const values = rows.map(({ kid, created_at, retired_at, tokens }) => ({
        kid,
        created_on: created_at,
        retired_on: retired_at,
        tokens,
      }))
      return json({ values } satisfies { values: TokenKey[] })
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/token-keys`,
    access: 'admin',
    scope: 'session',
    summary: 'Let a new key sign from here on; tokens of the old one hold until they end',
    handle: async (rooms, ask) => {
      const kid = await rotate(rooms, { actorId: personOf(ask).id, address: ask.address })
      return json({ kid }, 201)
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/token-keys/:kid`,
    access: 'admin',
    scope: 'session',
    summary: 'Withdraw a retired key: whatever it signed is refused from the next request on',
    handle: async (rooms, ask) => {
      await withdrawKey(rooms, { actorId: personOf(ask).id, address: ask.address }, ask.params.kid)
      return done()
    },
  }),
]

export const tokenRoutes: readonly Route[] = [...tokens, ...keys]
