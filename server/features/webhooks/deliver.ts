// From events to requests: each event becomes one delivery per hook in one transaction, each delivery a job.
import { createHmac } from 'node:crypto'
import { wordsOf } from '../../kit/fault.ts'
import { newId } from '../../kit/secret.ts'
import { version } from '../../kit/version.ts'
import { enqueue } from '../../outbox/queue.ts'
import type { JobRun } from '../../outbox/runner.ts'
import type { Rooms } from '../../rooms.ts'
import type { Tx } from '../../db/open.ts'
import { presentBase } from '../accounts/https.ts'
import { readSettings } from '../accounts/settings.ts'
import { buildPayload } from './payload.ts'
import { type Answer, send } from './send.ts'
import * as store from './store.ts'

const EVENTS_AT_ONCE = 200
export const LOG_KEPT = 100

/**
 * Reads on where it stopped: the cursor, the deliveries and their jobs are written in one transaction, so an event is
 * told once to each hook, whoever reads and however often the server dies.
 */
export async function fanOut(rooms: Rooms): Promise<void> {
  while (await store.isBehind(rooms.db.read)) {
    await rooms.db.write(async (tx) => {
      for (const { event, hooks } of await store.takeEvents(tx, EVENTS_AT_ONCE)) {
        for (const hook of hooks) {
          const told = { event_id: event.id, event_key: event.kind, body: null }
          await queueDelivery(tx, hook, told, event.kind === 'repo:deleted' ? null : event.repository_id)
        }
      }
    })
  }
}

type Telling = Pick<store.DeliveryRow, 'event_id' | 'event_key' | 'body'>

export async function queueDelivery(
  tx: Tx,
  hook: store.HookRow,
  told: Telling,
  repositoryId: string | null,
): Promise<string> {
  const id = newId()
  await store.insertDelivery(tx, { id, webhook_id: hook.id, ...told })
  const owner = repositoryId === null ? {} : { repositoryId }
  await enqueue(tx, { kind: 'webhook', data: { delivery: id }, ...owner })
  return id
}

/** The job. Throws for an answer that is no success, so that it is tried again. */
export async function deliver(rooms: Rooms, { job, signal }: JobRun): Promise<void> {
  const { delivery: id } = JSON.parse(job.data) as { delivery: string }
  const delivery = await store.findDelivery(rooms.db.read, id)
  const hook = delivery && (await store.findHook(rooms.db.read, delivery.webhook_id))
  // A hook that was removed takes its log along.
  if (!hook || delivery.state === 'delivered') return
  const body = delivery.body ?? (await bodyOf(rooms, delivery, hook))
  const attempt = delivery.attempts + 1
  const headers = headersOf(hook, delivery, { attempt, body })
  const begun = { body, attempts: attempt, request_headers: JSON.stringify(headers), sent_at: new Date().toISOString() }
  await rooms.db.write((tx) => store.updateDelivery(tx, id, begun))
  const start = performance.now()
  const outcome = await attemptOnce(rooms, { url: hook.url, headers, body, signal })
  if (signal.aborted) throw new Error('The sending was interrupted.')
  await rooms.db.write(async (tx) => {
    await store.updateDelivery(tx, id, { ...outcome, milliseconds: Math.round(performance.now() - start) })
    await store.trimDeliveries(tx, hook.id, LOG_KEPT)
  })
  if (outcome.error !== null) throw new Error(`${new URL(hook.url).host}: ${outcome.error}`)
}

async function bodyOf(rooms: Rooms, delivery: store.DeliveryRow, hook: store.HookRow): Promise<string> {
  const event = delivery.event_id === null ? undefined : await store.findEvent(rooms.db.read, delivery.event_id)
  return (event && (await buildPayload(rooms, event, presentBase(rooms, hook.base)))) ?? '{}'
}

function headersOf(
  hook: store.HookRow,
  delivery: store.DeliveryRow,
  { attempt, body }: { attempt: number; body: string },
): Record<string, string> {
  const signature = hook.secret === null ? undefined : createHmac('sha256', hook.secret).update(body).digest('hex')
  return {
    'Content-Type': 'application/json; charset=utf-8',
    'User-Agent': `Gitstead-Webhooks/${version}`,
    'X-Event-Key': delivery.event_key,
    'X-Hook-UUID': hook.id,
    'X-Request-UUID': delivery.id,
    'X-Attempt-Number': String(attempt),
    ...(signature === undefined ? {} : { 'X-Hub-Signature': `sha256=${signature}` }),
  }
}

type Outcome = Pick<store.DeliveryRow, 'state' | 'status' | 'response_headers' | 'response_body' | 'error'>

async function attemptOnce(
  rooms: Rooms,
  what: { url: string; headers: Record<string, string>; body: string; signal: AbortSignal },
): Promise<Outcome> {
  const allowed = readSettings(rooms.db).allowed_hooks
  try {
    return outcomeOf(await send({ ...what, allowed, ownPort: ownPort(rooms) }))
  } catch (error) {
    const text = wordsOf(error)
    const detail = (error as { facts?: { detail?: string } }).facts?.detail ?? text
    return { state: 'failed', status: null, response_headers: null, response_body: null, error: detail }
  }
}

function outcomeOf({ status, headers, body }: Answer): Outcome {
  const isSuccess = status >= 200 && status < 300
  const response = { status, response_headers: JSON.stringify(headers), response_body: body }
  if (isSuccess) return { ...response, state: 'delivered', error: null }
  const redirected = status >= 300 && status < 400 ? ' Redirects are not followed.' : ''
  return { ...response, state: 'failed', error: `The answer was ${status}.${redirected}` }
}

/** As the system gave it, where any free port was asked for. */
function ownPort(rooms: Rooms): number {
  const { url } = rooms.address
  return url === '' ? rooms.config.port : Number(new URL(url).port)
}
