// The whole way of a request on one page: Host, git routes, then the Express stack of routes, pages and failures.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import { Fault } from '../kit/fault.ts'
import { currentVisit, during } from '../meters/visit.ts'
import type { Route } from '../route.ts'
import type { Rooms } from '../rooms.ts'
import { bindRoutes, fail } from './bind.ts'
import type { Doors } from './doors.ts'
import { asFault } from './fail.ts'
import { checkHost } from './guard.ts'
import { busyPage, site } from './site.ts'
import { stamp } from './stamp.ts'

/** Answers git's own addresses; gives false for any other. */
export type GitDoor = (request: IncomingMessage, response: ServerResponse) => boolean

/** On every answer but git's, which sends its own; a page replaces the policy with its own. Nothing else of ours is a document. */
const COMMON_HEADERS = [
  ['X-Content-Type-Options', 'nosniff'],
  ['Cache-Control', 'no-store'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'same-origin'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox"],
] as const

export function httpStack(
  rooms: Rooms,
  doors: Doors,
  parts: { routes: readonly Route[]; git: GitDoor },
): RequestListener {
  const app = webApp(rooms, doors, parts.routes)
  const serve: RequestListener = (request, response) => {
    try {
      checkHost(request, doors.allowedHosts())
    } catch (error) {
      commonHeaders(response)
      const fault = asFault(error, rooms.log, 'host')
      response.writeHead(fault.status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${fault.message}\n`)
      return
    }
    if (parts.git(request, response)) return
    commonHeaders(response)
    const visit = currentVisit()
    if (visit) stamp(rooms, response, visit)
    app(request, response)
  }
  return (request, response) => {
    const visit = rooms.visits.begin(request.method, request.headers['x-request-id'])
    during(visit, () => serve(request, response))
  }
}

function commonHeaders(response: ServerResponse): void {
  for (const [name, value] of COMMON_HEADERS) response.setHeader(name, value)
}

function webApp(rooms: Rooms, doors: Doors, routes: readonly Route[]): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.use(bindRoutes(rooms, doors, routes))
  app.use(['/2.0', '/api'], (request, response) =>
    fail(rooms, { request, response, where: 'no route' }, new Fault('not-found')),
  )
  app.use(turnOfPage(rooms), site(rooms.config.pages))
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) =>
    fail(rooms, { request, response, where: 'before its route' }, error),
  )
  return app
}

/** What is no route is a page or a file of the pages. */
function turnOfPage({ classes }: Rooms): RequestHandler {
  return (request, response, next) => {
    const by = request.socket.remoteAddress ?? ''
    const begin = (leave: () => void): void => {
      response.on('close', leave)
      if (response.destroyed) leave()
      else next()
    }
    const now = classes.pass('web', { by })
    if (now) begin(now)
    else classes.enter('web', { by }).then(begin, () => busyPage(response))
  }
}
