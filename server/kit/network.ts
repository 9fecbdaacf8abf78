// The address of a caller, as far as it tells callers apart.
import { BlockList, isIP, isIPv6 } from 'node:net'
import { parseRange } from './netguard.ts'

/** Whoever has one IPv6 address has all 2^64 of its network. An IPv4 address may come in the form of an IPv6 one. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const bare = plainAddress(address)
  if (!isIPv6(bare)) return bare
  const [head = '', tail] = bare.split('::', 2)
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length
  return [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after].slice(0, 4).join(':')
}

function plainAddress(address: string): string {
  return address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
}

/** Whether an address is one of these addresses, or in one of these ranges. */
export function openRanges(entries: readonly string[]): (address: string) => boolean {
  if (entries.length === 0) return () => false
  const lists = { 4: new BlockList(), 6: new BlockList() }
  for (const entry of entries) {
    const range = parseRange(entry)
    const version = isIP(entry)
    if (range) lists[range.family === 'ipv6' ? 6 : 4].addSubnet(range.net, range.prefix, range.family)
    else if (version === 4 || version === 6) lists[version].addAddress(entry, version === 6 ? 'ipv6' : 'ipv4')
  }
  return (address) => {
    const plain = plainAddress(address)
    const version = isIP(plain)
    if (version !== 4 && version !== 6) return false
    return lists[version].check(plain, version === 6 ? 'ipv6' : 'ipv4')
  }
}
