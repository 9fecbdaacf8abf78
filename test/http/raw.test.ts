// Files as they are: whole, in parts, not at all for who has them; under any name, in a sandbox, in flat memory.
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, session, signIn } from '../helpers/client.ts'
import { findPath } from '../helpers/invariant.ts'
import { residentKiB, traceGit } from '../helpers/program.ts'
import { addCommits, addLarge } from '../helpers/repos.ts'
import { remove, type Server, startServer, workersOf } from '../helpers/server.ts'

let server: Server
let ada: Client
let headers: Record<string, string>
const ROOT = '/2.0/repositories/ada/raw/src/main'
const SMALL = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
/** Larger than what is read in hand, and not a multiple of anything. */
const LARGE = Buffer.alloc(3_000_017, 0x61)
for (let at = 0; at < LARGE.length; at += 1000) LARGE.writeUInt32LE(at, at)

const NAMES = [
  'plain.txt',
  'two words.txt',
  'ä "quoted" \\.txt',
  "it's (a) *star*!.txt",
  'line\nbreak\r\nX-Evil: 1.txt',
  '日本.txt',
]

beforeAll(async () => {
  server = await startServer()
  headers = await session(server)
  ada = await signIn(server)
  await ada.post('/2.0/repositories/ada/raw')
  addCommits(findPath(server.data, 'ada/raw'), {
    commits: [
      {
        files: {
          'small.bin': SMALL,
          'large.bin': LARGE,
          'page.html': '<script>alert(1)</script>',
          'pic.svg': '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
          'pic.png': SMALL,
          'a.pdf': '%PDF-1.4',
          empty: '',
          ...Object.fromEntries(NAMES.map((name) => [Buffer.from(name).toString('latin1'), 'x'])),
        },
      },
    ],
    refs: { 'refs/heads/main': 0 },
  })
})
afterAll(async () => {
  await server.stop()
  remove(server.data)
})

const get = (path: string, more: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(`${server.url}${ROOT}/${path}`, { method, headers: { ...headers, ...more } })
const bytes = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer())

describe('parts of a file', () => {
  const files = [
    ['small.bin', SMALL],
    ['large.bin', LARGE],
  ] as const
  const parts = [
    ['bytes=0-0', 0, 1],
    ['bytes=100-149', 100, 150],
    ['bytes=100-', 100, undefined],
    ['bytes=-7', -7, undefined],
    ['bytes=200-99999999', 200, undefined],
  ] as const
  const cases = files.flatMap(([file, content]) =>
    parts.map(([range, from, to]) => [file, range, content.subarray(from, to), content] as const),
  )
  it.each(cases)('%s %s', async (file, range, expected, content) => {
    const answer = await get(file, { Range: range })
    expect(answer.status).toBe(206)
    const start = expected.byteOffset - content.byteOffset
    expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${start + expected.length - 1}/${content.length}`)
    expect(answer.headers.get('content-length')).toBe(String(expected.length))
    expect((await bytes(answer)).equals(expected)).toBe(true)
  })
  it('are refused where there is nothing, and all is given where several or old ones are wanted', async () => {
    const outside = await get('small.bin', { Range: 'bytes=256-' })
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */256'])
    expect((await get('empty', { Range: 'bytes=0-' })).status).toBe(416)
    const wishes: Record<string, string>[] = [{ Range: 'bytes=0-1,4-5' }, { Range: 'bytes=0-1', 'If-Range': '"old"' }]
    for (const more of wishes) {
      const answer = await get('small.bin', more)
      expect([answer.status, (await bytes(answer)).length, answer.headers.get('accept-ranges')]).toEqual([
        200,
        256,
        'bytes',
      ])
    }
  })
  it('are told of without the content', async () => {
    const answer = await get('large.bin', {}, 'HEAD')
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(LARGE.length)])
  })
  it('of a large file go together', async () => {
    const whole = await bytes(await get('large.bin'))
    expect(whole.equals(LARGE)).toBe(true)
    const step = 1_100_000
    const pieces: Buffer[] = []
    for (let at = 0; at < LARGE.length; at += step)
      pieces.push(await bytes(await get('large.bin', { Range: `bytes=${at}-${at + step - 1}` })))
    expect(Buffer.concat(pieces).equals(LARGE)).toBe(true)
  })
})

it('a reader who has the file costs no git', async () => {
  const folder = join(server.data, 'trace')
  mkdirSync(folder)
  traceGit(server.data, folder)
  const etag = (await get('large.bin')).headers.get('etag') ?? ''
  const before = readdirSync(folder).length
  expect(before).toBeGreaterThan(0)
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await get('large.bin', { 'If-None-Match': known })
    expect([again.status, again.headers.get('etag'), (await bytes(again)).length]).toEqual([304, etag, 0])
  }
  expect(readdirSync(folder)).toHaveLength(before)
  expect((await get('large.bin', { 'If-None-Match': '"other"' })).status).toBe(200)
})

describe('names', () => {
  it.each(NAMES)('%j goes along as RFC 6266 has it', async (name) => {
    const { status, headers: answered } = await get(`${encodeURIComponent(name)}?download=true`)
    expect(status).toBe(200)
    expect(answered.get('x-evil')).toBeNull()
    const [, plain = '', whole = ''] =
      /^attachment; filename="([^"]*)"; filename\*=UTF-8''(\S*)$/.exec(answered.get('content-disposition') ?? '') ?? []
    expect(plain).toMatch(/^[A-Za-z0-9._-]+$/)
    // The signs that RFC 8187 lets stand: anything else is encoded.
    expect(whole).toMatch(/^(?:[A-Za-z0-9!#$&+.^_`|~-]|%[0-9A-F]{2})+$/)
    expect(decodeURIComponent(whole)).toBe(name)
  })
})

describe('hostile content', () => {
  it.each([
    ['page.html', 'text/plain; charset=utf-8', 'inline'],
    ['pic.svg', 'text/plain; charset=utf-8', 'inline'],
    ['a.pdf', 'application/octet-stream', 'attachment'],
    ['pic.png', 'image/png', 'inline'],
  ])('%s is %s, in a sandbox', async (file, type, kind) => {
    const wishes: Record<string, string>[] = [{}, { Range: 'bytes=0-3' }]
    for (const more of wishes) {
      const { headers: answered } = await get(file, more)
      expect(answered.get('content-type')).toBe(type)
      expect(answered.get('content-disposition')).toMatch(new RegExp(`^${kind};`))
      expect(answered.get('x-content-type-options')).toBe('nosniff')
      expect(answered.get('content-security-policy')).toMatch(/^default-src 'none';.*sandbox$/)
      expect(answered.get('cross-origin-resource-policy')).toBe('same-origin')
    }
  })
})

it('a huge file goes through in flat memory, and so does its end', { timeout: 180_000 }, async () => {
  const size = process.env['GITSTEAD_SOAK'] === undefined ? 100 * 1024 * 1024 : 1024 * 1024 * 1024
  addLarge(findPath(server.data, 'ada/raw'), { branch: 'huge', file: 'zeros.bin', size })
  const [worker = 0] = workersOf(server.process.pid ?? 0)
  expect(residentKiB(worker)).toBeGreaterThan(0)
  const before = residentKiB(worker)
  let highest = 0
  const receive = async (more: Record<string, string>): Promise<number> => {
    const url = `${server.url}/2.0/repositories/ada/raw/src/huge/zeros.bin`
    let length = 0
    for await (const chunk of (await fetch(url, { headers: { ...headers, ...more } })).body ?? []) {
      length += chunk.length
      highest = Math.max(highest, residentKiB(worker))
    }
    return length
  }
  expect(await receive({})).toBe(size)
  expect(await receive({ Range: 'bytes=-5' })).toBe(5)
  expect((highest - before) / 1024).toBeLessThan(80)
})
