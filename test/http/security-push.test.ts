// A push that says two things: another service, several refs of which some are refused, and bytes that two readers of
// them could understand in two ways. What git carries out must be what was decided upon.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic } from '../helpers/client.ts'
import { commitFile, git, tryGit, withLogin } from '../helpers/git.ts'
import { raw, type RawAnswer } from '../helpers/raw.ts'
import { remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { digest, makeWorld, passwordOf, PEOPLE, quiet, rows, type World } from '../helpers/world.ts'

let server: Server
let dir: string
let world: World
let repo: string
let next: string

const ZERO = '0'.repeat(40)
const WRITER = basic(PEOPLE.writer, passwordOf('writer'))
const READER = basic(PEOPLE.reader, passwordOf('reader'))

beforeAll(async () => {
  server = await startServer()
  dir = tempDir()
  world = await makeWorld(server, dir)
  const id = String(rows(server, "select id from repositories where slug = 'private'")[0]?.['id'])
  repo = join(server.data, 'volumes', 'main', id.slice(0, 2), `${id}.git`)
  next = await commitFile(join(dir, 'work'), 'next.txt', 'next\n')
  await git(join(dir, 'work'), ['push', '-q', urlOf('writer'), 'main:refs/heads/next'])
  await quiet(server)
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

const urlOf = (role: 'reader' | 'writer'): string =>
  withLogin(`${server.url}/team/private.git`, PEOPLE[role], passwordOf(role))

const pkt = (text: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from((Buffer.byteLength(text) + 4).toString(16).padStart(4, '0')), Buffer.from(text)])
const FLUSH = Buffer.from('0000')

/** A pack without objects: what a push sends whose objects are all there. */
function emptyPack(): Buffer {
  const head = Buffer.from('5041434b0000000200000000', 'hex')
  return Buffer.concat([head, createHash('sha1').update(head).digest()])
}

const CAPS = 'report-status'
const command = (ref: string, oid = next, from = ZERO): string => `${from} ${oid} ${ref}`

function bodyOf(commands: string[], caps = CAPS): Buffer {
  return Buffer.concat([...commands.map((text, i) => pkt(i === 0 ? `${text}\0 ${caps}` : text)), FLUSH, emptyPack()])
}

function post(
  body: Buffer,
  headers: Record<string, string> = WRITER,
  path = '/team/private.git/git-receive-pack',
): Promise<RawAnswer> {
  return raw(server, {
    method: 'POST',
    path,
    body,
    headers: { 'Content-Type': 'application/x-git-receive-pack-request', ...headers },
  })
}

async function refs(): Promise<string[]> {
  return (await git(repo, ['for-each-ref', '--format=%(refname)'], { GIT_DIR: repo })).split('\n')
}

async function token(role: 'reader' | 'writer', scopes: string[]): Promise<Record<string, string>> {
  const made = await world.clients[role].post('/api/gitstead/1/app-passwords', { label: 'x', scopes })
  return { Authorization: `Bearer ${made.body.secret}` }
}

describe('the address alone says what is done', () => {
  it('and not a service in the query: a reader pushes nothing as a fetch', async () => {
    const weak = [READER, await token('reader', ['repository:write']), await token('writer', ['repository'])]
    await quiet(server)
    const before = digest(server)
    for (const headers of weak)
      for (const query of [
        'service=git-upload-pack',
        'service=git-upload-pack&service=git-receive-pack',
        'service=git-receive-pack&service=git-upload-pack',
      ]) {
        const answer = await post(
          bodyOf([command('refs/heads/confused')]),
          headers,
          `/team/private.git/git-receive-pack?${query}`,
        )
        expect(answer.status, query).toBe(403)
      }
    expect(await refs()).not.toContain('refs/heads/confused')
    expect(digest(server)).toEqual(before)
  })

  it('and a service that is named twice means nothing', async () => {
    const twice = [
      'service=git-upload-pack&service=git-receive-pack',
      'service=git-receive-pack&service=git-upload-pack',
      'service=git-upload-pack&service=git-upload-pack',
      '%73ervice=git-receive-pack&service=git-upload-pack',
      'service=git-upload-pack&x=1&service=',
    ]
    for (const query of twice)
      expect((await raw(server, { path: `/team/private.git/info/refs?${query}`, headers: READER })).status, query).toBe(
        400,
      )
    for (const service of [
      'git-upload-archive',
      'upload-pack',
      'git-upload-pack%00',
      'GIT-UPLOAD-PACK',
      'git-receive-pack%20',
      '../git-upload-pack',
      '',
    ])
      expect(
        (await raw(server, { path: `/team/private.git/info/refs?service=${service}`, headers: WRITER })).status,
        service,
      ).toBe(404)
  })

  it('and each address takes its own method and content type only', async () => {
    const types = [
      'application/x-git-upload-pack-request',
      'application/x-git-receive-pack-request',
      'application/json',
      'text/plain',
      'application/x-git-receive-pack-request; charset=utf-8',
      '',
    ]
    for (const service of ['git-upload-pack', 'git-receive-pack'])
      for (const type of types) {
        if (type === `application/x-${service}-request`) continue
        const answer = await post(
          bodyOf([command('refs/heads/typed')]),
          { ...WRITER, 'Content-Type': type },
          `/team/private.git/${service}`,
        )
        expect(answer.status, `${type} to ${service}`).toBe(400)
      }
    for (const [method, path] of [
      ['GET', 'git-receive-pack'],
      ['PUT', 'git-receive-pack'],
      ['POST', 'info/refs?service=git-receive-pack'],
      ['DELETE', 'info/refs?service=git-upload-pack'],
      ['GET', 'git-upload-pack'],
    ])
      expect(
        (await raw(server, { method: method ?? '', path: `/team/private.git/${path}`, headers: WRITER })).status,
        `${method} ${path}`,
      ).toBe(404)
    const asFetch = await post(
      bodyOf([command('refs/heads/typed')]),
      { ...READER, 'Content-Type': 'application/x-git-upload-pack-request' },
      '/team/private.git/git-upload-pack',
    )
    expect(asFetch.text).not.toContain('ok refs/heads/typed')
    expect(await refs()).not.toContain('refs/heads/typed')
  })
})

const REFUSED = [
  'refs/gitstead/kept/x',
  'refs/gitstead',
  'refs/pull/1/head',
  'refs/pull-requests/1/from',
  'refs/secret/x',
  'refs/remotes/origin/main',
  'refs/stash',
  'refs/bisect/bad',
  'refs/replace/x',
  'refs/heads',
  'refs/heads/',
  'refs/heads/a..b',
  'refs/heads/../../config',
  'refs/heads/../../hooks/post-receive',
  'refs/heads/a.lock',
  'refs/heads/a b',
  'refs/heads/a\tb',
  'refs/heads/.a',
  'refs/heads//a',
  'refs/heads/a\\b',
  'refs/heads/\u001b]0;x\u0007',
  'HEAD',
  'config',
  'FETCH_HEAD',
  '../x',
  '/etc/passwd',
  'heads/x',
  'refs/Heads/x',
]

let counter = 0

describe('several refs in one push, one of them refused', () => {
  const orders = ['first', 'last'] as const
  it.each(orders.flatMap((order) => [false, true].map((atomic) => [order, atomic] as const)))(
    'the refused one %s, atomic %s: it is never moved, and the report tells the truth',
    async (order, atomic) => {
      for (const evil of REFUSED) {
        const fine = `refs/heads/fine-${++counter}`
        const commands = order === 'first' ? [command(evil), command(fine)] : [command(fine), command(evil)]
        const answer = await post(bodyOf(commands, `${CAPS}${atomic ? ' atomic' : ''}`))
        const now = await refs()
        expect(now, evil).not.toContain(evil)
        expect(
          now.filter((ref) => !/^refs\/(heads|tags)\//.test(ref)),
          evil,
        ).toEqual([])
        expect(answer.text.includes(`ok ${fine}`), `${evil}: ${answer.text}`).toBe(now.includes(fine))
        if (atomic) expect(now, evil).not.toContain(fine)
        expect(answer.text, evil).not.toContain(`ok ${evil}\n`)
        // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
        expect(answer.text, evil).not.toMatch(/[\u0001-\u0008\u000b-\u001f]/)
      }
      expect(existsSync(join(repo, 'FETCH_HEAD'))).toBe(false)
    },
    120_000,
  )

  it('is told to the person at a real git, and what is hidden can be neither written, listed, fetched nor removed', async () => {
    const work = join(dir, 'work')
    await git(work, ['push', '-q', urlOf('writer'), `${world.commit}:refs/heads/forced`])
    await git(work, ['push', '-qf', urlOf('writer'), 'main:refs/heads/forced'])
    await git(work, ['push', '-qf', urlOf('writer'), `${world.commit}:refs/heads/forced`])
    const kept = (await refs()).filter((ref) => ref.startsWith('refs/gitstead/'))
    expect(kept.length).toBeGreaterThan(0)
    const [hidden = ''] = kept
    for (const args of [
      ['push', urlOf('writer'), 'main:refs/heads/with-it', `main:${hidden}`],
      ['push', '--atomic', urlOf('writer'), `:${hidden}`, 'main:refs/heads/with-it'],
      ['push', '--mirror', urlOf('writer')],
      ['push', '-f', urlOf('writer'), `+main:${hidden}`],
    ]) {
      const run = await tryGit(work, args)
      if (args[1] !== '--mirror') expect(run.code, args.join(' ')).not.toBe(0)
    }
    expect(await refs()).toEqual(expect.arrayContaining(kept))
    for (const protocol of ['0', '1', '2']) {
      const listed = await git(work, ['-c', `protocol.version=${protocol}`, 'ls-remote', urlOf('writer')])
      expect(listed).not.toContain('refs/gitstead')
      expect(
        (await tryGit(work, ['-c', `protocol.version=${protocol}`, 'fetch', urlOf('writer'), `${hidden}:refs/x`])).code,
      ).not.toBe(0)
    }
    const shown = await world.clients.writer.get(`/2.0/repositories/team/private/refs?pagelen=100`)
    expect(shown.text).not.toContain('refs/gitstead')
    for (const path of [
      `commit/${encodeURIComponent(hidden)}`,
      `commits/${hidden}`,
      `src/${hidden}/README.md`,
      `refs/branches/../../${hidden}`,
      `refs/branches/${encodeURIComponent(`../../${hidden}`)}`,
      `commits/?include=${hidden}`,
    ])
      expect([400, 404], path).toContain(
        (await world.clients.writer.get(`/2.0/repositories/team/private/${path}`)).status,
      )
    const at = { name: hidden, target: { hash: 'main' } }
    await world.clients.writer.post('/2.0/repositories/team/private/refs/branches', at)
    await world.clients.writer.delete(`/2.0/repositories/team/private/refs/branches/${encodeURIComponent(hidden)}`)
    expect((await refs()).filter((ref) => ref.startsWith('refs/gitstead/'))).toEqual(expect.arrayContaining(kept))
  })
})

const SIGNATURE = '-----BEGIN PGP SIGNATURE-----\n'
const evil = 'refs/secret/by-certificate'
const fine = 'refs/heads/by-certificate'
const certificate = (...lines: (string | Buffer)[]): Buffer =>
  Buffer.concat([pkt(`push-cert\0 ${CAPS}`), ...lines.map(pkt), pkt('push-cert-end\n'), FLUSH, emptyPack()])

describe('bytes that could be read in two ways', () => {
  it.each<[string, () => Buffer]>([
    [
      'a certificate that hides commands before a NUL',
      () =>
        certificate('certificate version 0.1\n\0', `\n${command(evil)}\n`, '\0\n\n', `${command(fine)}\n`, SIGNATURE),
    ],
    [
      'a certificate whose signature seems to begin after U+2028',
      () =>
        certificate(
          'certificate version 0.1\n',
          '\n',
          `${command(fine)}\n`,
          `${command('refs/heads/a')}\u2028${SIGNATURE}`,
          `${command(evil)}\n`,
          SIGNATURE,
        ),
    ],
    [
      'a certificate whose signature seems to begin after a carriage return',
      () =>
        certificate(
          'certificate version 0.1\n',
          '\n',
          `${command(fine)}\n`,
          `${command('refs/heads/a')}\r${SIGNATURE}`,
          `${command(evil)}\n`,
          SIGNATURE,
        ),
    ],
    [
      'a certificate that ends without its newline',
      () =>
        Buffer.concat([
          pkt(`push-cert\0 ${CAPS}`),
          pkt('certificate version 0.1\n\n'),
          pkt('push-cert-end'),
          pkt('push-cert'),
          pkt(`\n${command(evil)}\n`),
          pkt('push-cert-end\n'),
          FLUSH,
          emptyPack(),
        ]),
    ],
    [
      'a certificate and commands beside it',
      () =>
        Buffer.concat([
          pkt(`${command(fine)}\0 ${CAPS}`),
          pkt('push-cert'),
          pkt(`certificate version 0.1\n\n${command(evil)}\n`),
          pkt('push-cert-end\n'),
          FLUSH,
          emptyPack(),
        ]),
    ],
    [
      'two certificates',
      () =>
        Buffer.concat([
          pkt(`push-cert\0 ${CAPS}`),
          pkt(`certificate version 0.1\n\n${command(fine)}\n`),
          pkt('push-cert-end\n'),
          pkt('push-cert'),
          pkt(`\n\n${command(evil)}\n`),
          pkt('push-cert-end\n'),
          FLUSH,
          emptyPack(),
        ]),
    ],
    [
      'capabilities on a later line',
      () =>
        Buffer.concat([pkt(command(fine)), pkt(`${command(evil)}\0 ${CAPS} atomic push-options`), FLUSH, emptyPack()]),
    ],
    [
      'a name that a NUL cuts',
      () => Buffer.concat([pkt(`${command(fine)}\0 ${CAPS}`), pkt(`${command(evil)}\0`), FLUSH, emptyPack()]),
    ],
    [
      'a name that is no UTF-8',
      () =>
        Buffer.concat([
          pkt(`${command(fine)}\0 ${CAPS}`),
          pkt(Buffer.concat([Buffer.from(command(evil)), Buffer.from([0xff])])),
          FLUSH,
          emptyPack(),
        ]),
    ],
    ['commands after the end of the list', () => Buffer.concat([bodyOf([command(fine)]), pkt(command(evil)), FLUSH])],
    [
      'commands after a delimiter',
      () =>
        Buffer.concat([pkt(`${command(fine)}\0 ${CAPS}`), Buffer.from('0001'), pkt(command(evil)), FLUSH, emptyPack()]),
    ],
    [
      'a shallow line with more on it',
      () =>
        Buffer.concat([
          pkt(`shallow ${next}\0 ${CAPS}`),
          pkt(command(fine)),
          pkt(`shallow ${next}\n${command(evil)}`),
          FLUSH,
          emptyPack(),
        ]),
    ],
    ['one ref twice', () => bodyOf([command(fine), command(fine, world.commit), command(evil)])],
  ])('%s: git does nothing that was not decided upon', async (_name, body) => {
    const before = rows(server, 'select max(id) as id from pushes')[0]?.['id'] as number
    const known = new Set(await refs())
    await post(body())
    const made = (await refs()).filter((ref) => !known.has(ref))
    expect(made.filter((ref) => !ref.startsWith('refs/heads/'))).toEqual([])
    const told = rows(server, 'select commands from pushes where id > ?', before)
      .map((row) => String(row['commands']))
      .join()
    for (const ref of made) expect(told).toContain(JSON.stringify(ref))
    for (const ref of made) await git(repo, ['update-ref', '-d', ref], { GIT_DIR: repo })
  })
})
