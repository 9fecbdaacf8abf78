// Routes of the operations pages, for admins.
import { z } from 'zod'
import {
  Health,
  History,
  Operations,
  type SlowRequest,
  SlowRequests,
  TransferEntry,
} from '../../contract/operations.ts'
import { done, json, route, type Route } from '../../route.ts'
import { personOf } from '../accounts/session.ts'
import { readSettings } from '../accounts/settings.ts'
import { readHealth } from './health.ts'
import { HISTORY_SECONDS, historyOf } from './history.ts'
import { readOperations } from './overview.ts'
import { cancelTransfer, listTransfers } from './transfers.ts'
import { type ListedSlow, listSlow, samplesSince } from './store.ts'

const OWN = '/api/gitstead/1'
const SHOWN = 200

function presentSlow(row: ListedSlow): SlowRequest {
  return {
    id: String(row.id),
    at: row.at,
    request: row.request,
    process: row.process,
    class: row.class,
    method: row.method,
    route: row.route,
    account: row.account,
    address: row.address,
    repository: row.repository_slug === null ? '' : `${row.workspace_slug}/${row.repository_slug}`,
    status: row.status,
    ms: row.ms,
    waited_ms: row.waited_ms,
    git: JSON.parse(row.git) as SlowRequest['git'],
  }
}

export const operationsRoutes: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/health`,
    access: 'admin',
    scope: 'metrics',
    summary: 'Whether all that the server stands on works; 503 where something does not',
    answer: Health,
    handle: async (rooms) => {
      const health = await readHealth(rooms)
      return json(health, health.state === 'broken' ? 503 : 200)
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/admin/operations`,
    access: 'admin',
    scope: 'session',
    summary: 'What every part of the server is at now',
    answer: Operations,
    handle: async (rooms) => json(await readOperations(rooms)),
  }),
  route({
    method: 'get',
    path: `${OWN}/admin/operations/history`,
    access: 'admin',
    scope: 'session',
    summary: 'How the server fared over the last day, as series for charts',
    answer: History,
    handle: async (rooms) => {
      const now = Date.now()
      return json(historyOf(await samplesSince(rooms.db.read, now / 1000 - HISTORY_SECONDS), now))
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/admin/transfers`,
    access: 'admin',
    scope: 'session',
    summary: 'Clones, fetches and pushes that are under way',
    answer: z.object({ values: z.array(TransferEntry) }),
    handle: async (rooms) => json({ values: await listTransfers(rooms) }),
  }),
  route({
    method: 'delete',
    path: `${OWN}/admin/transfers/:id`,
    access: 'admin',
    scope: 'session',
    summary: 'End one of them: its client gets an error',
    handle: async (rooms, ask) => {
      await cancelTransfer(rooms, { id: personOf(ask).id, address: ask.address }, ask.params.id)
      return done()
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/admin/slow-requests`,
    access: 'admin',
    scope: 'session',
    summary: 'Requests that took long, with the git commands that ran for them',
    query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(SHOWN) }),
    answer: SlowRequests,
    handle: async (rooms, { query }) => {
      const { slow_ms, slow_git_ms } = readSettings(rooms.db)
      const values = (await listSlow(rooms.db.read, query.limit)).map(presentSlow)
      return json({ slow_ms, slow_git_ms, values })
    },
  }),
]
