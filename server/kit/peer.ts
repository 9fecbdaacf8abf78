// Who is at the other end of a request, and whether the way there is encrypted. A proxy is believed only where it is trusted.
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { parseRange } from './netguard.ts'

export interface Peer {
  address: string
  /** Nobody between the caller and us, or between the caller and the trusted proxy, can read along. */
  secure: boolean
  /** A trusted proxy stands between. */
  proxied: boolean
}

const heard = new WeakMap<IncomingMessage, Peer>()

export function peerOf(request: IncomingMessage): Peer {
  return heard.get(request) ?? direct(request)
}

/** The address under which the caller reached the server, without a slash at the end. */
export function baseOf(request: IncomingMessage): string {
  return `${peerOf(request).secure ? 'https' : 'http'}://${request.headers.host ?? ''}`
}

function direct({ socket }: IncomingMessage): Peer {
  const secure = (socket as Partial<TLSSocket>).encrypted === true
  return { address: socket.remoteAddress ?? '', secure, proxied: false }
}

/** Reads what a trusted proxy says of the caller. From anybody else, and with no proxy trusted, it means nothing. */
export function proxyReader(trusted: readonly string[]): (request: IncomingMessage) => void {
  if (trusted.length === 0) return () => {}
  const list = listOf(trusted)
  const isTrusted = (address: string): boolean => {
    const plain = unmapped(address)
    const version = isIP(plain)
    return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4')
  }
  return (request) => {
    const { address, secure: isDirectly } = direct(request)
    if (!isTrusted(address)) return
    const scheme = lastOf(request, 'x-forwarded-proto')
    const secure = scheme === undefined ? isDirectly : scheme === 'https'
    heard.set(request, { address: forwardedFor(request, isTrusted) ?? address, secure, proxied: true })
  }
}

/** Each proxy adds the address that called it at the end: the last one that is no proxy of ours is the caller's. */
function forwardedFor(request: IncomingMessage, isTrusted: (address: string) => boolean): string | undefined {
  const hops = listed(request, 'x-forwarded-for').map(withoutPort)
  const at = hops.findLastIndex((hop) => !isTrusted(hop))
  const client = at < 0 ? hops[0] : hops[at]
  return client !== undefined && isIP(client) !== 0 ? client : undefined
}

function listed({ headers }: IncomingMessage, name: string): string[] {
  const value = String(headers[name] ?? '')
  return value === '' ? [] : value.split(',').map((part) => part.trim())
}

function lastOf(request: IncomingMessage, name: string): string | undefined {
  return listed(request, name).at(-1)?.toLowerCase()
}

function withoutPort(hop: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^(\d+(?:\.\d+){3}):\d+$/.exec(hop)?.[1] ?? hop
}

/** IPv4 as a socket shows it that listens to both families. */
function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

export function isLoopback(address: string): boolean {
  return /^(?:127\.\d+\.\d+\.\d+|::1)$/.test(unmapped(address))
}

function listOf(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const range = parseRange(entry)
    if (range) list.addSubnet(range.net, range.prefix, range.family)
    else list.addAddress(entry, isIP(entry) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Whether an entry names an address or a range, as the list of trusted proxies needs it. */
export function isProxyEntry(entry: string): boolean {
  return isIP(entry) !== 0 || parseRange(entry) !== undefined
}
