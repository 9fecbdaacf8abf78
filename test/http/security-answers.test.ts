// What every answer carries and what it keeps to itself: headers, redirects, proxies, errors.
import { readdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, type Client, signIn } from '../helpers/client.ts'
import { raw, type RawAnswer, type RawAsk } from '../helpers/raw.ts'
import { ADMIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { rows } from '../helpers/world.ts'

let server: Server
let dir: string
let ada: Client

beforeAll(async () => {
  server = await startServer()
  dir = tempDir()
  ada = await signIn(server)
  await ada.post('/2.0/repositories/ada/open', { visibility: 'public' })
})
afterAll(async () => {
  await server.stop()
  remove(dir)
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

describe('what stands between', () => {
  it('is not believed: X-Forwarded-* and its like change no address, no link and no limit', async () => {
    const lies = {
      'X-Forwarded-For': '10.9.8.7',
      'X-Forwarded-Host': 'evil.test',
      'X-Forwarded-Proto': 'https',
      'X-Real-IP': '10.9.8.7',
      Forwarded: 'for=10.9.8.7;host=evil.test;proto=https',
      'X-Original-URL': '/admin',
      'X-Rewrite-URL': '/admin',
      'X-Forwarded-Prefix': '/evil',
    }
    const answer = await raw(server, { path: '/2.0/repositories/ada/open', headers: lies })
    expect(answer.status).toBe(200)
    expect(answer.text).not.toMatch(/evil|https:/)
    const signed = await raw(server, {
      method: 'POST',
      path: '/api/gitstead/1/session',
      headers: { ...JSON_TYPE, ...lies },
      body: JSON.stringify({ username: 'ada', password: ADMIN.password }),
    })
    expect(signed.status).toBe(201)
    expect(rows(server, "select count(*) as n from sessions where address like '%10.9.8.7%'")[0]).toEqual({ n: 0 })
    expect(rows(server, "select count(*) as n from events where address like '%10.9.8.7%'")[0]).toEqual({ n: 0 })
    const tries = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        raw(server, {
          path: '/2.0/user',
          from: '127.0.3.1',
          headers: { ...basic(`name-${i}`, 'x'), 'X-Forwarded-For': `10.0.0.${i}` },
        }),
      ),
    )
    expect(tries.some(({ status }) => status === 429)).toBe(true)
  })

  it('gets no redirect that leaves this server', async () => {
    await ada.post('/2.0/repositories/ada/before', { visibility: 'public' })
    expect((await ada.put('/2.0/repositories/ada/before', { name: 'after' })).status).toBe(200)
    const hostile = [
      '//evil.test',
      '//evil.test/',
      '//evil.test/%2e%2e',
      '/\\evil.test',
      '/%09//evil.test',
      '/%5cevil.test',
      '///evil.test/..',
      '//evil.test/assets',
      '/assets',
      '/assets/..%2f',
      '/https:evil.test',
      '/.//evil.test',
      '/ada/before.git/info/refs?service=git-upload-pack',
      '//evil.test/before.git/info/refs?service=git-upload-pack',
      '/2.0/repositories/ada/before',
      '/2.0/repositories/ada/before?x=//evil.test',
      '/2.0/repositories/ada/before//evil.test',
      '/2.0/repositories/ada/before/%2f%2fevil.test',
    ]
    for (const path of hostile) {
      for (const method of ['GET', 'HEAD', 'POST']) {
        const answer = await raw(server, { method, path, headers: { Host: `localhost:${server.port}` } })
        const { location } = answer.headers
        if (location === undefined) continue
        expect(new URL(location, 'http://own.test').host, `${method} ${path} leads to ${location}`).toBe('own.test')
        expect(location).toMatch(/^\/(?![/\\])/)
      }
    }
  })
})

describe('a body', () => {
  const send = (type: string, body: string, path = '/2.0/repositories/ada/typed') =>
    raw(server, {
      method: 'POST',
      path,
      headers: { ...basic('ada', ADMIN.password), ...(type === '' ? {} : { 'Content-Type': type }) },
      body,
    })

  it('that is no JSON is refused rather than taken for none', async () => {
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']
    for (const type of types) {
      const { status, json } = await send(type, '{"is_private":false}')
      expect([type, status, json.error.data.code]).toEqual([type, 415, 'request.type'])
    }
    const strange = await raw(server, {
      method: 'POST',
      path: '/2.0/repositories/ada/typed',
      headers: { 'Content-Type': 'text/plain' },
      body: '{}',
    })
    expect(strange.status).toBe(401)
    for (const text of ['null', '[]', '"x"', '1']) {
      const { status } = await send('application/json', text)
      expect([text, status]).toEqual([text, 400])
    }
    expect((await ada.get('/2.0/repositories/ada/typed')).status).toBe(404)
  })

  it('may be empty, or JSON by any of its names', async () => {
    const fine: [string, string][] = [
      ['', ''],
      ['text/plain', ''],
      ['application/json', ''],
      ['application/x-www-form-urlencoded', ''],
      ['application/json; charset=utf-8', '{"is_private":true}'],
      ['application/vnd.api+json', '{"is_private":true}'],
    ]
    for (const [i, [type, body]] of fine.entries())
      expect([type, (await send(type, body, `/2.0/repositories/ada/typed-${i}`)).status]).toEqual([type, 201])
  })
})

const asked = async (): Promise<[string, RawAnswer][]> => {
  const auth = basic('ada', ADMIN.password)
  const asks: RawAsk[] = [
    ...EVERYWHERE.map((path) => ({ path })),
    { path: '/2.0/user', headers: auth },
    { path: '/2.0/user' },
    { path: '/2.0/nothing' },
    { path: '/%', headers: auth },
    { path: '/2.0/repositories/ada/%zz', headers: auth },
    { path: '/api/gitstead/1/avatars/ada.svg' },
    { path: '/', headers: { Host: 'evil.test' } },
    { method: 'POST', path: '/api/gitstead/1/session', headers: JSON_TYPE, body: '{' },
    {
      method: 'POST',
      path: '/api/gitstead/1/session',
      headers: JSON_TYPE,
      body: `{"username":"${'x'.repeat(2_000_000)}"}`,
    },
    { method: 'PUT', path: '/2.0/user', headers: auth },
    {
      method: 'OPTIONS',
      path: '/2.0/user',
      headers: { Origin: 'http://evil.test', 'Access-Control-Request-Method': 'PUT' },
    },
    { method: 'TRACE', path: '/2.0/user', headers: { 'X-Secret': 'x' } },
  ]
  return Promise.all(
    asks.map(async (ask) => [`${ask.method ?? 'GET'} ${ask.path}`, await raw(server, ask)] as [string, RawAnswer]),
  )
}

describe('every answer', () => {
  it('says what it is, that nobody may guess otherwise, and opens itself to no other site', async () => {
    for (const [name, { headers, status }] of await asked()) {
      expect(headers['x-content-type-options'], name).toBe('nosniff')
      expect(headers['x-powered-by'], name).toBeUndefined()
      expect(headers.server, name).toBeUndefined()
      expect(headers['access-control-allow-origin'], name).toBeUndefined()
      expect(headers['access-control-allow-credentials'], name).toBeUndefined()
      if (status !== 200 || !/html|svg/.test(headers['content-type'] ?? '')) continue
      const policy = String(headers['content-security-policy'])
      expect(policy, name).toMatch(/default-src 'none'/)
      expect(policy, name).not.toMatch(/unsafe-eval|script-src[^;]*(?:\*|unsafe-inline|http|data:)/)
      expect(headers['x-frame-options'], name).toBe('DENY')
    }
  })

  it('that is not of git carries a policy, and no answer of the API is kept anywhere', async () => {
    for (const [name, { headers }] of await asked()) {
      if (/\.git\//.test(name)) continue
      expect(headers['content-security-policy'], name).toBeDefined()
      expect(headers['referrer-policy'], name).toBe('same-origin')
      if (/ \/(2\.0|api\/)/.test(name) && !name.includes('avatars'))
        expect(headers['cache-control'], name).toMatch(/no-store/)
    }
  })

  it('repeats nothing of a TRACE', async () => {
    expect((await raw(server, { method: 'TRACE', path: '/', headers: { 'X-Secret': 'hush' } })).text).not.toContain(
      'hush',
    )
  })
})

describe('what goes wrong', () => {
  const INSIDE =
    /\bat [\w.<>]+ \(|node_modules|file:\/\/|\.ts:\d|\.js:\d|SQLITE|sqlite|UNIQUE constraint|ENOENT|EACCES|volumes\/|gitstead\.db|\/tmp\/|\/home\/|\/root\//

  const silent = (answer: RawAnswer, about: string): void => {
    expect(answer.text, about).not.toMatch(INSIDE)
    expect(answer.text, about).not.toContain(server.data)
  }

  it('tells nothing of the inside, with whatever it is asked', async () => {
    const auth = basic('ada', ADMIN.password)
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const hostile = [
      '%',
      '%00',
      '%ff',
      '..%2f..%2f..%2fetc%2fpasswd',
      '{}',
      '{00000000-0000-4000-8000-000000000000}',
      '%7b%7d',
      'a'.repeat(300),
      '%e2%80%ae',
      "'",
      '"',
      '%0d%0aSet-Cookie:x',
      '-',
      '--upload-pack=x',
      'constructor',
      '__proto__',
    ]
    for (const word of hostile)
      for (const path of [
        `/${word}`,
        `/2.0/${word}`,
        `/2.0/repositories/${word}`,
        `/2.0/repositories/ada/${word}`,
        `/2.0/repositories/ada/open/${word}`,
        `/2.0/users/${word}`,
        `/2.0/workspaces/${word}`,
        `/2.0/repositories?q=${word}`,
        `/2.0/repositories?sort=${word}`,
        `/2.0/repositories?fields=${word}`,
        `/api/gitstead/1/avatars/${word}`,
        `/api/gitstead/1/links/${word}`,
        `/api/gitstead/1/imports/${word}`,
        `/api/gitstead/1/live?repository=${word}`,
        `/${word}/${word}.git/info/refs?service=git-upload-pack`,
        `/ada/open.git/info/refs?service=${word}`,
      ]) {
        const answer = await raw(server, { path, headers: auth })
        silent(answer, path)
        expect(answer.status, path).toBeLessThan(500)
      }
    for (const body of [
      '{',
      deep,
      `{"name":${deep}}`,
      '\u0000',
      '{"__proto__":{"x":1}}',
      `{"name":"${'x'.repeat(500_000)}"}`,
    ]) {
      const answer = await raw(server, {
        method: 'POST',
        path: '/2.0/repositories/ada/wrong',
        headers: { ...auth, ...JSON_TYPE },
        body,
      })
      silent(answer, body.slice(0, 40))
      expect(answer.status, body.slice(0, 40)).toBeLessThan(500)
      await ada.delete('/2.0/repositories/ada/wrong')
    }
  })

  it('tells nothing of the inside when a repository has gone from the disk', async () => {
    await ada.post('/2.0/repositories/ada/broken', { visibility: 'public' })
    const id = String(rows(server, "select id from repositories where slug = 'broken'")[0]?.['id'])
    const folder = join(server.data, 'volumes', 'main', id.slice(0, 2), `${id}.git`)
    renameSync(folder, join(dir, 'away.git'))
    const post = { method: 'POST', body: '0000' }
    const asks: RawAsk[] = [
      { path: '/ada/broken.git/info/refs?service=git-upload-pack' },
      { path: '/ada/broken.git/info/refs?service=git-receive-pack', headers: basic('ada', ADMIN.password) },
      {
        ...post,
        path: '/ada/broken.git/git-upload-pack',
        headers: { 'Content-Type': 'application/x-git-upload-pack-request' },
      },
      { path: '/2.0/repositories/ada/broken/refs', headers: basic('ada', ADMIN.password) },
      { path: '/2.0/repositories/ada/broken/src', headers: basic('ada', ADMIN.password) },
      { path: '/2.0/repositories/ada/broken/commits', headers: basic('ada', ADMIN.password) },
    ]
    for (const ask of asks) silent(await raw(server, ask).catch(() => ({ text: '' }) as RawAnswer), ask.path)
    renameSync(join(dir, 'away.git'), folder)
  })
})

it('keeps what it writes to itself', () => {
  const open = readdirSync(server.data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && (statSync(join(entry.parentPath, entry.name)).mode & 0o077) !== 0)
    .map((entry) => join(entry.parentPath, entry.name))
  expect(open).toEqual([])
})
