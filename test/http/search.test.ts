// Finding text in a repository: what git's own search finds, for any words and paths, bounded, and ended with who asked.
import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, client, teammate } from '../helpers/client.ts'
import { git, tryGit } from '../helpers/git.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

const SEARCH = '/api/gitstead/1/repositories/ada/shop/search'
const FILES = '/api/gitstead/1/repositories/ada/shop/files'
let site: Site
let ada: Client
let work: string
let path: string
let tip: string

interface Found {
  path: string
  lines: { line: number; segments: { text: string; match: boolean }[]; cut: boolean }[]
  more: boolean
}

const WORDS = ['alpha', 'Beta', 'gamma(x)', 'delta*', 'épsilon', '-zeta', '"quoted"']

beforeAll(async () => {
  site = await openSite()
  ;({ ada, work, path } = await makeRepository(site, 'shop'))
  let seed = 7
  const next = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below
  const names = [
    'src/app.ts',
    'src/deep/er/mod.ts',
    'docs/a b.md',
    'docs/-dash.md',
    'ünïcode/файл.txt',
    'weird\nname.txt',
  ]
  for (const name of names) {
    const lines = Array.from({ length: 40 }, () => Array.from({ length: 4 }, () => WORDS[next(WORDS.length)]).join(' '))
    put(name, `${lines.join('\n')}\n`)
  }
  put('bin.dat', Buffer.from('alpha\0alpha\n'))
  put('crlf.txt', 'one alpha\r\ntwo\r\n')
  put('long.txt', `${'x'.repeat(3_000_000)}needle${'y'.repeat(3_000_000)}\nneedle\n`)
  put('escape.txt', 'red \u001b[31malpha\u001b[m plain\n')
  put('many.txt', 'many\n'.repeat(50))
  await git(work, ['add', '-A'])
  await git(work, ['commit', '-q', '-m', 'Files'])
  tip = await git(work, ['rev-parse', 'HEAD'])
  await git(work, ['branch', 'topic/one', 'HEAD~1'])
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main', 'topic/one'])
})
afterAll(() => closeSite(site))

function put(name: string, content: string | Buffer): void {
  mkdirSync(dirname(join(work, name)), { recursive: true })
  writeFileSync(join(work, name), content)
}

function ask(query: Record<string, string>): ReturnType<Client['get']> {
  return ada.get(`${SEARCH}?${new URLSearchParams(query).toString()}`)
}

async function pages(query: Record<string, string>): Promise<Found[]> {
  const all: Found[] = []
  let after: string | null = ''
  for (let page = 0; after !== null && page < 30; page++) {
    const { status, text, body } = await ask({ lines: '1000', ...query, ...(after === '' ? {} : { after }) })
    expect(status, text).toBe(200)
    all.push(...(body.values as Found[]))
    after = body.next
  }
  return all
}

/** `path\0line` of each match, as git gives it to a person. */
async function byGit(args: string[]): Promise<string[]> {
  const run = await tryGit(path, ['grep', '-I', '-z', '-n', ...args], { LC_ALL: 'C.UTF-8' })
  expect(run.code, run.stderr).toBeOneOf([0, 1])
  return [...run.stdout.matchAll(/[0-9a-f]{40}:([^\0]*)\0(\d+)\0[^\n]*\n/g)].map(([, file, line]) => `${file}\0${line}`)
}

function seen(files: Found[]): string[] {
  return files.flatMap((file) => file.lines.map(({ line }) => `${file.path}\0${line}`))
}

describe('words', () => {
  it.each(['alpha', 'gamma(x)', 'delta*', 'épsilon', '-zeta', 'BETA', '\\', '[', '--'])(
    'finds %s where git does',
    async (q) => {
      const mine = await pages({ q, files: '2' })
      expect(seen(mine)).toEqual(await byGit(['-F', '-i', '-e', q, tip]))
      for (const { segments } of mine.flatMap(({ lines }) => lines))
        expect(segments.filter(({ match }) => match).map(({ text }) => text.toLowerCase())).toContain(q.toLowerCase())
    },
  )
  it('asks for all of them in a file, and takes what is quoted as one', async () => {
    expect(seen(await pages({ q: 'alpha two' }))).toEqual(
      await byGit(['-F', '-i', '--all-match', '-e', 'alpha', '-e', 'two', tip]),
    )
    expect((await pages({ q: '"one alpha" two' })).map((file) => file.path)).toEqual(['crlf.txt'])
    expect(await pages({ q: '"alpha one"' })).toEqual([])
  })
  it('tells large from small letters where that is wanted', async () => {
    expect(seen(await pages({ q: 'Beta', case: 'true' }))).toEqual(await byGit(['-F', '-e', 'Beta', tip]))
    expect(await pages({ q: 'BETA', case: 'true' })).toEqual([])
  })
  it('leaves out binary files and the ends of lines', async () => {
    const files = await pages({ q: 'alpha' })
    expect(files.map((file) => file.path)).not.toContain('bin.dat')
    const [line] = files.find((file) => file.path === 'crlf.txt')?.lines ?? []
    expect(line?.segments).toEqual([
      { text: 'one ', match: false },
      { text: 'alpha', match: true },
    ])
  })
  it('shows the part of an endless line around its match', async () => {
    const { body } = await ask({ q: 'needle' })
    const [first, second] = body.values[0].lines
    expect(first.cut).toBe(true)
    expect(first.segments[0].text).toMatch(/^x+$/)
    expect(first.segments[1]).toEqual({ text: 'needle', match: true })
    expect(first.segments.map(({ text }: { text: string }) => text).join('').length).toBeLessThan(500)
    expect(second).toEqual({ line: 2, segments: [{ text: 'needle', match: true }], cut: false })
  })
  it('is not told where a match is by what stands in a file', async () => {
    const [file] = await pages({ q: 'alpha', path: 'escape.txt' })
    expect(file?.lines[0]?.segments).toEqual([
      { text: 'red \u001b[31m', match: false },
      { text: 'alpha', match: true },
      { text: '\u001b[m plain', match: false },
    ])
  })
  it('says that a file has more, and gives it when asked', async () => {
    const { body } = await ask({ q: 'many' })
    expect([body.values[0].lines.length, body.values[0].more]).toEqual([10, true])
    expect((await ask({ q: 'many', lines: '100' })).body.values[0]).toMatchObject({
      more: false,
      lines: { length: 50 },
    })
  })
})

describe('regular expressions', () => {
  it.each(['al.ha', '^alpha|Beta$', 'gamma\\(x\\)', '(delta|zeta).*épsilon', 'é.silon', '-zeta'])(
    'finds %s where git does',
    async (q) => {
      const mine = await pages({ q, mode: 'regexp', case: 'true', files: '3' })
      expect(mine.length).toBeGreaterThan(0)
      expect(seen(mine)).toEqual(await byGit(['-E', '-e', q, tip]))
    },
  )
  it.each(['(', '[a', 'a{1', '*a', '\\'])('says of %s what is wrong with it, or finds', async (q) => {
    const { status, body } = await ask({ q, mode: 'regexp' })
    const { code } = await tryGit(path, ['grep', '-q', '-E', '-e', q, tip])
    expect(status).toBe(code === 128 ? 400 : 200)
    if (status === 400) expect(body.error.detail).toMatch(/^This is no regular expression: .+\.$/)
  })
})

describe('where it looks', () => {
  it.each(['src', 'src/', '*.md', 'docs/*.md', 'src/**/*.ts', 'nowhere', 'docs/a b.md', ':!src', ':(attr:x)a'])(
    'keeps to %s',
    async (filter) => {
      const simple = filter.replace(/^\*\./, '**/*.')
      expect(seen(await pages({ q: 'alpha', path: filter }))).toEqual(
        await byGit(['-F', '-i', '-e', 'alpha', tip, '--', `:(glob)${simple}`]),
      )
    },
  )
  it.each(['../x', 'a/../b', '--', '-x', '/etc', 'a\u0000b'])('is led nowhere by %s', async (filter) => {
    expect((await ask({ q: 'alpha', path: filter })).status).toBeOneOf([200, 400, 404])
  })
  it('takes branches with slashes, ids and nothing else', async () => {
    expect((await ask({ q: 'alpha', ref: 'topic/one' })).body).toMatchObject({ values: [], cut: null, next: null })
    expect((await ask({ q: 'hello', ref: tip.slice(0, 8) })).body.values.map((file: Found) => file.path)).toEqual([
      'README.md',
    ])
    for (const ref of ['nowhere', '--help', 'refs/gitstead/kept', 'HEAD~1', 'main:src'])
      expect((await ask({ q: 'alpha', ref })).status).toBe(404)
  })
  it('finds nothing for nothing, and takes one line only', async () => {
    expect((await ask({ q: ' ' })).body).toEqual({ commit: tip, values: [], cut: null, next: null })
    expect((await ask({ q: 'a\nb' })).status).toBe(400)
    expect((await ask({ q: 'x'.repeat(501) })).status).toBe(400)
  })
  it('is not open to strangers, and says that an empty repository is empty', async () => {
    expect((await client(site.server).get(`${SEARCH}?q=alpha`)).status).toBe(401)
    const eve = await teammate(site.server, ada, { name: 'eve' })
    expect((await eve.get(`${SEARCH}?q=alpha`)).status).toBe(404)
    await ada.post('/2.0/repositories/ada/empty')
    expect((await ada.get('/api/gitstead/1/repositories/ada/empty/search?q=a')).body.error.message).toMatch(
      /no commits/,
    )
  })
})

async function running(): Promise<string[]> {
  const { body } = await ada.get('/api/gitstead/1/admin/operations')
  return (body.git as { command: string }[]).map(({ command }) => command)
}

it('ends the search of whoever has gone', async () => {
  const gone = new AbortController()
  // An expression that takes git very long on the endless line.
  const query = new URLSearchParams({ q: `(x+x+)+${randomUUID()}\\1`, mode: 'regexp' })
  const auth = { Authorization: `Basic ${Buffer.from('ada:correct horse battery').toString('base64')}` }
  const asked = fetch(`${site.server.url}${SEARCH}?${query.toString()}`, { headers: auth, signal: gone.signal }).catch(
    () => {},
  )
  await expect.poll(running).toContain('grep')
  gone.abort()
  await asked
  await expect.poll(running).not.toContain('grep')
})

describe('files', () => {
  it('lists all paths once, and answers 304 to whoever has them', async () => {
    const { body, headers } = await ada.get(`${FILES}/main`)
    const real = (await git(path, ['ls-tree', '-rz', '--name-only', tip])).split('\0').filter(Boolean)
    expect(body).toEqual({ ref: 'main', commit: tip, truncated: false, values: real })
    const again = await ada.get(`${FILES}/main`, { 'If-None-Match': headers.get('etag') ?? '' })
    expect([again.status, again.text]).toEqual([304, ''])
  })
  it('knows where the name of a branch ends', async () => {
    expect((await ada.get(`${FILES}/topic/one/src/app.ts`)).body).toMatchObject({
      ref: 'topic/one',
      values: ['README.md'],
    })
    expect((await ada.get(`${FILES}/nowhere/x`)).status).toBe(404)
  })
})
