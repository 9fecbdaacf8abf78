// What every request passes before anything reads it: the Host it names, and that a change comes from our own pages.
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { baseOf } from '../kit/peer.ts'
import { Fault } from '../kit/fault.ts'
import { sameSecret } from '../kit/secret.ts'
import type { Actor } from '../rooms.ts'

const OWN_NAMES = new Set(['localhost', hostname().toLowerCase(), `${hostname().toLowerCase()}.local`])

/**
 * Refuses host names that are not ours. A web page elsewhere can point a name of its own at this machine and read
 * what we answer (DNS rebinding); it cannot do so with a bare address, so every address literal is fine.
 */
export function checkHost(request: IncomingMessage, allowed: readonly string[]): string {
  const host = request.headers.host ?? ''
  const name = host.replace(/:\d+$/, '').toLowerCase()
  const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name
  if (isIP(bare) !== 0 || OWN_NAMES.has(name) || allowed.includes(name)) return host
  throw new Fault('request.host', { host: name.slice(0, 100) })
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Refuses changes that another site makes a browser send: by Origin for all, by token for those with a cookie. */
export function checkOrigin(request: IncomingMessage, actor: Actor, csrfToken: (actor: Actor) => string): void {
  if (SAFE.has(request.method ?? 'GET')) return
  const { origin } = request.headers
  if (origin !== undefined && !isOwnOrigin(request, origin)) throw new Fault('request.origin')
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new Fault('request.origin')
  if (actor.kind === 'user' && actor.via === 'session') {
    const sent = request.headers['x-csrf-token']
    if (typeof sent !== 'string' || !sameSecret(sent, csrfToken(actor))) {
      throw new Fault('request.origin', { detail: 'The X-CSRF-Token header is missing or old. Reload the page.' })
    }
  }
}

/** The same scheme, name and port: a page that came over plain HTTP may have been changed on its way. */
function isOwnOrigin(request: IncomingMessage, origin: string): boolean {
  const base = baseOf(request)
  return URL.canParse(origin) && URL.canParse(base) && new URL(origin).origin === new URL(base).origin
}
