import { describe, expect, it } from 'vitest'
import { networkOf, openRanges } from './network.ts'

describe('the network of a caller', () => {
  it('is the address of IPv4, and the first 64 bits of IPv6', () => {
    expect(networkOf('10.0.0.5')).toBe('10.0.0.5')
    expect(networkOf('::ffff:10.0.0.5')).toBe('10.0.0.5')
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2')
    expect(networkOf('2001:db8:1:2::9')).toBe(networkOf('2001:db8:1:2:ffff::1'))
    expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0')
    expect(networkOf('::1')).toBe('0:0:0:0')
  })
})

describe('addresses and ranges', () => {
  it('hold what they say, in either form of an address', () => {
    const holds = openRanges(['10.0.0.5', '192.168.0.0/24', '2001:db8::/32'])
    for (const inside of ['10.0.0.5', '::ffff:10.0.0.5', '192.168.0.77', '2001:db8:9::1'])
      expect([inside, holds(inside)]).toEqual([inside, true])
    for (const outside of ['10.0.0.6', '192.168.1.1', '2001:db9::1', '', 'x']) expect(holds(outside)).toBe(false)
    expect(openRanges([])('10.0.0.5')).toBe(false)
  })
})
