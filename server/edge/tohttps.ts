// Leads plain HTTP to HTTPS where the admin wants it: readers by a redirect, credentials by a refusal that says so.
import type { IncomingMessage } from 'node:http'
import { type Peer, peerOf, isLoopback } from '../kit/peer.ts'
import { Fault } from '../kit/fault.ts'

/** Whoever does not trust our certificate yet must be able to read how, and nobody is signed in there. */
const OPEN = /^\/(?:trust|mark\.svg|assets\/[^?]*|api\/gitstead\/1\/(?:session|https|https\/ca\.crt))(?:\?.*)?$/

/**
 * Gives the address that a reader is to be led to, nothing where the request may go on, and throws for what would lay
 * a secret open. Callers on this machine, and those whose proxy answers for them, are left alone.
 */
export function elsewhere(request: IncomingMessage): string | undefined {
  if (isFine(peerOf(request))) return undefined
  const { method = 'GET', url = '/', headers } = request
  const isReading = method === 'GET' || method === 'HEAD'
  if (isReading && OPEN.test(url)) {
    delete headers.cookie
    delete headers.authorization
    return undefined
  }
  const base = `https://${headers.host ?? ''}`
  if (isReading && headers.authorization === undefined) return base + (url.startsWith('/') ? url : '/')
  throw new Fault('request.https', { url: base })
}

/** A proxy that we trust leads its callers to HTTPS itself. */
function isFine({ secure, proxied, address }: Peer): boolean {
  return secure || proxied || isLoopback(address)
}
