import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { baseOf, peerOf, isLoopback, proxyReader } from './peer.ts'

function from(address: string, headers: Record<string, string> = {}): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: address })
  const request = new IncomingMessage(socket)
  Object.assign(request.headers, { host: 'git.lan', ...headers })
  return request
}

const LIES = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }

it('believes nobody where no proxy is trusted, and no stranger where one is', () => {
  for (const trusted of [[], ['10.0.0.1']]) {
    const request = from('10.0.0.2', LIES)
    proxyReader(trusted)(request)
    expect(peerOf(request)).toEqual({ address: '10.0.0.2', secure: false, proxied: false })
    expect(baseOf(request)).toBe('http://git.lan')
  }
})

it.each([
  ['10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['::ffff:10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
  ['10.0.0.1', '1.1.1.1, 203.0.113.9, 10.0.0.1', '203.0.113.9'],
  ['10.0.0.1', '[2001:db8::1]:443', '2001:db8::1'],
  ['10.0.0.1', '1.1.1.1, nonsense', '10.0.0.1'],
  ['10.0.0.1', '', '10.0.0.1'],
])('from the proxy %s with %j the caller is %s', (proxy, forwarded, caller) => {
  const request = from(proxy, { 'x-forwarded-for': forwarded, 'x-forwarded-proto': 'http, https' })
  proxyReader(['10.0.0.0/24'])(request)
  expect(peerOf(request)).toEqual({ address: caller, secure: true, proxied: true })
  expect(baseOf(request)).toBe('https://git.lan')
})

it('knows this machine from others', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].filter((one) => !isLoopback(one))).toEqual([])
  expect(['10.0.0.1', '::2', '', '127.0.0.1.evil.test'].filter(isLoopback)).toEqual([])
})
