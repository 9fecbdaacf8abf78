// Where a request may come from: the host it names, and the site that made a browser send it.
import { randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, type Client, signIn } from '../helpers/client.ts'
import { raw, wire } from '../helpers/raw.ts'
import { ADMIN, remove, type Server, startServer } from '../helpers/server.ts'
import { digest, quiet } from '../helpers/world.ts'

let server: Server
let ada: Client
let cookie: Record<string, string>
let token: string

beforeAll(async () => {
  server = await startServer()
  ada = await signIn(server)
  await ada.post('/2.0/repositories/ada/open', { visibility: 'public' })
  const answer = await raw(server, {
    method: 'POST',
    path: '/api/gitstead/1/session',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username: 'ada', password: ADMIN.password }),
  })
  cookie = { Cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '' }
  token = answer.json.csrf
})
afterAll(async () => {
  await server.stop()
  remove(server.data)
})

const JSON_TYPE = { 'Content-Type': 'application/json' }
const EVERYWHERE = [
  '/',
  '/ada/open',
  '/2.0/repositories',
  '/api/gitstead/1/session',
  '/ada/open.git/info/refs?service=git-upload-pack',
  '/nothing/here.git/info/refs',
  '/api-docs',
  '/assets/x',
]

describe('the Host header', () => {
  const FOREIGN = [
    'evil.test',
    'evil.test:7990',
    '127.0.0.1.evil.test',
    'localhost.evil.test',
    '127.0.0.1@evil.test',
    'evil.test#127.0.0.1',
    '[::1].evil.test',
    'localhost.',
    '0x7f000001.evil.test',
  ]

  it.each(FOREIGN)('refuses %j on pages, API and git, before anything else, GET included', async (host) => {
    for (const path of EVERYWHERE) {
      const answer = await raw(server, { path, headers: { Host: host, ...basic('ada', ADMIN.password) } })
      expect(answer.status, path).toBe(421)
      expect(answer.text).not.toContain('<')
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
  })

  it('answers to every address of this machine, to its own names and to those that the admin allows', async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address))
    const literals = addresses.map((address) => (address.includes(':') ? `[${address.replace(/%.*/, '')}]` : address))
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1', '[::1]:80', ...literals])
      expect((await raw(server, { path: '/2.0/repositories', headers: { Host: host } })).status, host).toBe(200)
    await ada.put('/api/gitstead/1/settings', { allowed_hosts: ['Git.Example.com'] })
    expect((await raw(server, { path: '/', headers: { Host: 'git.example.com:7990' } })).status).toBe(200)
    await ada.put('/api/gitstead/1/settings', { allowed_hosts: [] })
    expect((await raw(server, { path: '/', headers: { Host: 'git.example.com' } })).status).toBe(421)
  })

  it('is needed, and counts even where the target names another host', async () => {
    expect(await wire(server, 'GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1.1 4/)
    expect(await wire(server, 'GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 421/)
    expect(await wire(server, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 421/)
    expect(
      await wire(server, 'GET http://localhost/2.0/user HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n'),
    ).toMatch(/^HTTP\/1.1 421/)
    const absolute = await wire(
      server,
      'GET http://evil.test/2.0/repositories?pagelen=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    )
    expect(absolute).not.toMatch(/"(?:href|next)":"[^"]*evil/)
  })
})

const changes = (): { method: string; path: string; body: string }[] => [
  { method: 'POST', path: `/2.0/repositories/ada/csrf-${randomBytes(4).toString('hex')}`, body: '{}' },
  { method: 'PUT', path: '/api/gitstead/1/profile', body: '{"display_name":"Owned"}' },
  { method: 'DELETE', path: '/2.0/repositories/ada/open', body: '{}' },
  { method: 'PUT', path: '/api/gitstead/1/settings', body: '{"site_name":"Owned"}' },
  { method: 'POST', path: '/api/gitstead/1/invitations', body: '{"workspace":"ada","role":"owner"}' },
  { method: 'POST', path: '/api/gitstead/1/app-passwords', body: '{"label":"x","scopes":["repository"]}' },
  { method: 'DELETE', path: '/api/gitstead/1/session', body: '{}' },
  { method: 'POST', path: '/ada/open.git/git-receive-pack', body: '0000' },
]

const own = (): string => `http://127.0.0.1:${server.port}`

describe('changes that another site makes a browser send', () => {
  it.each([
    ['no token', () => ({})],
    ['a wrong token', () => ({ 'X-CSRF-Token': 'x'.repeat(token.length) })],
    ['the token of a guest', () => ({ 'X-CSRF-Token': guestToken })],
    ['the token as a list', () => ({ 'X-CSRF-Token': [token, token] })],
    ['a foreign origin', () => ({ 'X-CSRF-Token': token, Origin: 'http://evil.test' })],
    ['an origin on another port', () => ({ 'X-CSRF-Token': token, Origin: 'http://127.0.0.1:1' })],
    ['an origin that only starts like ours', () => ({ 'X-CSRF-Token': token, Origin: `${own()}.evil.test` })],
    ['an opaque origin', () => ({ 'X-CSRF-Token': token, Origin: 'null' })],
    ['Sec-Fetch-Site: cross-site', () => ({ 'X-CSRF-Token': token, 'Sec-Fetch-Site': 'cross-site' })],
    ['Sec-Fetch-Site: same-site', () => ({ 'X-CSRF-Token': token, Origin: own(), 'Sec-Fetch-Site': 'same-site' })],
  ])('are refused with %s, whatever the content type', async (_name, headers) => {
    guestToken ??= (await raw(server, { path: '/api/gitstead/1/session' })).json.csrf
    await quiet(server)
    const before = digest(server)
    for (const { method, path, body } of changes()) {
      for (const type of [
        'application/json',
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/x-git-receive-pack-request',
        '',
      ]) {
        const sent = { ...cookie, ...(type === '' ? {} : { 'Content-Type': type }), ...headers() }
        const answer = await raw(server, { method, path, headers: sent, body })
        expect([400, 401, 403], `${method} ${path} as ${type}: ${answer.status}`).toContain(answer.status)
      }
    }
    expect(digest(server)).toEqual(before)
    expect((await raw(server, { path: '/2.0/user', headers: cookie })).status).toBe(200)
  })

  it('are refused for Basic credentials that a browser remembers', async () => {
    await quiet(server)
    const before = digest(server)
    for (const { method, path, body } of changes()) {
      const headers = { ...basic('ada', ADMIN.password), ...JSON_TYPE, Origin: 'http://evil.test' }
      expect([400, 403]).toContain((await raw(server, { method, path, headers, body })).status)
    }
    expect(digest(server)).toEqual(before)
  })

  it('let our own pages and programs through', async () => {
    const body = '{"display_name":"Ada"}'
    const path = '/api/gitstead/1/profile'
    const page = {
      ...cookie,
      ...JSON_TYPE,
      'X-CSRF-Token': token,
      Origin: own(),
      'Sec-Fetch-Site': 'same-origin',
      Host: `127.0.0.1:${server.port}`,
    }
    expect((await raw(server, { method: 'PUT', path, headers: page, body })).status).toBe(200)
    const program = { ...basic('ada', ADMIN.password), ...JSON_TYPE }
    expect((await raw(server, { method: 'PUT', path, headers: program, body })).status).toBe(200)
  })

  it('are not made by following a link: GET changes nothing, not even by push to create', async () => {
    await quiet(server)
    const before = digest(server)
    const paths = [
      '/ada/by-link.git/info/refs?service=git-receive-pack',
      '/ada/by-link/info/refs?service=git-receive-pack',
      '/api/gitstead/1/links/x/accept',
      '/api/gitstead/1/session?_method=DELETE',
      '/2.0/repositories/ada/by-link?method=post',
    ]
    const browser = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Site': 'cross-site' }
    for (const path of paths) {
      await raw(server, { path, headers: { ...cookie, ...browser } })
      await raw(server, { path, headers: cookie })
      await raw(server, { path, headers: { ...basic('ada', ADMIN.password), ...browser } })
      await raw(server, { path, headers: { ...cookie, 'X-HTTP-Method-Override': 'DELETE' } })
    }
    expect(digest(server)).toEqual(before)
  })
})
let guestToken: string
