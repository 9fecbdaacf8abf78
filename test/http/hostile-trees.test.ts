// Trees made to hurt, or hurt themselves: each address of a folder answers, bounded, and says in words what is wrong.
import { randomBytes } from 'node:crypto'
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Client } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { ask, commitTree, writeBlob, writeBomb, writeTree } from '../helpers/repos.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

let site: Site
let ada: Client
let path: string
let own: string
let count = 0

beforeAll(async () => {
  site = await openSite()
})
beforeEach(async () => {
  const made = await makeRepository(site, `r${++count}`)
  await git(made.work, ['push', '-q', remoteOf(site, `r${count}`), 'main'])
  ;({ ada, path } = made)
  own = `/api/gitstead/1/repositories/ada/r${count}`
})
afterAll(() => closeSite(site))

const blobOf = (text: string): string => writeBlob(path, text)
const treeOf = (entries: string): string => writeTree(path, entries)

interface Entries {
  name: string
  kind: string
  size: number | null
  link: string | null
}

async function folder(address: string, query = ''): Promise<{ total: number; matching: number; entries: Entries[] }> {
  const { status, body } = await ada.get(`${own}/tree/${address}${query}`)
  expect([status, body.error]).toEqual([200, undefined])
  return body.folder
}

/** Names to commits; the stream has to come to its end. */
async function last(address: string, query = ''): Promise<Map<string, string>> {
  const { status, text } = await ada.get(`${own}/last-commits/${address}${query}`)
  expect([status, text]).toEqual([200, expect.stringMatching(/\{"end":true\}\n$/)])
  const lines = text.trim().split('\n').slice(0, -1)
  const all = lines.map((line) => JSON.parse(line) as { hash: string; names: string[] })
  return new Map(all.flatMap(({ hash, names }) => names.map((name) => [name, hash] as const)))
}

describe('a tree bomb', () => {
  it('of ten to the tenth files is ten folders on each level', async () => {
    const commit = commitTree(path, 'bomb', writeBomb(path, 'boom'))
    for (const address of ['bomb', 'bomb/d0', 'bomb/d0/d1/d2']) {
      const { total, entries } = await folder(address)
      expect([total, entries[3]?.name]).toEqual([10, 'd3'])
      expect([...(await last(address)).values()]).toEqual(Array(10).fill(commit))
    }
    expect((await folder(`bomb/${Array(9).fill('d0').join('/')}`)).entries[0]).toMatchObject({ name: 'f0', size: 4 })
  })
})

describe('a folder of a hundred thousand files', () => {
  it('comes a thousand at a time, is filtered, and tells the commits of what is asked for', async () => {
    const blob = blobOf('x')
    const names = Array.from({ length: 100_000 }, (_unused, i) => `n${String(i).padStart(5, '0')}`)
    const many = treeOf(names.map((name) => `100644 blob ${blob}\t${name}\0`).join(''))
    const first = commitTree(path, 'many', treeOf(`040000 tree ${many}\tmany\0`))
    const first1000 = await folder('many/many')
    expect([first1000.total, first1000.entries.length, first1000.entries[999]?.name]).toEqual([100_000, 1000, 'n00999'])
    expect((await folder('many/many', '?page=100')).entries.at(-1)?.name).toBe('n99999')
    expect((await folder('many/many', '?page=101')).entries).toEqual([])
    const found = await folder('many/many', '?filter=N4242')
    expect([found.matching, found.entries[0]?.name]).toEqual([10, 'n42420'])
    const changed = treeOf(names.map((name, i) => `100644 blob ${i === 5 ? blobOf('y') : blob}\t${name}\0`).join(''))
    const second = ask(path, ['commit-tree', '-p', first, '-m', 'Change', treeOf(`040000 tree ${changed}\tmany\0`)])
    ask(path, ['update-ref', 'refs/heads/many', second])
    const commits = await last('many/many')
    expect([commits.size, commits.get('n00005'), commits.get('n00006')]).toEqual([1000, second, first])
    expect([...(await last('many/many', '?page=100'))].at(-1)).toEqual(['n99999', first])
  })
})

describe('odd entries', () => {
  it('names that are no UTF-8 lead where they say, whatever bytes they have', async () => {
    const name = Buffer.concat([Buffer.from('caf'), Buffer.from([0xe9, 0x5c, 0x78, 0x34, 0x31]), Buffer.from('<b>')])
    const inner = treeOf(`100644 blob ${blobOf('inside')}\tx\0`)
    const line = Buffer.concat([Buffer.from(`040000 tree ${inner}\t`), name, Buffer.from([0])])
    const tree = ask(path, ['mktree', '-z'], line)
    const commit = commitTree(path, 'odd', tree)
    const [entry] = (await folder('odd')).entries
    expect(entry?.name).toBe('caf\\xe9\\x5cx41<b>')
    const address = `odd/${encodeURIComponent(entry?.name ?? '')}`
    expect((await folder(address)).entries[0]?.name).toBe('x')
    expect(await last(address)).toEqual(new Map([['x', commit]]))
    expect(await last('odd')).toEqual(new Map([[entry?.name, commit]]))
  })

  it('submodules of this server lead there, others nowhere, and none is entered', async () => {
    const modules = [
      ['here', '../other.git'],
      ['there', 'https://example.com/a/b'],
      ['trap', 'javascript:alert(1)'],
      ['own', `${site.server.url}/team/lib.git`],
    ]
    const file = blobOf(
      modules.map(([name, url]) => `[submodule "${name}"]\n\tpath = ${name}\n\turl = ${url}\n`).join(''),
    )
    const oid = '1'.repeat(40)
    const lines = [...modules, ['bare', '']].map(([name]) => `160000 commit ${oid}\t${name}\0`)
    commitTree(path, 'sub', treeOf(`100644 blob ${file}\t.gitmodules\0${lines.join('')}`))
    const { entries } = await folder('sub')
    expect(Object.fromEntries(entries.map(({ name, link }) => [name, link]))).toEqual({
      '.gitmodules': null,
      here: `/ada/other/src/${oid}`,
      there: null,
      trap: null,
      own: `/team/lib/src/${oid}`,
      bare: null,
    })
    expect((await ada.get(`${own}/tree/sub/here/x`)).status).toBe(404)
    expect((await last('sub')).size).toBe(6)
  })

  it('an empty folder is empty, and a file is no folder', async () => {
    commitTree(path, 'void', treeOf(''))
    expect(await folder('void')).toMatchObject({ total: 0, entries: [], readme: null })
    expect(await last('void')).toEqual(new Map())
    const { body } = await ada.get(`${own}/tree/main/README.md`)
    expect([body.path, body.folder, body.entry.type]).toEqual(['README.md', null, 'commit_file'])
  })
})

describe('damage', () => {
  it('a folder or a file that is missing is said to be, and what is there is shown', async () => {
    const gone = '2'.repeat(40)
    commitTree(
      path,
      'lost',
      treeOf(`040000 tree ${gone}\tgone\x00100644 blob ${gone}\tlost\x00100644 blob ${blobOf('x')}\there\0`),
    )
    const { entries } = await folder('lost')
    expect(entries.map(({ name, size }) => [name, size])).toEqual([
      ['gone', null],
      ['here', 1],
      ['lost', null],
    ])
    expect((await last('lost')).size).toBe(3)
    for (const kind of ['tree', 'last-commits']) {
      const { status, body } = await ada.get(`${own}/${kind}/lost/gone`)
      expect([status, body.error.message]).toEqual([
        503,
        expect.stringMatching(/damaged on disk: a folder .* is missing/),
      ])
    }
  })

  it('a tree whose bytes are broken is an answer too', async () => {
    const tree = treeOf(`100644 blob ${blobOf(randomBytes(8).toString('hex'))}\tfile\0`)
    commitTree(path, 'broken', tree)
    const file = join(path, 'objects', tree.slice(0, 2), tree.slice(2))
    chmodSync(file, 0o600)
    writeFileSync(file, 'this is no object')
    const { status, body } = await ada.get(`${own}/tree/broken`)
    expect([status, body.error.message]).toEqual([503, expect.stringMatching(/damaged/)])
    expect((await folder('main')).entries[0]?.name).toBe('README.md')
  })

  it('a HEAD that is detached or missing takes no folder away', async () => {
    writeFileSync(join(path, 'HEAD'), `${ask(path, ['rev-parse', 'main'])}\n`)
    expect((await folder('main')).total).toBe(1)
    rmSync(join(path, 'HEAD'))
    const { status, body } = await ada.get(`${own}/tree/main`)
    expect([status, body.error?.message ?? '']).toEqual([503, expect.stringMatching(/damaged on disk/)])
  })
})

it('figures count what the named revision reaches', async () => {
  ask(path, ['update-ref', 'refs/tags/v1', 'main'])
  expect((await ada.get(`${own}/figures`)).body).toMatchObject({ commits: 1, branches: 1, tags: 1 })
  expect((await ada.get(`${own}/figures?at=nowhere`)).status).toBe(404)
})
