// Lists of branches and tags: filters, orders, pages and distances, against what git says, also for a hundred thousand.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { addCommits, ask as plain } from '../helpers/repos.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

const REFS = '/2.0/repositories/ada/shop/refs'
const DISTANCES = '/api/gitstead/1/repositories/ada/shop/ahead-behind'
let site: Site
let ada: Client
let path: string
/** Branch to its tip. */
const tips = new Map<string, string>()

beforeAll(async () => {
  site = await openSite()
  const made = await makeRepository(site, 'shop')
  ;({ ada, path } = made)
  await git(made.work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
  // A line of 30 commits, and branches that leave it at different places, with dates that know no order.
  const line = Array.from({ length: 30 }, (_, i) => ({ date: 1_600_000_000 + i * 1000 }))
  const sides = Array.from({ length: 12 }, (_, i) => ({
    parents: [i * 2],
    date: 1_650_000_000 + ((i * 7) % 12) * 86_400,
  }))
  const second = sides.map((_, i) => ({ parents: [30 + i], date: 1_660_000_000 + ((i * 5) % 12) * 86_400 }))
  const refs: Record<string, number> = { 'refs/heads/main': 29 }
  for (const i of sides.keys())
    refs[`refs/heads/${i % 3 === 0 ? 'feature/update-' : 'topic-'}${i}`] = i % 2 === 0 ? 30 + i : 42 + i
  addCommits(path, { commits: [...line, ...sides, ...second], refs, tags: { 'v1.0': 3, 'v2.0': 20 } })
  const list = plain(path, ['for-each-ref', '--format=%(refname:short) %(objectname)', 'refs/heads'])
  for (const one of list.split('\n')) tips.set(...(one.split(' ') as [string, string]))
})
afterAll(() => closeSite(site))

async function names(address: string): Promise<string[]> {
  const all: string[] = []
  let next: string | undefined = address
  while (next !== undefined) {
    const { status, body, text } = await ada.get(next)
    expect(status, text).toBe(200)
    all.push(...(body.values as { name: string }[]).map(({ name }) => name))
    next = body.next === undefined ? undefined : new URL(body.next).pathname + new URL(body.next).search
  }
  return all
}

function query(fields: Record<string, string>): string {
  return `?${new URLSearchParams(fields).toString()}`
}

function byGit(...args: string[]): string[] {
  return plain(path, ['for-each-ref', '--format=%(refname:short)', ...args]).split('\n')
}

function those(wanted: (name: string) => boolean): string[] {
  return byGit('refs/heads').filter(wanted)
}

/** Behind and ahead. */
function counted(base: string, name: string): number[] {
  const text = plain(path, ['rev-list', '--left-right', '--count', `${base}...${tips.get(name)}`])
  return text.split('\t').map(Number)
}

describe('lists', () => {
  it('come by name, and in pages without holes', async () => {
    expect(await names(`${REFS}/branches?pagelen=5`)).toEqual(byGit('refs/heads'))
    const { body } = await ada.get(`${REFS}/branches?pagelen=5&page=2`)
    expect([body.size, body.page, body.values.length, body.previous !== undefined]).toEqual([tips.size, 2, 5, true])
  })
  it('of tags hold those alone that lead to commits, and count the same', async () => {
    const blob = plain(path, ['hash-object', '-w', '--stdin'], 'no commit')
    plain(path, ['tag', 'a-file', blob])
    plain(path, ['tag', '-a', '-m', 'A folder', 'a-folder', 'main^{tree}'])
    for (const query of ['?pagelen=1', '?pagelen=1&sort=target.date', '?pagelen=1&sort=message']) {
      const { body } = await ada.get(`${REFS}/tags${query}`)
      expect([query, body.size, body.values.length]).toEqual([query, 2, 1])
      expect((await names(`${REFS}/tags${query}`)).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['v1.0', 'v2.0'])
    }
    expect((await ada.get(`${REFS}?pagelen=1`)).body.size).toBe(tips.size + 2)
    expect((await ada.get(`${REFS}/tags/a-file`)).status).toBe(404)
    plain(path, ['tag', '-d', 'a-file', 'a-folder'])
  })
  it('come by date, both ways, and know tags by their commits', async () => {
    const dated = byGit('--sort=-committerdate', 'refs/heads')
    expect(await names(`${REFS}/branches${query({ sort: '-target.date', pagelen: '4' })}`)).toEqual(dated)
    expect(await names(`${REFS}/branches${query({ sort: 'target.date' })}`)).toEqual(dated.toReversed())
    expect(await names(`${REFS}/tags${query({ sort: '-target.date' })}`)).toEqual(['v2.0', 'v1.0'])
  })
  it('are filtered by name, date, id and what stands in a commit', async () => {
    expect(await names(`${REFS}/branches${query({ q: 'name ~ "UPDATE-"' })}`)).toEqual(
      those((name) => name.includes('update')),
    )
    expect(await names(`${REFS}/branches${query({ q: `target.hash = "${tips.get('main')}"` })}`)).toEqual(['main'])
    expect(await names(`${REFS}/branches${query({ q: 'name ~ "topic" AND target.date > 2022-01-01' })}`)).toEqual(
      those((name) => name.startsWith('topic')),
    )
    expect(await names(`${REFS}/branches${query({ q: 'target.date < 2021-01-01' })}`)).toEqual(['main'])
    expect(await names(`${REFS}/branches${query({ q: 'target.message ~ "Commit 29"' })}`)).toEqual(['main'])
    expect((await ada.get(`${REFS}/branches${query({ q: 'name ~' })}`)).status).toBe(400)
  })
})

describe('distances', () => {
  it('are what git counts, for a page of the list', async () => {
    const fields = query({ sort: '-target.date', pagelen: '500' })
    const { body } = await ada.get(`${DISTANCES}${fields}`)
    expect(body.base).toBe(tips.get('main'))
    expect(body.values.map(({ name }: { name: string }) => name)).toEqual(byGit('--sort=-committerdate', 'refs/heads'))
    for (const { name, hash, ahead, behind } of body.values)
      expect([name, hash, behind, ahead]).toEqual([name, tips.get(name), ...counted('main', name)])
  })
  it('are given for names, from any base', async () => {
    const named = new URLSearchParams([
      ['name', 'main'],
      ['name', 'topic-1'],
      ['name', 'gone'],
      ['base', 'v1.0'],
    ])
    const { body } = await ada.get(`${DISTANCES}?${named.toString()}`)
    expect(
      body.values.map((one: { name: string; ahead: number; behind: number }) => [one.name, one.behind, one.ahead]),
    ).toEqual([
      ['main', ...counted('v1.0', 'main')],
      ['topic-1', ...counted('v1.0', 'topic-1')],
    ])
    expect((await ada.get(`${DISTANCES}?base=nowhere`)).status).toBe(404)
  })
  it('of a branch that leads nowhere are unknown, and those of the others are not', async () => {
    const blob = plain(path, ['hash-object', '-w', '--stdin'], 'no commit')
    writeFileSync(join(path, 'refs', 'heads', 'odd'), `${blob}\n`)
    const { body } = await ada.get(`${DISTANCES}?name=odd&name=topic-1`)
    expect(body.values).toEqual([
      { name: 'odd', hash: blob, ahead: null, behind: null },
      {
        name: 'topic-1',
        hash: tips.get('topic-1'),
        behind: counted('main', 'topic-1')[0],
        ahead: counted('main', 'topic-1')[1],
      },
    ])
    plain(path, ['update-ref', '-d', 'refs/heads/odd'])
  })
})

describe('a hundred thousand branches', () => {
  const MANY = 100_000
  beforeAll(() => {
    const older = plain(path, ['rev-list', 'main']).split('\n')
    const lines = Array.from(
      { length: MANY },
      (_, i) => `${older[i % older.length]} refs/heads/bulk/${String(i).padStart(6, '0')}\n`,
    )
    plain(path, ['pack-refs', '--all'])
    const packed = readFileSync(join(path, 'packed-refs'), 'utf8').split('\n')
    const rest = packed.filter((line) => line !== '' && !line.startsWith('#'))
    const groups: string[][] = []
    for (const line of rest)
      if (line.startsWith('^')) groups.at(-1)?.push(line)
      else groups.push([line])
    for (const line of lines) groups.push([line.trim()])
    groups.sort(([a = ''], [b = '']) => (a.slice(41) < b.slice(41) ? -1 : 1))
    writeFileSync(
      join(path, 'packed-refs'),
      `# pack-refs with: peeled fully-peeled sorted \n${groups.flat().join('\n')}\n`,
    )
    execFileSync('git', ['commit-graph', 'write', '--reachable'], { cwd: path })
  })
  it('are found, sorted and paged', async () => {
    const { body } = await ada.get(`${REFS}/branches${query({ pagelen: '100', page: '501' })}`)
    await ada.get(`${REFS}/branches${query({ pagelen: '100', page: '501' })}`)
    expect([body.size, body.values.length]).toEqual([MANY + tips.size, 100])
    const found = await ada.get(`${REFS}/branches${query({ q: 'name ~ "bulk/09999"' })}`)
    expect(found.body.values.map(({ name }: { name: string }) => name)).toEqual(
      Array.from({ length: 10 }, (_, i) => `bulk/09999${i}`),
    )
    const dated = await ada.get(`${REFS}/branches${query({ sort: '-target.date', pagelen: '3' })}`)
    expect(dated.body.values.map(({ name }: { name: string }) => name)).toEqual(
      byGit('--sort=-committerdate', '--count=3', 'refs/heads'),
    )
  })
  it('have their distances, 500 at a time', async () => {
    const { body } = await ada.get(`${DISTANCES}${query({ q: 'name ~ "bulk/"', pagelen: '500', page: '7' })}`)
    expect(body.values).toHaveLength(500)
    expect(body.values[31]).toMatchObject({ name: 'bulk/003031', ahead: 0, behind: 3031 % 30 })
  })
  it('are not read in full for a question about messages', async () => {
    const { status, body } = await ada.get(`${REFS}/branches${query({ q: 'target.message ~ "x"' })}`)
    expect([status, body.error.detail]).toEqual([422, expect.stringMatching(/by name, target.hash and target.date/)])
  })
})
