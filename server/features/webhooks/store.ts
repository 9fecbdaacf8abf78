// SQL of webhooks: the hooks themselves, and the log of what each sent.
import type { Selectable, Updateable } from 'kysely'
import type { Handle, Tx } from '../../db/open.ts'
import type { DeliveryTable, EventTable, WebhookTable } from '../../db/tables/events.ts'

export type HookRow = Selectable<WebhookTable>
export type DeliveryRow = Selectable<DeliveryTable>
export type EventRow = Selectable<EventTable>

/** Whose hook: a repository's, or with null the workspace's own. */
export interface Subject {
  workspaceId: string
  repositoryId: string | null
}

export function listHooks(db: Handle, { workspaceId, repositoryId }: Subject): Promise<HookRow[]> {
  return db
    .selectFrom('webhooks')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('repository_id', 'is', repositoryId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

export function findHook(db: Handle, id: string): Promise<HookRow | undefined> {
  return db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function insertHook(tx: Tx, row: Omit<HookRow, 'since'>): Promise<void> {
  await tx
    .insertInto('webhooks')
    .values({ ...row, since: await lastEvent(tx) })
    .execute()
}

export async function lastEvent(tx: Tx): Promise<number> {
  const last = await tx
    .selectFrom('events')
    .select((eb) => eb.fn.max('id').as('id'))
    .executeTakeFirst()
  return last?.id ?? 0
}

export async function updateHook(tx: Tx, id: string, change: Updateable<WebhookTable>): Promise<void> {
  await tx.updateTable('webhooks').set(change).where('id', '=', id).execute()
}

export async function deleteHook(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('webhooks').where('id', '=', id).execute()
}

const CURSOR = 'webhooks'

/** Whether events wait to be told to some hook. Cheap: it is asked after every change. */
export async function isBehind(db: Handle): Promise<boolean> {
  const hook = await db.selectFrom('webhooks').select('id').where('active', '=', 1).limit(1).executeTakeFirst()
  if (!hook) return false
  const cursor = await readCursor(db)
  return (await db.selectFrom('events').select('id').where('id', '>', cursor).limit(1).executeTakeFirst()) !== undefined
}

/** Nothing before the oldest hook's own beginning has to be read. */
async function readCursor(db: Handle): Promise<number> {
  const cursor = await db.selectFrom('cursors').select('at').where('name', '=', CURSOR).executeTakeFirst()
  const first = await db
    .selectFrom('webhooks')
    .select((eb) => eb.fn.min('since').as('since'))
    .where('active', '=', 1)
    .executeTakeFirst()
  return Math.max(cursor?.at ?? 0, first?.since ?? 0)
}

/** The next events with the hooks that are to be told, and the cursor behind them, in the caller's transaction. */
export async function takeEvents(tx: Tx, limit: number): Promise<{ event: EventRow; hooks: HookRow[] }[]> {
  const cursor = await readCursor(tx)
  const all = tx.selectFrom('events').selectAll().where('id', '>', cursor)
  const events = await all.orderBy('id').limit(limit).execute()
  const last = events.at(-1)
  if (!last) return []
  const at = last.id
  await tx
    .insertInto('cursors')
    .values({ name: CURSOR, at })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ at }))
    .execute()
  const hooks = await tx.selectFrom('webhooks').selectAll().where('active', '=', 1).execute()
  return events.map((event) => ({ event, hooks: hooks.filter((hook) => isFor(hook, event)) }))
}

function isFor(hook: HookRow, event: EventRow): boolean {
  return (
    hook.since < event.id &&
    hook.workspace_id === event.workspace_id &&
    (hook.repository_id === null || hook.repository_id === event.repository_id) &&
    (JSON.parse(hook.events) as string[]).includes(event.kind)
  )
}

export async function insertDelivery(
  tx: Tx,
  row: Pick<DeliveryRow, 'id' | 'webhook_id' | 'event_id' | 'event_key' | 'body'>,
): Promise<void> {
  await tx
    .insertInto('deliveries')
    .values({ ...row, state: 'waiting', attempts: 0, created_at: new Date().toISOString() })
    .execute()
}

export function findDelivery(db: Handle, id: string): Promise<DeliveryRow | undefined> {
  return db.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function updateDelivery(tx: Tx, id: string, change: Updateable<DeliveryTable>): Promise<void> {
  await tx.updateTable('deliveries').set(change).where('id', '=', id).execute()
}

export function listDeliveries(db: Handle, hookId: string, limit: number): Promise<DeliveryRow[]> {
  const all = db.selectFrom('deliveries').selectAll().where('webhook_id', '=', hookId)
  return all.orderBy('created_at', 'desc').orderBy('id').limit(limit).execute()
}

/** Forgets all but the newest of a hook; what is still to be sent stays. */
export async function trimDeliveries(tx: Tx, hookId: string, keep: number): Promise<void> {
  const newest = tx
    .selectFrom('deliveries')
    .select('id')
    .where('webhook_id', '=', hookId)
    .orderBy('created_at', 'desc')
    .limit(keep)
  await tx
    .deleteFrom('deliveries')
    .where('webhook_id', '=', hookId)
    .where('state', '!=', 'waiting')
    .where('id', 'not in', newest)
    .execute()
}

export function findEvent(db: Handle, id: number): Promise<EventRow | undefined> {
  return db.selectFrom('events').selectAll().where('id', '=', id).executeTakeFirst()
}
