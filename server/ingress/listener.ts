// The listening socket: time-outs that cut stalled connections but never a slow one, and a close that lets work finish.
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createServer } from '../kit/http.ts'
import { openSecure } from './secure.ts'

export interface Listener {
  server: Server
  take: (socket: Socket) => void
  /** Key and certificate for connections that come with TLS, as PEM; without them only plain ones are served. */
  secure: (pem: string | undefined) => void
  /** Connections that are open now. */
  open: () => number
  /** Takes no new connection, ends idle ones, waits for requests in hand, cuts what is left after `graceMs`. */
  close: (graceMs: number) => Promise<void>
}

const HEADERS_MS = 20_000
const KEEP_ALIVE_MS = 75_000
/** How often Node looks for connections whose headers take too long; its default would let them be for half a minute. */
const LOOK_MS = 5000
/** How long an idle connection outlives the beginning of a close. Where there is time, as long as it was promised. */
const LINGER_MS = 500
/** The same for one on which nothing was asked yet: its client has hardly had the time to. */
const FRESH_MS = 3000
/** How much of a body that nobody wants is read after the answer, so that its sender gets to read why, and how long. */
const UNWANTED_BYTES = 64 * 1024 * 1024
const UNWANTED_MS = 10_000

export interface Place {
  host: string
  port: number
  /** No byte in either direction for so many seconds ends a connection; git keeps a working one alive. */
  idle: number
}

/** A server on a socket of its own. */
export async function listen(listener: RequestListener, at: Place): Promise<Listener> {
  const made = openListener(listener, at)
  await new Promise<void>((resolve, reject) => {
    made.server.once('error', reject)
    made.server.listen(at.port, at.host, () => {
      made.server.off('error', reject)
      resolve()
    })
  })
  return made
}

/** Serves connections that come from elsewhere, each of them once it has been given to `take`. */
export function openListener(listener: RequestListener, { idle }: Pick<Place, 'idle'>, secret = ''): Listener {
  const requests = new Map<Socket, number>()
  const answers = new Set<ServerResponse>()
  const fresh = new Set<Socket>()
  // First each answer says that it is the last one on its connection; later those who were not told are cut off.
  const state = { closing: false, ending: false }
  const { promise: all, resolve: ended } = Promise.withResolvers<void>()
  const server = createServer(
    { noDelay: true, highWaterMark: 64 * 1024, connectionsCheckingInterval: LOOK_MS },
    (request, response) => {
      const { socket } = request
      requests.set(socket, (requests.get(socket) ?? 0) + 1)
      if (state.closing) response.setHeader('Connection', 'close')
      answers.add(response)
      fresh.delete(socket)
      response.on('close', () => {
        answers.delete(response)
        // The connection may be gone already, with whoever was answered.
        const inHand = requests.get(socket)
        if (inHand === undefined) return
        requests.set(socket, inHand - 1)
        if (state.ending && inHand === 1) socket.end()
      })
      response.on('finish', () => !request.complete && endUnwanted(request))
      listener(request, response)
    },
  )
  setTimeOuts(server, idle * 1000)
  const lookForEnd = (): void => {
    if (state.closing && open() === 0) ended()
  }
  const secure = openSecure({ waitMs: server.headersTimeout, secret, serve: serveBy(server), left: lookForEnd })
  const open = (): number => requests.size + secure.early.size
  server.on('connection', (socket: Socket) => {
    requests.set(socket, 0)
    fresh.add(socket)
    socket.on('close', () => {
      requests.delete(socket)
      fresh.delete(socket)
      lookForEnd()
    })
  })
  const close = async (graceMs: number): Promise<void> => {
    state.closing = true
    if (server.listening) server.close()
    if (open() === 0) return
    // A request may be on its way on a connection that looks idle: it is answered, and told that it was the last one.
    const endThem = (): void => {
      state.ending = true
      for (const [socket, inHand] of requests) if (inHand === 0 && !fresh.has(socket)) socket.end()
      endStreams(answers)
      cutAll(secure.early)
    }
    const lingerMs = graceMs > KEEP_ALIVE_MS ? KEEP_ALIVE_MS : LINGER_MS
    const linger = setTimeout(endThem, lingerMs)
    const late = setTimeout(() => fresh.forEach((socket) => socket.end()), Math.min(lingerMs + FRESH_MS, graceMs))
    const cut = setTimeout(() => cutAll(requests.keys()), graceMs)
    await all
    for (const timer of [linger, late, cut]) clearTimeout(timer)
  }
  return { server, take: secure.take, secure: secure.use, open, close }
}

function setTimeOuts(server: Server, idleMs: number): void {
  // The default limit of five minutes for a whole request would cut long pushes.
  server.requestTimeout = 0
  server.headersTimeout = Math.min(HEADERS_MS, idleMs)
  server.keepAliveTimeout = Math.min(KEEP_ALIVE_MS, idleMs)
  server.timeout = idleMs
}

/** A stream of events has no end of its own, and its page comes back by itself. */
function endStreams(answers: Set<ServerResponse>): void {
  for (const answer of answers) if (answer.getHeader('Content-Type') === 'text/event-stream') answer.end()
}

function cutAll(sockets: Iterable<Socket>): void {
  for (const socket of sockets) socket.destroy()
}

function serveBy(server: Server): (socket: Socket) => void {
  let isWatched = false
  return (socket) => {
    // What looks after slow headers begins its rounds when a server listens, and this one never does.
    if (!isWatched) server.emit('listening')
    isWatched = true
    server.emit('connection', socket)
    socket.resume()
  }
}

/** Without an end, a refused upload would hold its connection for as long as somebody goes on sending. */
function endUnwanted(request: IncomingMessage): void {
  let seen = 0
  const timer = setTimeout(() => request.destroy(), UNWANTED_MS)
  request.on('close', () => clearTimeout(timer))
  request.on('end', () => clearTimeout(timer))
  request.on('data', (chunk: Buffer) => {
    seen += chunk.length
    if (seen > UNWANTED_BYTES) request.destroy()
  })
  request.resume()
}
