// Bytes made to harm: packs that are broken or lie, trees and submodules that would leave a checkout, gzip bombs, and
// bodies without end. Each is refused or bounded, and leaves nothing behind.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, client, signIn } from '../helpers/client.ts'
import { git, makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { raw, type RawAnswer } from '../helpers/raw.ts'
import { ADMIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { files, quiet, rows } from '../helpers/world.ts'

let server: Server
let dir: string
let repo: string
let tip: string

const ZERO = '0'.repeat(40)
const AUTH = basic('ada', ADMIN.password)

beforeAll(async () => {
  server = await startServer()
  dir = tempDir()
  const ada = await signIn(server)
  await ada.post('/2.0/repositories/ada/web', { visibility: 'public' })
  await makeWork(join(dir, 'work'))
  tip = await git(join(dir, 'work'), ['rev-parse', 'HEAD'])
  await git(join(dir, 'work'), ['push', '-q', withLogin(`${server.url}/ada/web.git`, 'ada', ADMIN.password), 'main'])
  await quiet(server)
  const id = String(rows(server, "select id from repositories where slug = 'web'")[0]?.['id'])
  repo = join(server.data, 'volumes', 'main', id.slice(0, 2), `${id}.git`)
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

const pkt = (text: string): string => (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text

type GitObject = [kind: 1 | 2 | 3, data: Buffer]

/** The id of an object as git would name it. */
function idOf([kind, data]: GitObject): string {
  const name = { 1: 'commit', 2: 'tree', 3: 'blob' }[kind]
  return createHash('sha1').update(`${name} ${data.length}\0`).update(data).digest('hex')
}

function head(kind: number, size: number): Buffer {
  const bytes = [(kind << 4) | (size & 15)]
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 128
    bytes.push(rest & 127)
  }
  return Buffer.from(bytes)
}

function packOf(objects: GitObject[], count = objects.length): Buffer {
  const start = Buffer.alloc(12)
  start.write('PACK')
  start.writeUInt32BE(2, 4)
  start.writeUInt32BE(count, 8)
  const body = Buffer.concat([
    start,
    ...objects.map(([kind, data]) => Buffer.concat([head(kind, data.length), deflateSync(data)])),
  ])
  return Buffer.concat([body, createHash('sha1').update(body).digest()])
}

const entry = (mode: string, name: string | Buffer, oid: string): Buffer =>
  Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.from([0]), Buffer.from(oid, 'hex')])

/** A commit of a tree with these entries, and all that it needs. */
function history(entries: Buffer, others: GitObject[] = []): { objects: GitObject[]; commit: string } {
  const tree: GitObject = [2, entries]
  const who = 'Eve <eve@example.com> 1700000000 +0000'
  const commit: GitObject = [1, Buffer.from(`tree ${idOf(tree)}\nauthor ${who}\ncommitter ${who}\n\nx\n`)]
  return { objects: [...others, tree, commit], commit: idOf(commit) }
}

function push(ref: string, oid: string, pack: Buffer, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const body = Buffer.concat([Buffer.from(`${pkt(`${ZERO} ${oid} ${ref}\0 report-status`)}0000`), pack])
  return raw(server, {
    method: 'POST',
    path: '/ada/web.git/git-receive-pack',
    headers: { ...AUTH, 'Content-Type': 'application/x-git-receive-pack-request', ...headers },
    body,
  })
}

async function refused(answer: Promise<RawAnswer>, ref: string): Promise<void> {
  const { text } = await answer
  expect(text).not.toContain(`ok ${ref}`)
  expect(await git(repo, ['for-each-ref', '--format=%(refname)'], { GIT_DIR: repo })).not.toContain(ref)
}

/** Objects and packs, half ones and those in quarantine included. */
const stored = (): string[] => files(join(repo, 'objects')).filter((path) => !path.includes('/info/'))

const blob: GitObject = [3, Buffer.from('x\n')]
const BLOB = idOf(blob)

const TREES: [string, () => { objects: GitObject[]; commit: string }][] = [
  ['..', () => history(entry('100644', '..', BLOB), [blob])],
  ['.', () => history(entry('100644', '.', BLOB), [blob])],
  ['.git', () => history(entry('100644', '.git', BLOB), [blob])],
  ['.GIT', () => history(entry('100644', '.GIT', BLOB), [blob])],
  ['git~1', () => history(entry('100644', 'git~1', BLOB), [blob])],
  ['.git as NTFS reads it', () => history(entry('100644', '.git ', BLOB), [blob])],
  ['.git with a letter that HFS ignores', () => history(entry('100644', '.g\u200cit', BLOB), [blob])],
  ['a slash in a name', () => history(entry('100644', '../../etc/cron.d/x', BLOB), [blob])],
  ['no name', () => history(entry('100644', '', BLOB), [blob])],
  [
    'two entries of one name',
    () =>
      history(Buffer.concat([entry('120000', 'a', BLOB), entry('40000', 'a', idOf([2, Buffer.alloc(0)]))]), [
        blob,
        [2, Buffer.alloc(0)],
      ]),
  ],
  ['a cut entry', () => history(Buffer.from('100644 a\0abc'))],
  [
    '.gitmodules whose address is an option',
    () => {
      const file: GitObject = [3, Buffer.from('[submodule "a"]\n\tpath = a\n\turl = -u./payload\n')]
      return history(entry('100644', '.gitmodules', idOf(file)), [file])
    },
  ],
  [
    '.gitmodules whose path is an option',
    () => {
      const file: GitObject = [3, Buffer.from('[submodule "a"]\n\tpath = -x\n\turl = https://example.com/\n')]
      return history(entry('100644', '.gitmodules', idOf(file)), [file])
    },
  ],
  [
    '.gitmodules whose name leaves its folder',
    () => {
      const file: GitObject = [3, Buffer.from('[submodule "../../x"]\n\tpath = a\n\turl = https://example.com/\n')]
      return history(entry('100644', '.gitmodules', idOf(file)), [file])
    },
  ],
  [
    '.gitmodules with a line feed in an address',
    () => {
      const file: GitObject = [
        3,
        Buffer.from('[submodule "a"]\n\tpath = a\n\turl = "https://example.com/\\n\\nHost: x"\n'),
      ]
      return history(entry('100644', '.gitmodules', idOf(file)), [file])
    },
  ],
  ['.gitmodules that is a link', () => history(entry('120000', '.gitmodules', BLOB), [blob])],
]

describe('a tree that would leave a checkout is refused, and leaves nothing', () => {
  it.each(TREES)('%s', async (_name, make) => {
    const before = stored()
    const { objects, commit } = make()
    await refused(push('refs/heads/evil', commit, packOf(objects)), 'refs/heads/evil')
    expect(stored()).toEqual(before)
  })
})

describe('a pack that lies is refused, and leaves nothing', () => {
  const good = history(entry('100644', 'a', BLOB), [blob])
  const pack = packOf(good.objects)
  it.each<[string, () => [string, Buffer]]>([
    ['a wrong checksum', () => [good.commit, Buffer.concat([pack.subarray(0, -20), Buffer.alloc(20)])]],
    ['a flipped byte', () => [good.commit, Buffer.from(pack.map((byte, i) => (i === 30 ? byte ^ 255 : byte)))]],
    ['cut in the middle', () => [good.commit, pack.subarray(0, 40)]],
    ['no pack at all', () => [good.commit, Buffer.alloc(0)]],
    ['more objects promised than sent', () => [good.commit, packOf(good.objects, 99)]],
    ['four thousand million objects promised', () => [good.commit, packOf(good.objects, 0xffffffff)]],
    ['an object without what it needs', () => [good.commit, packOf(good.objects.slice(1))]],
    ['a commit that is not in it', () => ['1'.repeat(40), pack]],
    ['a delta against nothing', () => [good.commit, withDelta(Buffer.alloc(20, 7))]],
    ['an object that claims to be huge', () => [good.commit, claimed()]],
    ['garbage', () => [good.commit, Buffer.alloc(100_000, 'garbage')]],
  ])('%s', async (_name, make) => {
    const before = stored()
    const [oid, bytes] = make()
    await refused(push('refs/heads/lie', oid, bytes), 'refs/heads/lie')
    expect(stored()).toEqual(before)
  })
})

it('a branch that would point at a blob is refused; git has taken the blob by then, and upkeep drops it', async () => {
  await refused(push('refs/heads/blob', BLOB, packOf([blob])), 'refs/heads/blob')
})

function withDelta(base: Buffer): Buffer {
  const data = Buffer.from([10, 10, 0x90, 10])
  const start = Buffer.from('5041434b0000000200000001', 'hex')
  const body = Buffer.concat([start, head(7, data.length), base, deflateSync(data)])
  return Buffer.concat([body, createHash('sha1').update(body).digest()])
}

/** A blob of 2^50 bytes by its head, of ten by its content. */
function claimed(): Buffer {
  const body = Buffer.concat([
    Buffer.from('5041434b0000000200000001', 'hex'),
    head(3, 2 ** 50),
    deflateSync(Buffer.alloc(10)),
  ])
  return Buffer.concat([body, createHash('sha1').update(body).digest()])
}

const peak = (): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
const linux = existsSync('/proc/self/status')

const fetchBody = (body: Buffer, headers: Record<string, string>): Promise<RawAnswer> =>
  raw(server, {
    method: 'POST',
    path: '/ada/web.git/git-upload-pack',
    headers: { 'Content-Type': 'application/x-git-upload-pack-request', 'Git-Protocol': 'version=2', ...headers },
    body,
  }).catch(() => ({ status: 0 }) as RawAnswer)

describe('bodies that grow', () => {
  it.skipIf(!linux)('a fetch of a gzip bomb, 1:1000, is cut short, by a guest too, and memory stays', async () => {
    const line = pkt(`have ${tip}\n`)
    const start = Buffer.from(`${pkt('command=fetch')}0001${pkt(`want ${tip}\n`)}`)
    const bomb = gzipSync(Buffer.concat([start, Buffer.alloc(200 * 1024 * 1024, line)]), { level: 9 })
    expect(bomb.length).toBeLessThan(1024 * 1024)
    const before = peak()
    const answers = await Promise.all(Array.from({ length: 4 }, () => fetchBody(bomb, { 'Content-Encoding': 'gzip' })))
    for (const { status } of answers) expect([0, 200, 400, 413]).toContain(status)
    expect(peak() - before).toBeLessThan(300)
    await git(dir, ['clone', '-q', `${server.url}/ada/web.git`, 'after-bomb'])
  })

  it('a body that is no gzip, or of an encoding that we do not know, is refused', async () => {
    expect([0, 400]).toContain((await fetchBody(Buffer.from('0000'), { 'Content-Encoding': 'gzip' })).status)
    for (const encoding of ['br', 'deflate', 'gzip, gzip', 'x'])
      expect((await fetchBody(gzipSync('0000'), { 'Content-Encoding': encoding })).status).toBe(400)
  })

  it.skipIf(!linux)('JSON that is packed or without end is read up to a megabyte', async () => {
    const before = peak()
    const bomb = gzipSync(Buffer.from(`{"username":"${'x'.repeat(100 * 1024 * 1024)}"}`))
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }
    const answer = await raw(server, { method: 'POST', path: '/api/gitstead/1/session', headers, body: bomb })
    expect(answer.status).toBe(413)
    expect(peak() - before).toBeLessThan(150)
  })

  it('an upload that nobody wants does not go on for ever', async () => {
    const socket = connect({ host: '127.0.0.1', port: server.port })
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
    socket.on('error', () => {})
    socket.write(
      `POST /ada/web.git/git-receive-pack HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-git-receive-pack-request\r\nTransfer-Encoding: chunked\r\n\r\n`,
    )
    const chunk = `10000\r\n${'x'.repeat(65536)}\r\n`
    let sent = 0
    const more = (): void => {
      if (socket.destroyed) return
      sent += 65536
      if (socket.write(chunk)) setImmediate(more)
      else socket.once('drain', more)
    }
    more()
    await closed
    expect(text).toMatch(/^HTTP\/1.1 401/)
    expect(sent).toBeLessThan(400 * 1024 * 1024)
  })

  it('a list of refs without end is refused', async () => {
    const line = pkt(`${ZERO} ${tip} refs/heads/${'x'.repeat(200)}\n`)
    const body = Buffer.from(line.repeat(50_000))
    const answer = await raw(server, {
      method: 'POST',
      path: '/ada/web.git/git-receive-pack',
      headers: { ...AUTH, 'Content-Type': 'application/x-git-receive-pack-request' },
      body,
    }).catch(() => undefined)
    expect([400, 413, undefined]).toContain(answer?.status)
  })
})

it('serves as before after all that', async () => {
  await git(dir, ['clone', '-q', `${server.url}/ada/web.git`, 'at-last'])
  expect((await tryGit(join(dir, 'at-last'), ['fsck', '--strict'])).code).toBe(0)
  expect((await client(server).get('/2.0/repositories/ada/web')).status).toBe(200)
  expect(await git(repo, ['for-each-ref', '--format=%(refname)'], { GIT_DIR: repo })).toBe('refs/heads/main')
})
