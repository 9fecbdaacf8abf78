// What an edit may not name or send: paths that lead astray, and forms that are none, too large, or another site's.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { client } from '../helpers/client.ts'
import { asAda, type Edited, type Field, type How, sendEdit } from '../helpers/edits.ts'
import { git } from '../helpers/git.ts'
import { addCommits, ask } from '../helpers/repos.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { files } from '../helpers/world.ts'

let site: Site
let path: string

beforeAll(async () => {
  site = await openSite()
  const made = await makeRepository(site, 'web')
  path = made.path
  await git(made.work, ['push', '-q', remoteOf(site, 'web'), 'main'])
})
afterAll(() => closeSite(site))

const send = (fields: readonly Field[], how: How = {}): Promise<Edited> => sendEdit(site, fields, how)

async function made(fields: readonly Field[], how: How = {}): Promise<string> {
  const answer = await send(fields, how)
  expect(answer.status, answer.text).toBe(201)
  return answer.body.hash
}

const tip = (): string => ask(path, ['rev-parse', 'refs/heads/main'])
const names = (revision: string, at = path): string[] => ask(at, ['ls-tree', '-r', '--name-only', revision]).split('\n')
const scratch = (): string[] => readdirSync(join(site.data, 'volumes', 'main', 'scratch'))

describe('paths', () => {
  it.each([
    '.git/x',
    '.GIT/config',
    'GIT~1',
    '.g\u200cit/hooks/x',
    'a/../b',
    '//etc/passwd',
    'a//b',
    'a\\b',
    'C:/x',
    'a\u0001b',
    'a./b',
    'a /b',
    'n'.repeat(256),
    'a/',
  ])('%j is refused in words, to write and to delete', async (name) => {
    const before = tip()
    for (const fields of [[[name, new Blob(['x'])]], [['files', name]]] as Field[][]) {
      const answer = await send(fields)
      expect([answer.status, answer.body.error.detail.length > 10], answer.text).toEqual([400, true])
    }
    expect(tip()).toBe(before)
  })

  it('nothing is written through a link or a submodule, over a folder or into a file', async () => {
    const { path: at } = await makeRepository(site, 'traps')
    const outside = { mode: '120000', data: '../../../../../tmp' } as const
    addCommits(at, {
      commits: [{ files: { link: outside, sub: { submodule: '1'.repeat(40) }, 'dir/a': 'a', file: 'f' } }],
      refs: { 'refs/heads/main': 0 },
    })
    const before = files(at)
    const told: Record<string, string> = {
      'link/x': 'link is a symbolic link: nothing is written through it.',
      'sub/x': 'sub is a submodule: its files are in another repository.',
      sub: 'sub is a submodule: its files are in another repository.',
      dir: 'dir is a folder.',
      'file/x': 'file is a file, so it cannot hold others.',
    }
    for (const [name, sentence] of Object.entries(told)) {
      const answer = await send([[name, new Blob(['x'])]], { repo: 'traps' })
      expect([answer.status, answer.body.error.detail]).toEqual([400, sentence])
    }
    const gone: Record<string, string> = {
      dir: 'dir is a folder. Name the files in it to delete them.',
      none: 'none is not there, so it cannot be deleted.',
      sub: 'sub is a submodule, which is not changed here.',
    }
    for (const [name, sentence] of Object.entries(gone)) {
      const answer = await send([['files', name]], { repo: 'traps' })
      expect([answer.status, answer.body.error.detail]).toEqual([400, sentence])
    }
    expect(files(at)).toEqual(before)
    await made([['files', 'link']], { repo: 'traps' })
    expect(names('main', at)).toEqual(['dir/a', 'file', 'sub'])
  })
})

const many = (count: number): Field[] => Array.from({ length: count }, (_unused, i) => [`many/${i}.txt`, `${i}\n`])

describe('forms', () => {
  it.each([
    ['an author with a line break', [['author', 'A\nB <a@b>']]],
    ['an author without an address', [['author', 'Only a name']]],
    ['an author of brackets', [['author', 'A <a@b> <c@d>']]],
    ['a parent that is a branch', [['parents', 'main']]],
    [
      'the branch twice',
      [
        ['branch', 'a'],
        ['branch', 'b'],
      ],
    ],
    ['the same file twice', [['/f.txt', 'other']]],
  ] as [string, Field[]][])('%s is refused', async (_what, fields) => {
    const answer = await send([...fields, ['/f.txt', 'x']])
    expect([answer.status, answer.body.error.detail.length > 10], answer.text).toEqual([400, true])
  })

  it('of another kind, cut off or without a boundary is refused, and nothing stays of it', async () => {
    const post = async (type: string, body: string): Promise<[number, string]> => {
      const headers = { ...asAda, 'Content-Type': type }
      const url = `${site.server.url}/2.0/repositories/ada/web/src`
      const response = await fetch(url, { method: 'POST', headers, body })
      return [response.status, JSON.parse(await response.text()).error.detail]
    }
    expect(await post('application/json', '{}')).toEqual([400, expect.stringMatching(/^Send the edit as a form/)])
    expect(await post('multipart/form-data', 'x')).toEqual([400, 'The form has no boundary between its parts.'])
    const part = '--b\r\nContent-Disposition: form-data; name="/a"; filename="a"\r\n\r\nhello'
    expect(await post('multipart/form-data; boundary=b', part)).toEqual([400, 'The form is not whole, or is none.'])
    const url = { method: 'POST', headers: { ...asAda, 'Content-Type': 'application/x-www-form-urlencoded' } }
    const large = await fetch(`${site.server.url}/2.0/repositories/ada/web/src`, {
      ...url,
      body: `/a=${'x'.repeat(17e6)}`,
    })
    expect([large.status, await large.json()]).toMatchObject([
      413,
      { error: { detail: 'An edit can have 16 MB at most. Push larger files with git.' } },
    ])
    expect(scratch()).toEqual([])
  })

  it('may name many files, and a thousand at most', async () => {
    const hash = await made(many(100))
    expect(names(hash).filter((name) => name.startsWith('many/'))).toHaveLength(100)
    const answer = await send(many(1001))
    expect([answer.status, answer.body.error.detail]).toEqual([413, 'At most 1000 files can be changed at once.'])
  })
})

it('is taken by no page of another site', async () => {
  const headers = { ...asAda, Origin: 'https://evil.example' }
  expect((await client(site.server).call('POST', '/2.0/repositories/ada/web/src', undefined, headers)).status).toBe(403)
})
