// The listening socket: time-outs that cut stalled connections but never a slow one, and a close that lets work finish.
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'

export interface Listener {
  server: Server
  /** Takes no new connection, ends idle ones, waits for requests in hand, cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>
}

const HEADERS_MS = 20_000
const KEEP_ALIVE_MS = 75_000
/** How often Node looks for connections whose headers take too long; its default would let them be for half a minute. */
const LOOK_MS = 5000
/** How much of a body that nobody wants is read after the answer, so that its sender gets to read why, and how long. */
const UNWANTED_BYTES = 64 * 1024 * 1024
const UNWANTED_MS = 10_000

export interface Place {
  host: string
  port: number
  /** No byte in either direction for so many seconds ends a connection; git keeps a working one alive. */
  idle: number
}

export async function listen(listener: RequestListener, at: Place): Promise<Listener> {
  const requests = new Map<Socket, number>()
  const state = { closing: false }
  const server = createServer(
    { noDelay: true, highWaterMark: 64 * 1024, connectionsCheckingInterval: LOOK_MS },
    (request, response) => {
      const { socket } = request
      requests.set(socket, (requests.get(socket) ?? 0) + 1)
      if (state.closing) response.setHeader('Connection', 'close')
      response.on('close', () => {
        const left = (requests.get(socket) ?? 1) - 1
        requests.set(socket, left)
        if (state.closing && left === 0) socket.end()
      })
      response.on('finish', () => !request.complete && endUnwanted(request))
      listener(request, response)
    },
  )
  // The default limit of five minutes for a whole request would cut long pushes.
  server.requestTimeout = 0
  const idleMs = at.idle * 1000
  server.headersTimeout = Math.min(HEADERS_MS, idleMs)
  server.keepAliveTimeout = Math.min(KEEP_ALIVE_MS, idleMs)
  server.timeout = idleMs
  server.on('connection', (socket: Socket) => {
    requests.set(socket, 0)
    socket.on('close', () => requests.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    server,
    close: (graceMs) =>
      new Promise((resolve) => {
        state.closing = true
        const cut = setTimeout(() => server.closeAllConnections(), graceMs)
        server.close(() => {
          clearTimeout(cut)
          resolve()
        })
        for (const [socket, inHand] of requests) if (inHand === 0) socket.end()
      }),
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
