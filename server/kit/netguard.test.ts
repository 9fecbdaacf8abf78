import { describe, expect, it } from 'vitest'
import { Fault } from './fault.ts'
import { checkedAddress, isInner } from './netguard.ts'

const INSIDE = [
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '0.0.0.0',
  '100.64.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  'fe80::1',
  'fd00::1',
  'ff02::1',
  '64:ff9b::7f00:1',
]
const OUTSIDE = ['93.184.216.34', '8.8.8.8', '172.32.0.1', '192.169.0.1', '2606:2800:220:1::1']

describe('addresses', () => {
  it.each(INSIDE)('%s leads inside', (address) => expect(isInner(address)).toBe(true))
  it.each(OUTSIDE)('%s is public', (address) => expect(isInner(address)).toBe(false))
})

function check(url: string, addresses: string[] = [], allowed: string[] = []): Promise<string> {
  return checkedAddress(new URL(url), allowed, () => Promise.resolve(addresses))
}

describe('checkedAddress', () => {
  it('gives the address that was checked', async () => {
    expect(await check('https://example.com/a.git', ['93.184.216.34'])).toBe('93.184.216.34')
  })
  it('refuses a name with one address inside among public ones', async () => {
    await expect(check('https://example.com/', ['93.184.216.34', '127.0.0.1'])).rejects.toThrow(Fault)
  })
  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0/',
    'http://[::ffff:7f00:1]/',
    'http://[::1]/',
  ])('refuses %s in whatever notation', async (url) => {
    await expect(check(url)).rejects.toThrow(Fault)
  })
  it('asks a name once: what it gives the second time is never used', async () => {
    const answers = ['93.184.216.34', '127.0.0.1']
    let asked = 0
    const rebinding = (): Promise<string[]> => Promise.resolve([answers[asked++] ?? '127.0.0.1'])
    expect(await checkedAddress(new URL('https://rebind.test/'), [], rebinding)).toBe('93.184.216.34')
    expect(asked).toBe(1)
    await expect(checkedAddress(new URL('https://rebind.test/'), [], rebinding)).rejects.toThrow(Fault)
  })
  it('takes no other host for one that was allowed', async () => {
    for (const host of ['git.lan.evil.test', 'evil.test', 'xgit.lan', 'git.lan.'])
      await expect(check(`http://${host}/`, ['192.168.1.7'], ['git.lan'])).rejects.toThrow(Fault)
  })
  it('refuses a name that is not known', async () => {
    await expect(check('https://nowhere.test/', [])).rejects.toThrow(/not/)
  })
  it('lets pass what the admin allowed by name', async () => {
    expect(await check('http://git.lan/', ['192.168.1.7'], ['git.lan'])).toBe('192.168.1.7')
  })
  it('lets pass a range that the admin allowed, and nothing beside it', async () => {
    expect(await check('http://git.lan/', ['192.168.1.7'], ['192.168.1.0/24'])).toBe('192.168.1.7')
    await expect(check('http://git.lan/', ['192.168.2.7'], ['192.168.1.0/24'])).rejects.toThrow(Fault)
    await expect(check('http://git.lan/', ['192.168.1.7', '10.0.0.1'], ['192.168.1.0/24'])).rejects.toThrow(Fault)
    expect(await check('http://[fd00::7]/', [], ['fd00::/8'])).toBe('fd00::7')
  })
  it('opens our own port to nobody who was allowed the host or its range only', async () => {
    const self = { port: 7990, addresses: ['192.168.1.5'] }
    const own = (url: string, allowed: string[]): Promise<string> =>
      checkedAddress(new URL(url), allowed, () => Promise.resolve(['192.168.1.5']), self)
    await expect(own('http://me.lan:7990/', ['me.lan', '192.168.0.0/16'])).rejects.toThrow(Fault)
    await expect(own('http://127.0.0.1:7990/', ['127.0.0.1', '127.0.0.0/8'])).rejects.toThrow(Fault)
    expect(await own('http://me.lan:7990/', ['me.lan:7990'])).toBe('192.168.1.5')
    expect(await own('http://me.lan:8080/', ['me.lan'])).toBe('192.168.1.5')
  })
})
