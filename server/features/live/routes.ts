// The route of live news: one stream for all that an open page wants to hear of.
import { z } from 'zod'
import { Fault } from '../../kit/fault.ts'
import { oncePer } from '../../kit/onceper.ts'
import { route, type Route } from '../../route.ts'
import type { Actor, Rooms } from '../../rooms.ts'
import { newestEvent } from '../events/feed.ts'
import { needByName } from '../repositories/actions.ts'
import { liveStream } from './stream.ts'

/** Of one account, or of guests at one address, in each process: a page has one, and a hidden page has none. */
const MOST_STREAMS = 24

const countsOf = oncePer((_rooms: Rooms) => new Map<string, number>())

/** Counts one stream in until `signal` ends it. Faults where there are too many. */
function countIn(rooms: Rooms, who: string, signal: AbortSignal): void {
  const counts = countsOf(rooms)
  const now = counts.get(who) ?? 0
  if (now >= MOST_STREAMS)
    throw new Fault('busy', { detail: 'Too many pages of yours listen for news at once. Close some of them.' })
  if (signal.aborted) return
  counts.set(who, now + 1)
  signal.addEventListener('abort', () => {
    const left = (counts.get(who) ?? 1) - 1
    if (left > 0) counts.set(who, left)
    else counts.delete(who)
  })
}

function keyOf(actor: Actor, address: string): string {
  return actor.kind === 'guest' ? `guest ${address}` : actor.id
}

export const liveRoutes: Route[] = [
  route({
    method: 'get',
    path: '/api/gitstead/1/live',
    access: 'anyone',
    scope: 'repository',
    class: 'web',
    summary:
      'Server-sent events: pushes to what the caller may read, or to one repository; own notices; jobs for admins',
    query: z.object({ repository: z.string().max(300).optional() }),
    handle: async (rooms, ask) => {
      const { repository } = ask.query
      const only = repository === undefined ? undefined : await needByName(rooms, ask.actor, repository)
      const newest = await newestEvent(rooms)
      countIn(rooms, keyOf(ask.actor, ask.address), ask.signal)
      const last = ask.raw.headers['last-event-id']
      const known = typeof last === 'string' && /^\d{1,15}$/.test(last) ? Number(last) : undefined
      return {
        kind: 'stream',
        status: 200,
        type: 'text/event-stream',
        body: liveStream(rooms, ask, { only, newest, known }),
        headers: { 'X-Accel-Buffering': 'no' },
      }
    },
  }),
]
