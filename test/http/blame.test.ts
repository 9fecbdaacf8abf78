// Blame over the API against git's own, on histories with merges and renames; what cannot be asked is said in words.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, signIn } from '../helpers/client.ts'
import { findPath } from '../helpers/invariant.ts'
import { traceGit } from '../helpers/program.ts'
import { addCommits, ask, type Draft } from '../helpers/repos.ts'
import { remove, type Server, startServer } from '../helpers/server.ts'

let server: Server
let ada: Client
let path: string
let oids: string[]
const ROOT = '/api/gitstead/1/repositories/ada/blamed/blame'

/** Deterministic noise: the same file in every run. */
const numbers = (seed: number) => () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31

function edited(lines: string[], at: number, next: () => number): string[] {
  const copy = Array.from(lines)
  for (let i = 0; i < 6; i++) {
    const place = Math.floor(next() * copy.length)
    if (next() < 0.5) copy.splice(place, 1, `changed at ${at}, ${i}`)
    else copy.splice(place, next() < 0.5 ? 1 : 0, `made at ${at}, ${i}`)
  }
  return copy
}

const whole = (lines: string[]): string => `${lines.join('\n')}\n`
const BIG = 21_000

function sides(lines: string[], at: number): [ours: string[], theirs: string[], both: string[]] {
  const [first, last] = [`ours ${at}`, `theirs ${at}`]
  return [
    [first, ...lines],
    [...lines, last],
    [first, ...lines, last],
  ]
}

/** A file that grows on two lines of history that are merged now and then, and is renamed on its way. */
function drafts(): Draft[] {
  const next = numbers(7)
  let lines = Array.from({ length: 60 }, (_, i) => `first ${i}`)
  const all: Draft[] = [{ author: 'Zoë Ünal <zoe@example.com>', files: { 'a.txt': whole(lines), 'other.txt': 'x\n' } }]
  for (let at = 1; at < 40; at++) {
    const name = at < 20 ? 'a.txt' : 'dir/b.txt'
    if (at === 20) {
      all.push({ files: { 'a.txt': null, [name]: whole(lines) }, message: 'Rename' })
    } else if (at % 10 === 5) {
      // A side that changed the end, merged with a change of the beginning.
      const [ours, theirs, both] = sides(lines, at)
      lines = both
      const base = all.length - 1
      all.push(
        { parents: [base], files: { [name]: whole(ours) } },
        { parents: [base], files: { [name]: whole(theirs) } },
      )
      all.push({ parents: [base + 1, base + 2], files: { [name]: whole(lines) }, message: 'Merge' })
    } else {
      lines = edited(lines, at, next)
      all.push({ files: at % 4 === 0 ? { 'other.txt': `${at}\n` } : { [name]: whole(lines) } })
      if (at % 4 === 0) lines = linesBefore(all, name)
    }
  }
  const big = Array.from({ length: BIG }, (_, i) => `line ${i}`)
  const odd = {
    '--help': 'x\n',
    ':(glob)*': 'y\n',
    'a "b"\n\tc': 'z\n',
    'caf\xc3\xa9 #1%.txt': 'é\n',
    'caf\xe9': 'w\n',
  }
  all.push({
    files: { 'big.txt': whole(big), empty: '', 'cut.txt': 'no end', 'bin.dat': Buffer.from([1, 0, 2]), ...odd },
  })
  big[12_345] = 'another one'
  all.push({
    files: { 'big.txt': whole(big), link: { mode: '120000', data: 'a' }, sub: { submodule: '1'.repeat(40) } },
  })
  all.push({ files: { 'other.txt': 'last\n' } })
  return all
}

function linesBefore(all: Draft[], name: string): string[] {
  const content = all.map(({ files = {} }) => files[name]).findLast((one) => typeof one === 'string')
  return (typeof content === 'string' ? content : '').replace(/\n$/, '').split('\n')
}

beforeAll(async () => {
  server = await startServer()
  ada = await signIn(server)
  await ada.post('/2.0/repositories/ada/blamed')
  path = findPath(server.data, 'ada/blamed')
  const commits = drafts()
  oids = addCommits(path, { commits, refs: { 'refs/heads/main': commits.length - 1 } })
  const list = join(server.data, 'ignored')
  writeFileSync(list, `${oids.slice(0, 25).join('\n')}\n`)
  appendFileSync(join(path, 'config'), `[blame]\n\tignoreRevsFile = ${list}\n`)
})
afterAll(async () => {
  await server.stop()
  remove(server.data)
})

const encoded = (name: string): string => name.split('/').map(encodeURIComponent).join('/')

interface Line {
  commit: string
  path: string
  source: number
  previous: string
  author: string
  summary: string
}

/** What git itself says of each line. */
function byGit(commit: string, file: string): Line[] {
  const args = ['blame', '--line-porcelain', '--no-ignore-revs-file', commit, '--', file]
  const output = ask(path, ['-c', 'core.quotePath=false', ...args])
  return output
    .split(/^\t.*\n?/m)
    .slice(0, -1)
    .map((record) => {
      const [, oid = '', source] = /^([0-9a-f]{40}) (\d+)/.exec(record) ?? []
      const field = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(record)?.[1] ?? ''
      const [filename, previous] = [field('filename'), field('previous')]
      const [author, summary] = [field('author'), field('summary')]
      return { commit: oid, path: filename, source: Number(source), previous, author, summary }
    })
}

async function byUs(address: string, query = ''): Promise<Line[]> {
  const { status, body } = await ada.get(`${ROOT}/${encoded(address)}${query}`)
  expect(status).toBe(200)
  const lines: Line[] = []
  let at = body.from
  for (const range of body.ranges) {
    expect(range.from).toBe(at)
    const { author, summary } = body.commits.find(({ hash }: { hash: string }) => hash === range.commit)
    for (let i = 0; i < range.lines; i++) {
      const previous = range.previous ? `${range.previous.commit} ${range.previous.path}` : ''
      const { commit, path, source } = range
      lines.push({ commit, path, source: source + i, previous, author: author.name, summary })
    }
    at += range.lines
  }
  expect([at - 1, body.text.length]).toEqual([body.to, body.to - body.from + 1])
  return lines
}

describe('blame', () => {
  it('is that of git at each commit, across renames and merges', async () => {
    for (const [at, oid] of oids.entries()) {
      if (at % 3 !== 0) continue
      const name = ask(path, ['ls-tree', '-r', '--name-only', oid]).includes('dir/b.txt') ? 'dir/b.txt' : 'a.txt'
      const expected = byGit(oid, name)
      expect(expected.length, `at ${at}`).toBeGreaterThan(20)
      expect(await byUs(`${oid}/${name}`), `at ${at}`).toEqual(expected)
    }
  }, 120_000)
  it('tells of people and times as they are', async () => {
    const { body } = await ada.get(`${ROOT}/${oids[0]}/a.txt`)
    expect(body.commits).toEqual([
      {
        hash: oids[0],
        author: { name: 'Zoë Ünal', email: 'zoe@example.com' },
        date: '2020-09-13T14:26:40+02:00',
        summary: 'Commit 0',
      },
    ])
    expect(body.text.slice(0, 2)).toEqual(['first 0', 'first 1'])
  })
  it('cuts a span out of it', async () => {
    const all = await byUs('main/dir/b.txt')
    expect(await byUs('main/dir/b.txt', '?from=7&to=13')).toEqual(all.slice(6, 13))
    expect(await byUs('main/dir/b.txt', `?from=7&to=99999`)).toEqual(all.slice(6))
  })
  it('takes a large file in pieces, which fit together', async () => {
    const whole = byGit('main', 'big.txt')
    const { body } = await ada.get(`${ROOT}/main/big.txt`)
    expect([body.total, body.from, body.to]).toEqual([BIG, 1, 5000])
    for (const from of [1, 4990, 12_000, BIG - 3])
      expect(await byUs('main/big.txt', `?from=${from}&to=${from + 999}`)).toEqual(whole.slice(from - 1, from + 999))
  })
  it.each([
    ['--help', 'x'],
    [':(glob)*', 'y'],
    ['a "b"\n\tc', 'z'],
    ['café #1%.txt', 'é'],
    ['cut.txt', 'no end'],
  ])('takes %j for a name', async (name, text) => {
    const { status, body } = await ada.get(`${ROOT}/main/${encoded(name)}`)
    expect([status, body.path, body.text]).toEqual([200, name, [text]])
    expect(body.ranges).toHaveLength(1)
  })
  it('knows that nobody wrote an empty file', async () => {
    const { body } = await ada.get(`${ROOT}/main/empty`)
    expect([body.total, body.ranges, body.text]).toEqual([0, [], []])
  })
  it.each([
    ['dir', 404, /This is a folder/],
    ['sub', 404, /This is a submodule/],
    ['link', 404, /This is a symbolic link/],
    ['bin.dat', 422, /This is a binary file/],
    ['caf\\xe9', 422, /The name of this file is not UTF-8/],
    ['nothing', 404, undefined],
    ['../x', 404, undefined],
  ])('says of %s why there is none', async (name, status, detail) => {
    const answer = await ada.get(`${ROOT}/main/${name.split('/').map(encodeURIComponent).join('%2F')}`)
    expect(answer.status).toBe(status)
    if (detail) expect(answer.body.error.detail).toMatch(detail)
  })
  it.each(['?from=0', '?from=x', '?from=9&to=3', '?from=100000'])('refuses %s', async (query) => {
    expect((await ada.get(`${ROOT}/main/dir/b.txt${query}`)).status).toBe(400)
  })
  it('passes over no commit, though the repository has a config that says so', () => {
    const [name, tip = ''] = ['dir/b.txt', oids[30]]
    const misled = ask(path, ['blame', '--porcelain', tip, '--', name])
    expect(misled).not.toBe(ask(path, ['blame', '--porcelain', '--no-ignore-revs-file', tip, '--', name]))
  })
  it('starts no git the second time, and only asks what changed last for a commit that left the file alone', async () => {
    const folder = join(server.data, 'trace')
    mkdirSync(folder)
    traceGit(server.data, folder)
    const commands = (): string[] =>
      readdirSync(folder).map((file) => /"argv":\[.*?\]/.exec(readFileSync(join(folder, file), 'utf8'))?.[0] ?? '')
    await byUs('main/other.txt')
    const first = commands()
    expect(first.filter((argv) => argv.includes('"blame"'))).toHaveLength(1)
    await byUs('main/other.txt')
    await byUs('main/other.txt', '?from=1&to=1')
    expect(commands()).toHaveLength(first.length)
    // It was asked about at the tip, and the last commits did not touch it.
    expect(await byUs(`${oids.at(-2)}/cut.txt`)).toEqual(await byUs('main/cut.txt'))
    const more = commands()
    expect(more).toHaveLength(first.length + 1)
    expect(more.filter((argv) => argv.includes('"blame"'))).toHaveLength(1)
  })
})
