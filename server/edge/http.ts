// The whole way of a request on one page: Host, git routes, then the Express stack of routes, pages and failures.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import { Fault } from '../kit/fault.ts'
import type { Route } from '../route.ts'
import type { Rooms } from '../rooms.ts'
import { bindRoutes, fail } from './bind.ts'
import type { Doors } from './doors.ts'
import { asFault } from './fail.ts'
import { checkHost } from './guard.ts'
import { site } from './site.ts'

/** Answers git's own addresses; gives false for any other. */
export type GitDoor = (request: IncomingMessage, response: ServerResponse) => boolean

export function httpStack(
  rooms: Rooms,
  doors: Doors,
  parts: { routes: readonly Route[]; git: GitDoor },
): RequestListener {
  const app = webApp(rooms, doors, parts.routes)
  return (request, response) => {
    response.setHeader('X-Content-Type-Options', 'nosniff')
    try {
      checkHost(request, doors.allowedHosts())
    } catch (error) {
      const fault = asFault(error, rooms.log, 'host')
      response.writeHead(fault.status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${fault.message}\n`)
      return
    }
    if (!parts.git(request, response)) app(request, response)
  }
}

function webApp(rooms: Rooms, doors: Doors, routes: readonly Route[]): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.use(commonHeaders)
  app.use(bindRoutes(rooms, doors, routes))
  app.use(['/2.0', '/api'], (request, response) => fail(rooms, request, response, new Fault('not-found')))
  app.use(site(rooms.config.pages))
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) =>
    fail(rooms, request, response, error),
  )
  return app
}

function commonHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Referrer-Policy', 'same-origin')
  response.setHeader('X-Frame-Options', 'DENY')
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
  next()
}
