// Consumers: programs that a workspace registers, to ask people for access or to act with credentials of their own.
import type { z } from 'zod'
import { type Consumer, ConsumerChange, NewConsumer } from '../../contract/oauth.ts'
import type { Tx } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { newId, newSecret } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import type { Rooms, User, WorkspaceView } from '../../rooms.ts'
import { scopesOf } from '../accounts/bearers.ts'
import { secretOf } from '../accounts/oauth1-proof.ts'
import * as store from './store.ts'

export function presentConsumer(row: store.ConsumerRow & { maker: string | null }): Consumer {
  return {
    id: row.id,
    key: row.key,
    name: row.name,
    description: row.description,
    callback_url: row.callback_url,
    scopes: scopesOf(row.scopes),
    confidential: row.salt !== null,
    acts_for: row.maker,
    created_on: row.created_at,
  }
}

export interface By {
  user: User
  workspace: WorkspaceView
  address: string
}

function noted(by: By, kind: string, row: Pick<store.ConsumerRow, 'id' | 'name'>) {
  const data = { consumer: row.id, name: row.name }
  return { kind, actorId: by.user.id, workspaceId: by.workspace.id, address: by.address, data }
}

export async function createConsumer(
  rooms: Rooms,
  by: By,
  wanted: z.infer<typeof NewConsumer>,
): Promise<{ consumer: Consumer; secret: string | null }> {
  const row = {
    id: newId(),
    workspace_id: by.workspace.id,
    key: newSecret('').slice(0, 24),
    salt: wanted.confidential ? newId() : null,
    secret_by: wanted.confidential ? by.user.id : null,
    name: wanted.name,
    description: wanted.description,
    callback_url: wanted.callback_url,
    scopes: [...new Set(wanted.scopes)].join(' '),
    created_at: new Date().toISOString(),
  }
  await rooms.db.write(async (tx) => {
    await store.insertConsumer(tx, row)
    await record(tx, noted(by, 'oauth-consumer:created', row))
  })
  const consumer = presentConsumer({ ...row, maker: row.secret_by === null ? null : by.user.name })
  return { consumer, secret: secretOf(rooms.key, row) ?? null }
}

export async function needConsumer(
  rooms: Rooms,
  workspace: WorkspaceView,
  id: string,
): Promise<store.ConsumerRow & { maker: string | null }> {
  const found = (await store.listConsumers(rooms.db.read, workspace.id)).find((one) => one.id === id)
  if (!found) throw new Fault('not-found', { detail: 'There is no such consumer.' })
  return found
}

/** What people allowed before stays within what it may ask for now. */
export async function changeConsumer(
  rooms: Rooms,
  by: By,
  id: string,
  change: z.infer<typeof ConsumerChange>,
): Promise<Consumer> {
  const row = await needConsumer(rooms, by.workspace, id)
  const next = {
    name: change.name ?? row.name,
    description: change.description ?? row.description,
    callback_url: change.callback_url ?? row.callback_url,
    scopes: change.scopes ? [...new Set(change.scopes)].join(' ') : row.scopes,
  }
  await rooms.db.write(async (tx) => {
    await store.updateConsumer(tx, row.id, next)
    if (next.scopes !== row.scopes) {
      // What its own credentials gave is got again with the scopes of now.
      await store.deleteClientGrants(tx, row.id)
      await narrowAll(tx, row.id, scopesOf(next.scopes))
    }
    await record(tx, noted(by, 'oauth-consumer:changed', { ...row, ...next }))
  })
  return presentConsumer({ ...row, ...next })
}

/** Takes from grants and tokens, and from what waits for an answer, the scopes that are not among these. */
async function narrowAll(tx: Tx, consumerId: string, allowed: readonly string[]): Promise<void> {
  for (const { table, id, scopes } of await store.listScopes(tx, consumerId)) {
    const left = scopes.split(' ').filter((scope) => allowed.includes(scope))
    if (left.length === 0) await store.deleteScoped(tx, table, id)
    else await store.setScopes(tx, table, id, left.join(' '))
  }
}

/** The old secret is worthless from here on, and what it gave to the program itself ends. */
export async function renewSecret(
  rooms: Rooms,
  by: By,
  id: string,
): Promise<{ consumer: Consumer; secret: string | null }> {
  const row = await needConsumer(rooms, by.workspace, id)
  if (row.salt === null) throw new Fault('conflict', { detail: 'This consumer keeps no secret.' })
  const next = { salt: newId(), secret_by: by.user.id }
  await rooms.db.write(async (tx) => {
    await store.updateConsumer(tx, row.id, next)
    await store.deleteClientGrants(tx, row.id)
    await record(tx, noted(by, 'oauth-consumer:secret', row))
  })
  const consumer = presentConsumer({ ...row, ...next, maker: by.user.name })
  return { consumer, secret: secretOf(rooms.key, { ...row, ...next }) ?? null }
}

export async function removeConsumer(rooms: Rooms, by: By, id: string): Promise<void> {
  const row = await needConsumer(rooms, by.workspace, id)
  await rooms.db.write(async (tx) => {
    await store.deleteConsumer(tx, row.id)
    await record(tx, noted(by, 'oauth-consumer:deleted', row))
  })
}
