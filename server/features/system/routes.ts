// Routes of the server itself: settings, recent pushes, pictures of names.
import { z } from 'zod'
import { Settings } from '../../contract/gitstead.ts'
import { ClassState } from '../../contract/ingress.ts'
import { Fault } from '../../kit/fault.ts'
import { version } from '../../kit/version.ts'
import { record } from '../../outbox/events.ts'
import { json, route, type Route } from '../../route.ts'
import { needUser } from '../accounts/actions.ts'
import { checkRule } from '../accounts/factor.ts'
import { personOf } from '../accounts/session.ts'
import { readSettings, writeSettings } from '../accounts/settings.ts'
import { listViews, needByName, recentPushes } from '../repositories/actions.ts'
import { classesNow } from './classes.ts'
import { instanceOf } from './instance.ts'

const OWN = '/api/gitstead/1'

export const routes: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/instance`,
    access: 'anyone',
    scope: 'none',
    summary: 'Which Gitstead answers here, for whoever finds a port taken',
    answer: z.object({ instance: z.string(), version: z.string() }),
    handle: async (rooms) => json({ instance: instanceOf(rooms.key), version }),
  }),
  route({
    method: 'get',
    path: `${OWN}/settings`,
    access: 'admin',
    scope: 'session',
    summary: 'What an admin can change while the server runs',
    answer: Settings,
    handle: async (rooms) => json(readSettings(rooms.db)),
  }),
  route({
    method: 'put',
    path: `${OWN}/settings`,
    access: 'admin',
    scope: 'session',
    summary: 'Change the settings',
    body: Settings.partial(),
    answer: Settings,
    handle: async (rooms, ask) => {
      const by = await needUser(rooms.db.read, personOf(ask).name)
      checkRule(rooms.db, ask.body.second_factor, by)
      const next = { ...readSettings(rooms.db), ...ask.body }
      next.allowed_hosts = next.allowed_hosts.map((host) => host.toLowerCase())
      await rooms.db.write(async (tx) => {
        await writeSettings(tx, next)
        await record(tx, { kind: 'settings:changed', actorId: by.id, address: ask.address, data: ask.body })
      })
      rooms.bus.tell({ kind: 'settings' })
      return json(next)
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/classes`,
    access: 'admin',
    scope: 'session',
    summary: 'How many requests of each class are at work and wait, in each process',
    answer: z.object({ values: z.array(ClassState) }),
    handle: async (rooms) => json({ values: await classesNow(rooms) }),
  }),
  route({
    method: 'get',
    path: `${OWN}/pushes`,
    access: 'anyone',
    scope: 'repository',
    summary: 'The newest pushes in the repositories that the caller may read, or in one of them',
    query: z.object({
      repository: z.string().max(300).optional(),
      limit: z.coerce.number().int().min(1).max(100).default(20),
    }),
    handle: async (rooms, { actor, query }) => {
      const views =
        query.repository === undefined ? listViews(rooms.db, actor) : [await needByName(rooms, actor, query.repository)]
      return json({ values: await recentPushes(rooms, views, query.limit) })
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/avatars/:file`,
    access: 'anyone',
    scope: 'none',
    class: 'web',
    summary: 'A picture made of a name: its first letters on a colour of its own',
    handle: async (_rooms, { params }) => {
      const name = /^([A-Za-z0-9._-]{1,64})\.svg$/.exec(params.file)?.[1]
      if (name === undefined) throw new Fault('not-found')
      const headers = {
        'Cache-Control': 'public, max-age=86400',
        'Content-Security-Policy': "default-src 'none'; sandbox",
      }
      return { kind: 'text', status: 200, type: 'image/svg+xml', body: avatar(name), headers }
    },
  }),
]

/** The name holds letters, digits, dot, dash and underscore only, so nothing in it can become markup. */
function avatar(name: string): string {
  let hue = 0
  for (const letter of name) hue = (hue * 31 + (letter.codePointAt(0) ?? 0)) % 360
  const letters = name
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 2)
    .toUpperCase()
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">` +
    `<rect width="64" height="64" rx="14" fill="hsl(${hue} 38% 40%)"/>` +
    `<text x="32" y="41" font-family="system-ui,sans-serif" font-size="26" font-weight="600" fill="#fff" text-anchor="middle">${letters}</text></svg>`
  )
}
