// Routes of the audit log: what happened, for admins; its export; how long it is kept.
import { Readable } from 'node:stream'
import { AuditExport, AuditKinds, AuditList, AuditQuery, Retention } from '../../contract/events.ts'
import { json, route, type Route } from '../../route.ts'
import { personOf } from '../accounts/session.ts'
import { checkFilter, exportAudit, readRetention, searchAudit, setRetention } from './audit.ts'
import { FORMATS } from './table.ts'
import { kindsByArea } from './words.ts'

const OWN = '/api/gitstead/1/admin/audit'

export const auditRoutes: Route[] = [
  route({
    method: 'get',
    path: OWN,
    access: 'admin',
    scope: 'session',
    summary: 'What happened: who did what, from where and when, the newest first',
    query: AuditQuery,
    answer: AuditList,
    handle: async (rooms, ask) => json(await searchAudit(rooms, personOf(ask), ask.query)),
  }),
  route({
    method: 'get',
    path: `${OWN}/export`,
    access: 'admin',
    scope: 'session',
    summary: 'The audit log as a file: CSV for spreadsheets, or one JSON object a line',
    query: AuditExport,
    handle: async (rooms, ask) => {
      await checkFilter(rooms, personOf(ask), ask.query)
      const { format } = ask.query
      const day = new Date().toISOString().slice(0, 10)
      return {
        kind: 'stream',
        status: 200,
        type: FORMATS[format].type,
        body: Readable.from(exportAudit(rooms, personOf(ask), ask.query)),
        headers: { 'Content-Disposition': `attachment; filename="gitstead-audit-${day}.${format}"` },
      }
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/kinds`,
    access: 'admin',
    scope: 'session',
    summary: 'The kinds of events that are written down, by area',
    answer: AuditKinds,
    handle: async () => json({ values: kindsByArea() }),
  }),
  route({
    method: 'get',
    path: `${OWN}/retention`,
    access: 'admin',
    scope: 'session',
    summary: 'How long events are kept',
    answer: Retention,
    handle: async (rooms) => json({ days: await readRetention(rooms.db.read) }),
  }),
  route({
    method: 'put',
    path: `${OWN}/retention`,
    access: 'admin',
    scope: 'session',
    summary: 'Change how long events are kept; older ones are removed for good',
    body: Retention,
    answer: Retention,
    handle: async (rooms, ask) => {
      await setRetention(rooms, { user: personOf(ask), address: ask.address }, ask.body.days)
      return json(ask.body)
    },
  }),
]
