// git's own addresses, before the web stack: no body parser, no cookie, one credential look-up, one permission look-up.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Readable, Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { sendAll } from '../kit/chunks.ts'
import { peerOf } from '../kit/peer.ts'
import { Fault } from '../kit/fault.ts'
import type { Patience } from '../limits/limits.ts'
import type { TransferFacts } from '../meters/transfers.ts'
import { currentVisit, idOf, type Visit, waited } from '../meters/visit.ts'
import type { Actor, RepositoryView, Rooms } from '../rooms.ts'
import type { Beginning, GitAsk, GitReply, GitRoute, NewPlace } from '../route.ts'
import { admit, checkOff } from './admit.ts'
import type { Doors } from './doors.ts'
import { callerOf } from './classes.ts'
import { asFault, errorHeaders } from './fail.ts'
import { checkOrigin } from './guard.ts'
import { identified } from './limit.ts'
import type { GitDoor } from './http.ts'

export interface GitDoors extends Doors {
  /** What a member of the workspace is told who wants to push to a name that does not exist; undefined when they may not. */
  advertiseByPush(place: NewPlace, protocol: GitAsk['protocol']): Promise<Buffer | undefined>
  /** Makes the repository that is pushed to, or tells what is all there is to say; undefined when they may not. */
  createByPush(place: NewPlace, push: { address: string; body: Readable }): Promise<Beginning | undefined>
}

// A user or a repository of the API may be called info or refs: its addresses are never git's.
const ADDRESS =
  /^\/(?!(?:2\.0|api)\/)([^/?]+)\/([^/?]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)(?:\?(.*))?$/
const DUMB = /^\/[^/?]+\/[^/?]+\.git\/(HEAD|objects\/.*|info\/.*)(\?.*)?$/
const ONE_PIECE = 8 * 1024
const UNCACHED = 'no-cache, max-age=0, must-revalidate'
const LONGEST_FETCH = 64 * 1024 * 1024

interface Target {
  workspace: string
  repository: string
  route: GitRoute
}

export function gitDoor(rooms: Rooms, doors: GitDoors, routes: readonly GitRoute[]): GitDoor {
  return (request, response) => {
    const url = request.url ?? '/'
    const match = ADDRESS.exec(url)
    if (!match && !DUMB.test(url)) return false
    serve(rooms, doors, { request, response }, () => target(routes, request, match)).catch((error: unknown) => {
      refuse(rooms, { request, response }, error)
    })
    return true
  }
}

type Exchange = { request: IncomingMessage; response: ServerResponse }

function target(routes: readonly GitRoute[], request: IncomingMessage, match: RegExpExecArray | null): Target {
  if (!match) throw new Fault('not-found', { detail: 'This server speaks the smart protocol only. Update your git.' })
  const [, workspace = '', repository = '', what = '', query = ''] = match
  const advertising = what === 'info/refs'
  const service = advertising ? askedService(query) : what
  const route = routes.find((record) => record.service === service && record.method === (advertising ? 'get' : 'post'))
  if (!route || request.method !== route.method.toUpperCase()) {
    throw new Fault('not-found', { detail: 'Git does not use this address in this way.' })
  }
  if (!advertising && request.headers['content-type'] !== `application/x-${what}-request`) {
    throw new Fault('request.invalid', { detail: `The content type must be application/x-${what}-request.` })
  }
  return { workspace: decode(workspace), repository: decode(repository), route }
}

/** The address alone decides what is done; a query that names the service twice has no one meaning. */
function askedService(query: string): string {
  const named = new URLSearchParams(query).getAll('service')
  if (named.length > 1) throw new Fault('request.invalid', { detail: 'The service is named more than once.' })
  if (named[0] === undefined)
    throw new Fault('not-found', { detail: 'This server speaks the smart protocol only. Update your git.' })
  return named[0]
}

function decode(segment: string): string {
  try {
    const text = decodeURIComponent(segment)
    // Lower case makes plain letters of some that only look like them, such as the sign for Kelvin.
    if (/^[!-~]*$/.test(text)) return text.toLowerCase()
  } catch {
    // Not encoded rightly: no name of ours.
  }
  throw new Fault('not-found')
}

async function serve(rooms: Rooms, doors: GitDoors, exchange: Exchange, find: () => Target): Promise<void> {
  const { request, response } = exchange
  const { workspace, repository: name, route } = find()
  const { address } = peerOf(request)
  // git carries no cookie. A browser does, and could be led here by a page elsewhere: it comes in as a guest.
  if (request.headers.cookie !== undefined) delete request.headers.cookie
  const asking = { address, class: route.class, patience: patienceOf(route) }
  const { actor } = await identified(rooms, asking, () => doors.identify(request, address))
  checkOrigin(request, actor, (user) => doors.csrfToken(user))
  const mayCreate = request.headers['sec-fetch-mode'] === undefined
  const protocol = protocolOf(request)
  const body = unpacked(request, route)
  const entered = await enter(doors, { actor, route, workspace, name }, { address, mayCreate, protocol, body })
  if ('reply' in entered) return answer(exchange, replyOf(route, entered.reply), () => endVisit(rooms, 200))
  const { repository, begun } = entered
  const visit = note(route, { actor, address, repository })
  if (isFormer(name, repository) && route.method === 'get') return lead(rooms, exchange, { repository, route })
  let gone: AbortController | undefined
  const share = callerOf(actor, address)
  const ask = {
    actor,
    repository,
    address,
    share,
    protocol,
    body,
    begun,
    again: () => mayStill(doors, exchange, { route, repository, address }),
    // Made when something is started that can be stopped: an answer out of memory needs none.
    get signal() {
      return (gone ??= whenGone(response)).signal
    },
  }
  const whose = { by: share, of: repository.id }
  let leave: () => void
  try {
    checkOff(repository, actor)
    // Where there is room, as nearly always, an answer out of memory waits for nothing.
    leave =
      rooms.classes.pass('git', whose) ??
      (await waited(() => rooms.classes.enter('git', { ...whose, signal: ask.signal })))
  } catch (error) {
    if (!(error instanceof Fault) || !route.refuse) throw error
    return answer(exchange, await route.refuse(ask, error), () => visit && rooms.visits.end(visit, error.status))
  }
  if (route.method === 'post')
    rooms.transfers.begin(exchange, factsOf(route, { actor, address, repository }), () =>
      (gone ??= whenGone(response)).abort(new Fault('git.cancelled')),
    )
  try {
    answer(exchange, await route.handle(rooms, ask), () => {
      leave()
      if (visit) rooms.visits.end(visit, 200)
    })
  } catch (error) {
    leave()
    throw error
  }
}

/** A name that it had before; it has an id beside its name, which stays. */
function isFormer(name: string, { slug }: RepositoryView): boolean {
  return slug !== name && name.length !== 38
}

function lead(rooms: Rooms, { response }: Exchange, to: { repository: RepositoryView; route: GitRoute }): void {
  const { workspace, slug } = to.repository
  const path = `/${workspace.slug}/${slug}.git/info/refs?service=${to.route.service}`
  response.writeHead(301, { Location: path, 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' }).end()
  endVisit(rooms, 301)
}

function factsOf(route: GitRoute, who: { actor: Actor; address: string; repository: RepositoryView }): TransferFacts {
  const { actor, address, repository } = who
  const account = actor.kind === 'guest' ? '' : actor.name
  return { service: route.service, repository: repository.id, account, address }
}

/**
 * Who asked too often hears of it where git begins. What comes after that is in the middle of a fetch or a push: a push
 * always goes on, a fetch up to the point where nobody who began rightly can be.
 */
function patienceOf({ method, service }: GitRoute): Patience {
  if (method === 'get') return 'none'
  return service === 'git-receive-pack' ? 'always' : 'debt'
}

/**
 * Credentials, account, permission and repository as they are now; by its id, as a rename changes nothing. That too many
 * guesses came from the same address in between is no reason to end what was begun with the right ones.
 */
async function mayStill(
  doors: Doors,
  { request }: Exchange,
  what: { route: GitRoute; repository: RepositoryView; address: string },
): Promise<void> {
  try {
    const actor = await doors.identify(request, what.address)
    const { repository } = await admit(doors, actor, what.route, {
      workspace: '{}',
      repo_slug: `{${what.repository.id}}`,
    })
    if (repository) checkOff(repository, actor)
  } catch (error) {
    if (error instanceof Fault && [401, 403, 404].includes(error.status)) throw error
  }
}

/** What the log of slow requests tells of this one. */
function note(route: GitRoute, who: { actor: Actor; address: string; repository: RepositoryView }): Visit | undefined {
  const visit = currentVisit()
  if (!visit) return undefined
  visit.kind = route.class
  visit.route = route.service
  visit.address = who.address
  visit.account = who.actor.kind === 'guest' ? '' : who.actor.name
  visit.repository = who.repository.id
  return visit
}

/** Aborts when the client goes away before its answer is whole. */
function whenGone(response: ServerResponse): AbortController {
  const gone = new AbortController()
  if (response.destroyed) gone.abort()
  // Only where there is something left to stop: an abort makes an exception with a stack each time.
  response.on('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  return gone
}

async function enter(
  doors: GitDoors,
  place: NewPlace & { route: GitRoute },
  how: { address: string; mayCreate: boolean; protocol: GitAsk['protocol']; body: Readable },
): Promise<Beginning> {
  const { actor, route, workspace, name } = place
  try {
    const { repository } = await admit(doors, actor, route, { workspace, repo_slug: name })
    if (!repository) throw new Fault('not-found')
    return { repository }
  } catch (error) {
    const missing = error instanceof Fault && error.code === 'not-found'
    if (!missing || !how.mayCreate || route.service !== 'git-receive-pack') throw error
    if (route.method === 'post') {
      const entered = await doors.createByPush(place, how)
      if (entered) return entered
    }
    const reply = route.method === 'get' ? await doors.advertiseByPush(place, how.protocol) : undefined
    if (reply) return { reply }
    throw error
  }
}

function replyOf({ method, service }: GitRoute, body: Buffer): GitReply {
  return { type: `application/x-${service}-${method === 'get' ? 'advertisement' : 'result'}`, body }
}

function endVisit(rooms: Rooms, status: number): void {
  const visit = currentVisit()
  if (visit) rooms.visits.end(visit, status)
}

function protocolOf(request: IncomingMessage): 0 | 1 | 2 {
  const asked = String(request.headers['git-protocol'] ?? '')
  if (asked === 'version=2') return 2
  const versions = [...asked.matchAll(/(?:^|:)version=([012])(?=:|$)/g)].map(([, digit]) => Number(digit))
  return Math.max(0, ...versions) as 0 | 1 | 2
}

/** A fetch request is a list of ids: it stays small, packed or not, unless it was made to be a bomb. */
function unpacked(request: IncomingMessage, route: GitRoute): Readable {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  const longest = route.service === 'git-upload-pack' ? LONGEST_FETCH : Infinity
  const stated = Number(request.headers['content-length'])
  if (stated > longest) throw new Fault('request.too-large')
  if (encoding === 'identity') return longest === Infinity || stated >= 0 ? request : bounded(request, request, longest)
  if (encoding !== 'gzip' && encoding !== 'x-gzip')
    throw new Fault('request.invalid', { detail: `The encoding ${encoding} is not known.` })
  const gunzip = createGunzip()
  const body = bounded(request, gunzip, longest)
  gunzip.on('error', () => body.destroy(new Fault('request.invalid', { detail: 'The body is no gzip.' })))
  body.on('close', () => gunzip.destroy())
  request.pipe(gunzip)
  return body
}

/**
 * What comes out of `source`, up to a bound. However it ends, the request is read on and not destroyed: the client
 * gets its answer, and its connection serves the next request.
 */
function bounded(request: IncomingMessage, source: Readable, longest: number): Readable {
  let size = 0
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > longest) done(new Fault('request.too-large'))
      else done(null, chunk)
    },
  })
  // Whoever reads hears of an error by reading; until somebody does, it must not bring the process down.
  body.on('error', () => {})
  body.on('close', () => {
    request.unpipe()
    request.resume()
  })
  request.on('close', () => {
    if (!request.readableEnded) body.destroy(new Fault('request.invalid', { detail: 'The client went away.' }))
  })
  return source.pipe(body)
}

/** `leave`: the place is free again when all of the answer is with the system, or the client has taken what is streamed. */
function answer({ response }: Exchange, reply: GitReply, leave: () => void): void {
  // One list, written as it stands: on the hot path each header that is set by itself shows.
  const headers = ['X-Content-Type-Options', 'nosniff', 'Content-Type', reply.type, 'Cache-Control', UNCACHED]
  if (Buffer.isBuffer(reply.body)) {
    headers.push('Content-Length', String(reply.body.length))
    response.writeHead(200, headers)
    // As text of one byte per character, a short answer leaves in one piece with its headers.
    if (reply.body.length <= ONE_PIECE) response.end(reply.body.toString('latin1'), 'latin1')
    else response.end(reply.body)
    return leave()
  }
  response.writeHead(200, headers)
  // An answer that breaks off must not look whole: destroying the socket leaves the chunked body without its end.
  sendAll(reply.body, response, leave)
}

/** git shows a text/plain body to its user as `remote: …`. */
function refuse(rooms: Rooms, { request, response }: Exchange, error: unknown): void {
  const visit = currentVisit()
  if (visit) visit.kind = 'git'
  // A client that has gone away is told nothing, and its going is no failure of ours.
  if (response.destroyed) return endVisit(rooms, 0)
  const fault = asFault(error, rooms.log, `git ${request.method} ${(request.url ?? '').split('?')[0]}`)
  if (response.headersSent) return void response.destroy()
  const detail = fault.facts.detail === undefined ? '' : ` ${fault.facts.detail}`
  const headers: Record<string, string> = {
    'X-Content-Type-Options': 'nosniff',
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    ...errorHeaders(fault),
  }
  // Only here: what git asks for all day pays for no id.
  if (visit) headers['X-Request-Id'] = idOf(visit)
  if (fault.status === 401) headers['WWW-Authenticate'] = 'Basic realm="Gitstead"'
  // The rest of the body is read and thrown away, so that the client gets to read the answer; the listener bounds it.
  request.resume()
  response.writeHead(fault.status, headers).end(`${fault.message}${detail}\n`)
  if (visit) rooms.visits.end(visit, fault.status)
}
