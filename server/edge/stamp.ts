// What each answer of API and pages says of itself: which request it belongs to, who made it, and how long that took.
import type { ServerResponse } from 'node:http'
import { idOf, type Visit } from '../meters/visit.ts'
import type { Rooms } from '../rooms.ts'

/** Stamps the answer when its headers go out, and ends the visit with it. */
export function stamp(rooms: Pick<Rooms, 'instance' | 'visits'>, response: ServerResponse, visit: Visit): void {
  response.setHeader('X-Request-Id', idOf(visit))
  response.setHeader('X-Served-By', rooms.instance.name)
  const write = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse
  response.writeHead = (...args: unknown[]) => {
    visit.answered = performance.now()
    response.setHeader('X-Render-Time', ((visit.answered - visit.began) / 1000).toFixed(4))
    return write(...args)
  }
  response.on('close', () => rooms.visits.end(visit, response.headersSent ? response.statusCode : 0))
}
