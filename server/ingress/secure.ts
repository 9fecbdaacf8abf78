// The first byte of a connection tells whether it speaks TLS: what does is unwrapped here, in bounded time; the rest passes.
import { constants, hkdfSync } from 'node:crypto'
import type { Socket } from 'node:net'
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'

export interface Secure {
  take: (socket: Socket) => void
  /** Key and certificate for the next handshakes, as PEM; without them TLS is not spoken. */
  use: (pem: string | undefined) => void
  /** Connections that nobody serves yet: they have said nothing, or are shaking hands. */
  early: ReadonlySet<Socket>
}

export interface SecureOptions {
  /** For the first byte and the handshake together, however busily the other end drips. */
  waitMs: number
  /** The same in all processes of a server: a session that one of them began goes on at any other. */
  secret: string
  serve: (socket: Socket) => void
  /** An early connection has ended without being served. */
  left: () => void
}

const HANDSHAKE = 0x16
const DAY_MS = 86_400_000
const TICKET_BYTES = 48

export function openSecure({ waitMs, secret, serve, left }: SecureOptions): Secure {
  const early = new Set<Socket>()
  let context: { pem: string; day: number; made: SecureContext } | undefined

  /** Tickets are sealed with another key each day. */
  const current = (): SecureContext | undefined => {
    const day = Math.floor(Date.now() / DAY_MS)
    if (context && context.day !== day) context = { ...context, day, made: contextOf(context.pem, secret, day) }
    return context?.made
  }

  const take = (socket: Socket): void => {
    early.add(socket)
    socket.setNoDelay(true)
    socket.allowHalfOpen = true
    const cut = (): void => void socket.destroy()
    const timer = setTimeout(cut, waitMs)
    socket.on('error', cut)
    socket.once('end', cut)
    socket.once('close', () => {
      clearTimeout(timer)
      if (early.delete(socket)) left()
    })
    const pass = (served: Socket): void => {
      clearTimeout(timer)
      early.delete(socket)
      socket.off('end', cut)
      serve(served)
    }
    socket.once('data', (first: Buffer) => {
      socket.pause()
      // Read again, and whole, by whoever gets the connection.
      socket.unshift(first)
      const secureContext = first[0] === HANDSHAKE ? current() : undefined
      if (secureContext) unwrap(socket, secureContext, pass)
      else pass(socket)
    })
    socket.resume()
  }

  return {
    take,
    use: (pem) => {
      const day = Math.floor(Date.now() / DAY_MS)
      context = pem === undefined ? undefined : { pem, day, made: contextOf(pem, secret, day) }
    },
    early,
  }
}

function unwrap(socket: Socket, secureContext: SecureContext, pass: (secure: TLSSocket) => void): void {
  const secure = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] })
  secure.on('error', () => secure.destroy())
  secure.once('close', () => socket.destroy())
  secure.once('secure', () => pass(secure))
}

function contextOf(pem: string, secret: string, day: number): SecureContext {
  return createSecureContext({
    key: pem,
    cert: pem,
    minVersion: 'TLSv1.2',
    // A client that asks for one handshake after the other costs us more than itself.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ticketKeys: Buffer.from(hkdfSync('sha256', secret, '', `tickets of day ${day}`, TICKET_BYTES)),
    sessionIdContext: 'gitstead',
  })
}
