// The whole way of a request on one page: Host, git routes, then the Express stack of routes, pages and failures.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import { peerOf, proxyReader } from '../kit/peer.ts'
import { Fault } from '../kit/fault.ts'
import { currentVisit, during } from '../meters/visit.ts'
import type { Route } from '../route.ts'
import type { Rooms } from '../rooms.ts'
import { bindRoutes, fail } from './bind.ts'
import type { Doors } from './doors.ts'
import { asFault, errorBody, errorHeaders } from './fail.ts'
import { checkHost } from './guard.ts'
import { charge, setRateHeaders } from './limit.ts'
import { busyPage, site } from './site.ts'
import { stamp } from './stamp.ts'
import { elsewhere } from './tohttps.ts'

/** Answers git's own addresses; gives false for any other. */
export type GitDoor = (request: IncomingMessage, response: ServerResponse) => boolean

type Exchange = { request: IncomingMessage; response: ServerResponse }

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
  const hearProxy = proxyReader(rooms.config.trustedProxy)
  const serve: RequestListener = (request, response) => {
    hearProxy(request)
    try {
      checkHost(request, doors.allowedHosts())
      const other = doors.insistsOnHttps() ? elsewhere(request) : undefined
      if (other !== undefined) return leadTo(response, other)
    } catch (error) {
      return refuse(rooms, { request, response }, error)
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

/** git follows it for the first request of a command, browsers keep it for this one time. */
function leadTo(response: ServerResponse, url: string): void {
  commonHeaders(response)
  response.writeHead(308, { Location: url }).end()
}

/** Before anybody knows what is asked for: in words, or as the API's clients expect it. */
function refuse(rooms: Rooms, { request, response }: Exchange, error: unknown): void {
  commonHeaders(response)
  const fault = asFault(error, rooms.log, 'the door')
  const isApi = fault.code !== 'request.host' && /^\/(?:2\.0|api)\//.test(request.url ?? '')
  const type = isApi ? 'application/json' : 'text/plain'
  const body = isApi ? JSON.stringify(errorBody(fault)) : `${fault.message}\n`
  response.writeHead(fault.status, { 'Content-Type': `${type}; charset=utf-8` }).end(body)
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
function turnOfPage(rooms: Rooms): RequestHandler {
  const { classes } = rooms
  return (request, response, next) => {
    const by = peerOf(request).address
    try {
      setRateHeaders(response, charge(rooms, { actor: undefined, address: by, class: 'web' }))
    } catch (error) {
      const fault = asFault(error, rooms.log, 'page')
      response.status(fault.status).set(errorHeaders(fault)).type('text/plain').end(`${fault.message}\n`)
      return
    }
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
