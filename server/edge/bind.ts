// Puts a route record behind its doors: origin, identity, admission, input, handler, answer, in this order for all.
import type { IncomingMessage } from 'node:http'
import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import { z } from 'zod'
import { baseOf, peerOf } from '../kit/peer.ts'
import { Fault } from '../kit/fault.ts'
import { currentVisit } from '../meters/visit.ts'
import type { Ask, Reply, Route } from '../route.ts'
import type { Actor, Rooms } from '../rooms.ts'
import { admit, type Admitted, checkOff } from './admit.ts'
import { callerOf, within } from './classes.ts'
import type { Doors } from './doors.ts'
import { asFault, errorBody, errorHeaders } from './fail.ts'
import { pickFields } from './fields.ts'
import { checkOrigin } from './guard.ts'
import { identified, setRateHeaders } from './limit.ts'

const JSON_LIMIT = '1mb'

export function bindRoutes(rooms: Rooms, doors: Doors, routes: readonly Route[]): Router {
  const router = express.Router({ caseSensitive: true, strict: false })
  const shared = [
    withinTime(rooms.config.idle * 1000),
    express.json({ limit: JSON_LIMIT, strict: false, type: ['application/json', 'application/*+json'] }),
  ]
  const form = express.urlencoded({ limit: JSON_LIMIT, extended: false })
  const signedForm = express.urlencoded({ limit: JSON_LIMIT, extended: false, type: isSignedForm })
  // All that is left: `bodyOf` refuses it, after it is known who asks.
  const rest = express.raw({ limit: JSON_LIMIT, type: () => true })
  const parsers = {
    json: [...shared, signedForm, rest],
    form: [...shared, form],
    either: [...shared, form, rest],
  }
  for (const record of routes) {
    const parse = record.method === 'get' || record.body === undefined ? [] : parsers[record.takes ?? 'json']
    router[record.method](record.path, ...parse, (request: Request, response: Response) => {
      void answer(rooms, doors, record, { request, response })
    })
  }
  return router
}

/** OAuth 1.0a signs no JSON: its clients send forms wherever others send that. */
function isSignedForm({ headers }: IncomingMessage): boolean {
  return (
    /^OAuth\s/i.test(headers.authorization ?? '') &&
    /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(headers['content-type'] ?? '')
  )
}

/** What was parsed, or nothing. A body that nobody could read is refused, rather than taken for none. */
function bodyOf({ body }: { body?: unknown }): unknown {
  if (body === undefined) return {}
  if (!Buffer.isBuffer(body)) return body
  if (body.length > 0) throw new Fault('request.type')
  return {}
}

/** A body that is parsed is short. Drop by drop it would hold its connection for ever, as it is never idle. */
function withinTime(ms: number): RequestHandler {
  return (request, _response, next) => {
    const timer = setTimeout(() => request.destroy(), ms)
    for (const end of ['end', 'close']) request.once(end, () => clearTimeout(timer))
    next()
  }
}

const GUEST: Actor = { kind: 'guest' }

async function answer(
  rooms: Rooms,
  doors: Doors,
  record: Route,
  { request, response }: { request: Request; response: Response },
): Promise<void> {
  const noted = currentVisit()
  if (noted) Object.assign(noted, { kind: record.class, route: record.path })
  try {
    const { address } = peerOf(request)
    const asking = { address, class: record.class }
    const { actor, verdict } = await identified(rooms, asking, () =>
      record.credentials === 'own' ? Promise.resolve(GUEST) : doors.identify(request, address),
    )
    setRateHeaders(response, verdict)
    checkOrigin(request, actor, (user) => doors.csrfToken(user))
    const params = pathParams(request)
    const admitted = await admit(doors, actor, record, params)
    describe({ actor, address, admitted })
    if (admitted.repository) checkOff(admitted.repository, actor, record.whileOff)
    const moved = movedTo(request, record, params, admitted)
    if (moved !== undefined) {
      response.redirect(301, moved)
      return
    }
    const ask: Omit<Ask, 'signal'> = {
      actor,
      params,
      query: input(record.query, queryOf(request)),
      body: input(record.body, bodyOf(request)),
      address,
      base: baseOf(request),
      target: request.originalUrl,
      raw: request,
    }
    const visit = { class: record.class, by: callerOf(actor, address), of: admitted.repository?.id }
    const reply = await within(rooms.classes, visit, response, (signal) =>
      record.handle(rooms, Object.assign(ask, { signal }, admitted) as never),
    )
    send(request, response, reply)
  } catch (error) {
    fail(rooms, { request, response, where: record.path }, error)
  }
}

/** What the log of slow requests tells of this one. */
function describe(who: { actor: Actor; address: string; admitted: Admitted }): void {
  const visit = currentVisit()
  if (!visit) return
  visit.address = who.address
  visit.account = who.actor.kind === 'guest' ? '' : who.actor.name
  visit.repository = who.admitted.repository?.id ?? ''
}

/** A repository that was asked for by a name it had before: a reader is led to its present address. */
function movedTo(
  request: Request,
  record: Route,
  params: Record<string, string>,
  { repository }: Admitted,
): string | undefined {
  const asked = params['repo_slug'] ?? ''
  if (!repository || record.method !== 'get' || asked.startsWith('{') || asked.toLowerCase() === repository.slug)
    return undefined
  const [path = ''] = request.originalUrl.split('?', 1)
  const parts = path.split('/')
  const at = record.path.split('/').indexOf(':repo_slug')
  parts.splice(at - 1, 2, repository.workspace.slug, repository.slug)
  return parts.join('/') + request.originalUrl.slice(path.length)
}

/** Express gives the segments of a `*rest` as an array of decoded texts. */
function pathParams(request: Request): Record<string, string> {
  const entries = Object.entries(request.params as Record<string, string | string[]>)
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? value.join('/') : value]))
}

/** The query as plain object: a name that is repeated gives an array. */
function queryOf(request: Request): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {}
  const params = new URLSearchParams(request.originalUrl.split('?')[1] ?? '')
  for (const name of new Set(params.keys())) {
    const all = params.getAll(name)
    query[name] = all.length > 1 ? all : (all[0] ?? '')
  }
  return query
}

function input(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return value
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const { fieldErrors, formErrors } = z.flattenError(parsed.error)
  const fields = fieldErrors as Record<string, string[]>
  const first = formErrors[0] ?? Object.entries(fields).map(([name, problems]) => `${name}: ${problems[0]}`)[0]
  throw new Fault('request.invalid', { detail: first ?? 'The input is not of the expected form.', fields })
}

function send(request: Request, response: Response, reply: Reply): void {
  response.status(reply.status)
  if (reply.headers) for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value)
  if (reply.kind === 'json') {
    if (reply.value === undefined) {
      // Clients read the type before they look whether there is a body, and JSON they would parse.
      response.setHeader('Content-Type', 'text/plain; charset=utf-8')
      return void response.end()
    }
    const { fields } = queryOf(request)
    const value = typeof fields === 'string' ? pickFields(reply.value, fields) : reply.value
    response.setHeader('Content-Type', 'application/json; charset=utf-8')
    return void response.end(JSON.stringify(value))
  }
  response.setHeader('Content-Type', reply.type)
  const visit = currentVisit()
  if (visit && reply.type === 'text/event-stream') visit.endless = true
  if (reply.kind === 'text') return void response.end(reply.body)
  reply.body.on('error', () => response.destroy())
  response.on('close', () => reply.body.destroy())
  if (response.destroyed) reply.body.destroy()
  else reply.body.pipe(response)
}

export interface Failed {
  request: Request
  response: Response
  /** Pattern of the route. The path as it came is not logged: the secret of a one-time link stands in it. */
  where: string
}

export function fail(rooms: Rooms, { request, response, where }: Failed, error: unknown): void {
  const fault = asFault(error, rooms.log, `${request.method} ${where}`)
  if (response.headersSent) return void response.destroy()
  response.status(fault.status).set(errorHeaders(fault)).set('Cache-Control', 'no-store')
  // A browser would pop up its own password window; programs are asked for credentials.
  if (fault.status === 401 && request.headers['sec-fetch-mode'] === undefined) {
    response.set('WWW-Authenticate', 'Basic realm="Gitstead"')
  }
  response.json(errorBody(fault))
}
