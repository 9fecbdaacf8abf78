// What pages are made of: few files, sent in gzip to whoever takes it, the same bytes either way.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { raw } from '../helpers/raw.ts'
import { MAIN } from '../helpers/server.ts'
import { closeSite, openSite, type Site } from '../helpers/site.ts'

const ASSETS = join(MAIN, '..', '..', 'renderer', 'assets')
let site: Site
let files: string[]

beforeAll(async () => {
  site = await openSite()
  const { text } = await raw(site.server, { path: '/' })
  files = [...text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '')
})
afterAll(() => closeSite(site))

async function bytesOf(path: string, encoding?: string): Promise<{ headers: Headers; bytes: Buffer }> {
  // As it came over the line: fetch would unpack it.
  const answer = await raw(site.server, { path, headers: encoding ? { 'Accept-Encoding': encoding } : {} })
  expect(answer.status).toBe(200)
  return { headers: new Headers(answer.headers as Record<string, string>), bytes: answer.bytes }
}

it('a page begins with few files', () => {
  expect(files.length).toBeGreaterThan(2)
  expect(files.length).toBeLessThanOrEqual(10)
})

it('each is sent in gzip where that is taken, of the same type and content, and as it is where not', async () => {
  let sum = 0
  for (const path of files) {
    const plain = await bytesOf(path)
    const packed = await bytesOf(path, 'br;q=0.5, gzip')
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    for (const name of ['content-type', 'cache-control', 'content-security-policy', 'access-control-allow-origin'])
      expect([name, packed.headers.get(name)]).toEqual([name, plain.headers.get(name)])
    expect(packed.headers.get('content-type')).toMatch(path.endsWith('.css') ? /^text\/css/ : /^text\/javascript/)
    for (const { headers } of [plain, packed]) expect(headers.get('vary')).toMatch(/Accept-Encoding/i)
    expect(plain.headers.get('etag')).not.toBe(packed.headers.get('etag'))
    expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true)
    expect((await bytesOf(path, 'gzip;q=0')).bytes.equals(plain.bytes)).toBe(true)
    sum += packed.bytes.length
  }
  expect(sum).toBeLessThan(400 * 1024)
})

it('what the build did not pack goes out as it is', async () => {
  const font = readdirSync(ASSETS).find((name) => name.endsWith('.woff2'))
  const { headers } = await bytesOf(`/assets/${font}`, 'gzip')
  expect([headers.get('content-encoding'), headers.get('content-type')]).toEqual([null, 'font/woff2'])
  expect((await raw(site.server, { path: '/assets/none.js', headers: { 'Accept-Encoding': 'gzip' } })).status).toBe(404)
})
