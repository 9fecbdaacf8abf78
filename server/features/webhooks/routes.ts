// Routes of webhooks, for one repository and for a workspace alike: Bitbucket's own, and ours for the log of deliveries.
import type { z } from 'zod'
import {
  type Delivery,
  type DeliveryDetail,
  HOOK_EVENTS,
  HookChange,
  NewHook,
  WORKSPACE_ONLY,
} from '../../contract/hooks.ts'
import { pageOf, PageQuery } from '../../contract/page.ts'
import { Fault } from '../../kit/fault.ts'
import { newId } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import { type Ask, done, json, type Method, type Reply, route, type Route } from '../../route.ts'
import type { RepositoryView, Rooms, WorkspaceView } from '../../rooms.ts'
import { braced, unbraced } from '../accounts/present.ts'
import { personOf } from '../accounts/session.ts'
import { fullName, presentRepository } from '../repositories/present.ts'
import { briefWorkspace } from '../workspaces/present.ts'
import { LOG_KEPT, queueDelivery } from './deliver.ts'
import * as store from './store.ts'

interface Owner extends store.Subject {
  /** Address of the list of hooks below /2.0. */
  path: string
  present(base: string): { subject_type: 'repository' | 'workspace'; subject: Record<string, unknown> }
}

function ofRepository(view: RepositoryView): Owner {
  return {
    workspaceId: view.workspace_id,
    repositoryId: view.id,
    path: `repositories/${fullName(view)}/hooks`,
    present(base) {
      const { type, uuid, full_name, name, links } = presentRepository(view, base)
      return { subject_type: 'repository', subject: { type, uuid, full_name, name, links } }
    },
  }
}

function ofWorkspace(view: WorkspaceView): Owner {
  return {
    workspaceId: view.id,
    repositoryId: null,
    path: `workspaces/${view.slug}/hooks`,
    present: (base) => ({ subject_type: 'workspace', subject: briefWorkspace(view, base) }),
  }
}

type HookAsk<B> = Ask<{ uid: string; id: string }, PageQuery, B> & { owner: Owner }

interface Spec<B extends z.ZodType> {
  method: Method
  /** Below the list of hooks. */
  tail: string
  /** Ours rather than Bitbucket's. */
  own?: boolean
  summary: string
  query?: z.ZodType
  body?: B
  handle: (rooms: Rooms, ask: HookAsk<z.infer<B>>) => Promise<Reply>
}

/** The same route twice: for hooks of a repository, and for those of a workspace. */
function both<B extends z.ZodType>({ tail, own, handle, ...rest }: Spec<B>): Route[] {
  const root = own === true ? '/api/gitstead/1' : '/2.0'
  const shared = { ...rest, scope: 'webhook' as const, class: 'api' as const }
  const repository = route({
    ...shared,
    path: `${root}/repositories/:workspace/:repo_slug/hooks${tail}`,
    access: 'repository:admin',
    handle: (rooms, ask) =>
      handle(rooms, { ...ask, owner: ofRepository(ask.repository) } as unknown as HookAsk<z.infer<B>>),
  })
  const workspace = route({
    ...shared,
    path: `${root}/workspaces/:workspace/hooks${tail}`,
    access: 'workspace:owner',
    handle: (rooms, ask) =>
      handle(rooms, { ...ask, owner: ofWorkspace(ask.workspace) } as unknown as HookAsk<z.infer<B>>),
  })
  return [repository, workspace]
}

async function needHook(rooms: Rooms, { owner, params }: HookAsk<unknown>): Promise<store.HookRow> {
  const id = unbraced(params.uid)
  const hook = id === undefined ? undefined : await store.findHook(rooms.db.read, id)
  if (hook?.workspace_id !== owner.workspaceId || hook.repository_id !== owner.repositoryId)
    throw new Fault('not-found', { detail: 'There is no such webhook.' })
  return hook
}

async function needDelivery(rooms: Rooms, ask: HookAsk<unknown>): Promise<[store.HookRow, store.DeliveryRow]> {
  const hook = await needHook(rooms, ask)
  const delivery = await store.findDelivery(rooms.db.read, ask.params.id)
  if (delivery?.webhook_id !== hook.id) throw new Fault('not-found')
  return [hook, delivery]
}

function present(hook: store.HookRow, { owner, base }: Pick<HookAsk<unknown>, 'owner' | 'base'>) {
  return {
    type: 'webhook_subscription',
    uuid: braced(hook.id),
    url: hook.url,
    description: hook.description,
    active: hook.active === 1,
    events: JSON.parse(hook.events) as string[],
    secret_set: hook.secret !== null,
    read_only: false,
    skip_cert_verification: false,
    source: null,
    history_enabled: true,
    created_at: hook.created_at,
    ...owner.present(base),
    links: { self: { href: `${base}/2.0/${owner.path}/${encodeURIComponent(braced(hook.id))}` } },
  }
}

function presentDelivery(row: store.DeliveryRow): Delivery {
  const { id, event_key, state, attempts, status, error, milliseconds, created_at, sent_at } = row
  return {
    id,
    event: event_key,
    state,
    attempts,
    status,
    error,
    milliseconds,
    created_on: created_at,
    sent_on: sent_at,
  }
}

function side(headers: string | null, body: string | null): DeliveryDetail['request'] {
  return headers === null ? null : { headers: JSON.parse(headers) as Record<string, string>, body: body ?? '' }
}

function presentDetail(row: store.DeliveryRow): DeliveryDetail {
  return {
    ...presentDelivery(row),
    request: side(row.request_headers, row.body),
    response: side(row.response_headers, row.response_body),
  }
}

function refuseImpossible(owner: Owner, events: readonly string[]): void {
  const wrong = owner.repositoryId === null ? undefined : events.find((event) => WORKSPACE_ONLY.includes(event))
  if (wrong === undefined) return
  const detail = `Only a hook of the workspace can be told of ${wrong}.`
  throw new Fault('request.invalid', { detail, fields: { events: [detail] } })
}

function noted(ask: HookAsk<unknown>, kind: string, hook: { id: string; url: string }) {
  const { workspaceId, repositoryId } = ask.owner
  const data = { hook: hook.id, url: new URL(hook.url).origin }
  return { kind, actorId: personOf(ask).id, workspaceId, repositoryId, address: ask.address, data }
}

async function create(rooms: Rooms, ask: HookAsk<z.infer<typeof NewHook>>): Promise<Reply> {
  const { owner, body, base } = ask
  refuseImpossible(owner, body.events)
  const row = {
    id: newId(),
    workspace_id: owner.workspaceId,
    repository_id: owner.repositoryId,
    url: body.url,
    description: body.description,
    active: body.active ? 1 : 0,
    events: JSON.stringify(body.events),
    secret: body.secret || null,
    base,
    created_at: new Date().toISOString(),
  }
  await rooms.db.write(async (tx) => {
    await record(tx, noted(ask, 'webhook:created', row))
    await store.insertHook(tx, row)
  })
  return json(present({ ...row, since: 0 }, ask), 201)
}

async function update(rooms: Rooms, ask: HookAsk<z.infer<typeof HookChange>>): Promise<Reply> {
  const { url, description, active, events, secret } = ask.body
  const hook = await needHook(rooms, ask)
  refuseImpossible(ask.owner, events ?? [])
  const change = {
    url: url ?? hook.url,
    description: description ?? hook.description,
    active: (active ?? hook.active === 1) ? 1 : 0,
    events: events ? JSON.stringify(events) : hook.events,
    secret: secret === undefined ? hook.secret : secret || null,
  }
  await rooms.db.write(async (tx) => {
    // What happened while it was off is told to nobody later.
    const since = change.active > hook.active ? await store.lastEvent(tx) : hook.since
    await store.updateHook(tx, hook.id, { ...change, since })
    await record(tx, noted(ask, 'webhook:changed', { ...hook, ...change }))
  })
  return json(present({ ...hook, ...change }, ask))
}

/** A new delivery of a body: of a test, or of what was sent before. */
async function sendBody(
  rooms: Rooms,
  ask: HookAsk<unknown>,
  hook: store.HookRow,
  told: { event_key: string; body: string },
): Promise<Reply> {
  const id = await rooms.db.write(async (tx) => {
    await record(tx, noted(ask, 'webhook:sent', hook))
    return queueDelivery(tx, hook, { ...told, event_id: null }, ask.owner.repositoryId)
  })
  rooms.bus.tell({ kind: 'jobs' })
  return json({ id }, 202)
}

const lists: Route[] = [
  ...both({
    method: 'get',
    tail: '',
    summary: 'Webhooks',
    query: PageQuery,
    handle: async (rooms, ask) => {
      const hooks = await store.listHooks(rooms.db.read, ask.owner)
      return json(
        pageOf(
          hooks.map((hook) => present(hook, ask)),
          ask.query,
          ask,
        ),
      )
    },
  }),
  ...both({ method: 'post', tail: '', summary: 'Add a webhook', body: NewHook, handle: create }),
  ...both({
    method: 'get',
    tail: '/:uid',
    summary: 'One webhook',
    handle: async (rooms, ask) => json(present(await needHook(rooms, ask), ask)),
  }),
  ...both({ method: 'put', tail: '/:uid', summary: 'Change a webhook', body: HookChange, handle: update }),
  ...both({
    method: 'delete',
    tail: '/:uid',
    summary: 'Remove a webhook with its log',
    handle: async (rooms, ask) => {
      const hook = await needHook(rooms, ask)
      await rooms.db.write(async (tx) => {
        await store.deleteHook(tx, hook.id)
        await record(tx, noted(ask, 'webhook:deleted', hook))
      })
      return done()
    },
  }),
]

const logs: Route[] = [
  ...both({
    method: 'get',
    tail: '/:uid/deliveries',
    own: true,
    summary: 'What a webhook sent lately, the newest first',
    handle: async (rooms, ask) => {
      const hook = await needHook(rooms, ask)
      const deliveries = await store.listDeliveries(rooms.db.read, hook.id, LOG_KEPT)
      return json({ values: deliveries.map(presentDelivery) })
    },
  }),
  ...both({
    method: 'get',
    tail: '/:uid/deliveries/:id',
    own: true,
    summary: 'Request and answer of one delivery',
    handle: async (rooms, ask) => json(presentDetail((await needDelivery(rooms, ask))[1])),
  }),
  ...both({
    method: 'post',
    tail: '/:uid/deliveries/:id/resend',
    own: true,
    summary: 'Send the body of a delivery again',
    handle: async (rooms, ask) => {
      const [hook, { event_key, body }] = await needDelivery(rooms, ask)
      if (body === null) throw new Fault('conflict', { detail: 'This has not been sent a first time yet.' })
      return sendBody(rooms, ask, hook, { event_key, body })
    },
  }),
  ...both({
    method: 'post',
    tail: '/:uid/test',
    own: true,
    summary: 'Send a test',
    handle: async (rooms, ask) => {
      const hook = await needHook(rooms, ask)
      const sent = { test: true, hook: present(hook, ask) }
      return sendBody(rooms, ask, hook, { event_key: 'diagnostics:ping', body: JSON.stringify(sent) })
    },
  }),
]

const kinds: Route[] = [
  route({
    method: 'get',
    path: '/2.0/hook_events',
    access: 'anyone',
    scope: 'none',
    summary: 'What hooks can belong to',
    handle: async (_rooms, { base }) => {
      const of = (subject: string) => ({ links: { events: { href: `${base}/2.0/hook_events/${subject}` } } })
      return json({ repository: of('repository'), workspace: of('workspace') })
    },
  }),
  route({
    method: 'get',
    path: '/2.0/hook_events/:subject_type',
    access: 'anyone',
    scope: 'none',
    summary: 'Events that hooks of a repository or of a workspace can be told of',
    query: PageQuery,
    handle: async (_rooms, { params, query, base, target }) => {
      const { subject_type: subject } = params
      if (subject !== 'repository' && subject !== 'workspace') throw new Fault('not-found')
      const events = HOOK_EVENTS.filter(([event]) => subject === 'workspace' || !WORKSPACE_ONLY.includes(event))
      const values = events.map(([event, label, description]) => ({
        event,
        category: 'Repository',
        label,
        description,
      }))
      return json(pageOf(values, query, { base, target }))
    },
  }),
]

export const hookRoutes: readonly Route[] = [...lists, ...logs, ...kinds]
