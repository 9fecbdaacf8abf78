// Where the server may connect to on a user's word: public addresses, and what an admin has allowed by name.
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { Fault } from './fault.ts'

/** Loopback, private, link-local, multicast, reserved, and the ranges that translate to IPv4. */
const INNER: [string, number, 'ipv4' | 'ipv6'][] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['240.0.0.0', 4, 'ipv4'],
  ['::', 96, 'ipv6'],
  ['::ffff:0:0', 96, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
]

// A list of both families would match every IPv4 address with the rule for mapped ones.
const inner = { ipv4: new BlockList(), ipv6: new BlockList() }
for (const [net, prefix, family] of INNER) inner[family].addSubnet(net, prefix, family)

export function isInner(address: string): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  return inner[family].check(address, family)
}

export type Resolve = (host: string) => Promise<string[]>

const byDns: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address)

/** Where this server itself listens. */
export interface Self {
  port: number
  addresses: readonly string[]
}

/**
 * The one address to connect to for this URL. It was checked, so the caller must connect to it and not resolve again:
 * a name may give another address the second time. Faults when any address of the name leads inside and the admin has
 * not allowed it: by exact host, or by a range such as 192.168.0.0/24. What listens on our own port is opened by
 * neither, only by `host:port`.
 */
export async function checkedAddress(
  url: URL,
  allowed: readonly string[],
  resolve: Resolve = byDns,
  self?: Self,
): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const addresses = isIP(host) !== 0 ? [host] : await resolve(host).catch(() => [])
  const [first] = addresses
  if (first === undefined) throw refused(`The host ${host} is not known.`)
  const port = portOf(url)
  if (allowed.includes(`${host}:${port}`)) return first
  if (self?.port === port && addresses.some((address) => isSelf(self, address))) {
    throw refused(`${host}:${port} is this server itself.`)
  }
  if (allowed.includes(host)) return first
  const ranges = rangesOf(allowed)
  if (addresses.some((address) => isInner(address) && !inRanges(ranges, address))) {
    throw refused(`${host} leads into this network. An admin can allow it by name under Settings.`)
  }
  return first
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' ? 443 : 80
}

const LOOPBACK = /^(127\.|0\.|::1$|::$|::ffff:(127|7f|0:0))/i

function isSelf({ addresses }: Self, address: string): boolean {
  return LOOPBACK.test(address) || addresses.includes(address)
}

type Ranges = Record<'ipv4' | 'ipv6', BlockList>

/** The entries that are ranges; others name a host. */
function rangesOf(allowed: readonly string[]): Ranges {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const entry of allowed) {
    const range = parseRange(entry)
    if (range) lists[range.family].addSubnet(range.net, range.prefix, range.family)
  }
  return lists
}

export function parseRange(text: string): { net: string; prefix: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [, net = '', digits = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(text) ?? []
  const version = isIP(net)
  const prefix = Number(digits)
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return undefined
  return { net, prefix, family: version === 6 ? 'ipv6' : 'ipv4' }
}

function inRanges(ranges: Ranges, address: string): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  return ranges[family].check(address, family)
}

function refused(detail: string): Fault {
  return new Fault('request.invalid', { detail, fields: { url: [detail] } })
}
