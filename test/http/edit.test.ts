// Commits made by a form: what becomes of the files, of what others pushed meanwhile, and that it is a push like any other.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, type Client, client, teammate } from '../helpers/client.ts'
import { commitFile, git } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { openReceiver, type Receiver } from '../helpers/receiver.ts'
import { addCommits, ask } from '../helpers/repos.ts'
import { ADMIN } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { files, rows } from '../helpers/world.ts'

type Field = [name: string, value: string | Uint8Array | Blob]
// oxlint-disable-next-line typescript/no-explicit-any -- answers of many shapes; a wrong guess fails the test
type Answer = { status: number; text: string; location: string; body: any }

let site: Site
let receiver: Receiver
let ada: Client
let path: string
let work: string

beforeAll(async () => {
  site = await openSite()
  receiver = await openReceiver()
  ;({ ada, path, work } = await makeRepository(site, 'web'))
  await commitFile(work, 'src/a.txt', 'a\n')
  await commitFile(work, 'src/b.txt', 'b\n')
  await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
  const repository = 'ada/web'
  await teammate(site.server, ada, { name: 'will', grants: [{ repository, permission: 'write' }] })
  await teammate(site.server, ada, { name: 'rita', grants: [{ repository, permission: 'read' }] })
  expect((await ada.put('/api/gitstead/1/settings', { allowed_hooks: ['127.0.0.1'] })).status).toBe(200)
})
afterAll(async () => {
  await receiver.close()
  await closeSite(site)
})

const asAda = basic(ADMIN.name, ADMIN.password)
const asWill = basic('will', 'will has a password')

/** Text is a field, bytes are a file: both name a path, except for what is about the commit. */
async function send(fields: Field[], { by = asAda, repo = 'web', kind = 'multipart' } = {}): Promise<Answer> {
  const form = new FormData()
  for (const [name, value] of fields)
    if (typeof value === 'string' && !name.includes('/')) form.append(name, value)
    else form.append(name, value instanceof Blob ? value : new Blob([value as BlobPart]), 'file')
  const body = kind === 'multipart' ? form : new URLSearchParams(fields as [string, string][])
  const url = `${site.server.url}/2.0/repositories/ada/${repo}/src`
  const response = await fetch(url, { method: 'POST', headers: by, body })
  const text = await response.text()
  const location = response.headers.get('location') ?? ''
  return { status: response.status, text, location, body: text.startsWith('{') ? JSON.parse(text) : undefined }
}

async function made(fields: Field[], how: Parameters<typeof send>[1] = {}): Promise<string> {
  const answer = await send(fields, how)
  expect(answer.status, answer.text).toBe(201)
  return answer.body.hash
}

const read = (revision: string, at = path): string => ask(at, ['cat-file', 'blob', revision])
const tip = (branch = 'main', at = path): string => ask(at, ['rev-parse', `refs/heads/${branch}`])
const tree = (revision: string, at = path): string[] => ask(at, ['ls-tree', '-r', revision]).split('\n')
const names = (revision: string, at = path): string[] => tree(revision, at).map((line) => line.split('\t')[1] ?? '')
const scratch = (): string[] => readdirSync(join(site.data, 'volumes', 'main', 'scratch'))

async function freshRepository(name: string): Promise<string> {
  const { path } = await makeRepository(site, name)
  return path
}

describe('what a commit does', () => {
  it('makes, changes and deletes files, several at once, in the name of whoever is signed in', async () => {
    const before = tip()
    const answer = await send(
      [
        ['message', 'Three things'],
        ['/src/new/c.txt', 'c\n'],
        ['src/a.txt', 'changed\r\nwith both ends\n'],
        ['files', '/src/b.txt'],
        ['files', 'src/a.txt'],
      ],
      { by: asWill },
    )
    expect(answer.status, answer.text).toBe(201)
    expect(answer.body).toMatchObject({ type: 'commit', hash: tip(), parents: [{ hash: before }] })
    expect(answer.location).toBe(`${site.server.url}/2.0/repositories/ada/web/commit/${tip()}`)
    expect(names('main')).toEqual(['README.md', 'src/a.txt', 'src/new/c.txt'])
    expect(read('main:src/a.txt')).toBe('changed\r\nwith both ends')
    expect(ask(path, ['log', '-1', '--format=%an <%ae> %cn <%ce> %B'])).toBe(
      'will <will@users.gitstead.invalid> will <will@users.gitstead.invalid> Three things\n',
    )
    // Nothing but the bytes of what was sent: no folder that became empty, no other entry.
    expect(ask(path, ['fsck', '--strict', '--no-dangling'])).toBe('')
  })

  it('takes a form of text too, where a slash tells a file from a word about the commit', async () => {
    const hash = await made(
      [
        ['/message', 'I am a file\n'],
        ['message', 'By text'],
        ['author', 'Erik van Zijst <erik@example.com>'],
      ],
      { kind: 'text' },
    )
    expect(read(`${hash}:message`)).toBe('I am a file')
    expect(ask(path, ['log', '-1', '--format=%an <%ae> %cn', hash])).toBe('Erik van Zijst <erik@example.com> ada')
  })

  it('moves a file in one commit, also into a folder of its own name and out of it', async () => {
    await made([['move/me', 'same content\n']])
    const hash = await made([
      ['move/me/now.txt', 'same content\n'],
      ['files', 'move/me'],
    ])
    expect(ask(path, ['diff-tree', '-r', '-M', '--name-status', '--no-commit-id', hash])).toBe(
      'R100\tmove/me\tmove/me/now.txt',
    )
    await made([
      ['move/me', 'same content\n'],
      ['files', 'move/me/now.txt'],
    ])
    expect(names('main')).toContain('move/me')
  })

  it('keeps what is executable so, and every other entry as it is, however odd', async () => {
    const at = await freshRepository('odd')
    addCommits(at, {
      commits: [
        {
          files: {
            'run.sh': { mode: '100755', data: '#!/bin/sh\n' },
            'caf\xe9.txt': 'latin\n',
            link: { mode: '120000', data: 'run.sh' },
            'z.txt': 'z',
            zoo: { mode: '120000', data: 'run.sh' },
          },
        },
      ],
      refs: { 'refs/heads/main': 0 },
    })
    const before = tree('main', at)
    await made(
      [
        ['run.sh', new Blob(['#!/bin/sh\nexit\n'])],
        ['link', new Blob(['a file now\n'])],
        ['z/deep.txt', 'sorted as git sorts\n'],
      ],
      { repo: 'odd' },
    )
    const after = tree('main', at)
    expect(after.filter((line) => !before.includes(line)).map((line) => line.replace(/ [0-9a-f]{40}/, ''))).toEqual([
      '100644 blob\tlink',
      '100755 blob\trun.sh',
      '100644 blob\tz/deep.txt',
    ])
    expect(before.filter((line) => !after.includes(line))).toHaveLength(2)
    expect(ask(at, ['fsck', '--strict', '--no-dangling'])).toBe('')
    const moved = await made(
      [
        ['bin/run', new Blob(['#!/bin/sh\nexit 1\n'])],
        ['files', 'run.sh'],
      ],
      { repo: 'odd' },
    )
    expect(tree(moved, at).find((line) => line.endsWith('bin/run'))).toMatch(/^100755 /)
  })

  it('begins an empty repository, whose main branch is the one that is named', async () => {
    const at = await freshRepository('empty')
    const hash = await made(
      [
        ['branch', 'trunk'],
        ['/README.md', '# Hi\n'],
      ],
      { repo: 'empty' },
    )
    expect(tip('trunk', at)).toBe(hash)
    expect(ask(at, ['symbolic-ref', 'HEAD'])).toBe('refs/heads/trunk')
    expect((await ada.get('/2.0/repositories/ada/empty')).body.mainbranch.name).toBe('trunk')
    const gone = await made([['files', 'README.md']], { repo: 'empty' })
    expect(names(gone, at)).toEqual([''])
  })

  it('begins a new branch at a commit, or at the main branch, and leaves that alone', async () => {
    const main = tip()
    const [first = ''] = ask(path, ['rev-list', '--max-parents=0', 'main']).split('\n')
    await made([
      ['branch', 'old'],
      ['parents', first],
      ['/n.txt', 'n'],
    ])
    expect(ask(path, ['rev-parse', 'old^'])).toBe(first)
    await made([
      ['branch', 'topic/one'],
      ['/n.txt', 'n'],
    ])
    expect(ask(path, ['rev-parse', 'topic/one^'])).toBe(main)
    await made([
      ['branch', 'bare'],
      ['parents', first.slice(0, 10)],
    ])
    expect(ask(path, ['rev-parse', 'bare^{tree}'])).toBe(ask(path, ['rev-parse', `${first}^{tree}`]))
    expect(tip()).toBe(main)
    for (const branch of ['topic', 'topic/one/two', '-x', 'a..b', 'refs/gitstead/kept'])
      expect(
        (
          await send([
            ['branch', branch],
            ['/n.txt', 'n'],
          ])
        ).status,
        branch,
      ).toBe(branch.startsWith('refs') ? 201 : 400)
  })

  it('stores a large file without holding it, and takes as many bytes as there are', async () => {
    const block = new Uint8Array(1024 * 1024).map((_zero, i) => (i * 7919) % 251)
    const blob = new Blob(Array.from({ length: 30 }, () => block))
    const hash = await made([['big.bin', blob]])
    expect(ask(path, ['cat-file', '-s', `${hash}:big.bin`])).toBe(String(blob.size))
    expect(ask(path, ['fsck', '--strict', '--no-dangling'])).toBe('')
  })
})

describe('what others did meanwhile', () => {
  const seen = async (): Promise<string> => {
    const base = tip()
    await made([
      ['/theirs.txt', `${Math.random()}\n`],
      ['/theirs-too.txt', `${Math.random()}\n`],
    ])
    return base
  }
  it('stays, where it was other files', async () => {
    const base = await seen()
    const theirs = tip()
    const hash = await made([
      ['parents', base],
      ['/mine.txt', 'mine\n'],
    ])
    expect(ask(path, ['rev-parse', `${hash}^`])).toBe(theirs)
    expect(names(hash)).toEqual(expect.arrayContaining(['mine.txt', 'theirs.txt']))
  })
  it('is not overwritten, where it was the same: the answer names the files and the commit', async () => {
    const base = await seen()
    const before = tip()
    for (const fields of [
      [['/theirs.txt', 'mine\n']],
      [['files', 'theirs.txt']],
      [
        ['/theirs.txt/below', 'x'],
        ['files', 'theirs.txt'],
      ],
    ] as Field[][]) {
      const answer = await send([['parents', base], ...fields, ['/other.txt', 'o']])
      expect(answer.status, answer.text).toBe(409)
      expect(answer.body.error.data).toEqual({ code: 'edit.conflict', paths: ['theirs.txt'], hash: before })
      expect(answer.body.error.detail).toBe('Somebody has changed theirs.txt since you began.')
    }
    expect(tip()).toBe(before)
    // To a branch of its own it may always go.
    await made([
      ['parents', base],
      ['branch', 'aside'],
      ['/theirs.txt', 'mine\n'],
    ])
  })
  it('does not matter where both did the same, but a commit that changes nothing is none', async () => {
    const base = await seen()
    const same = read('main:theirs.txt')
    const hash = await made([
      ['parents', base],
      ['/theirs.txt', `${same}\n`],
      ['/more.txt', 'more\n'],
    ])
    expect(names(hash)).toContain('more.txt')
    const again = await send([
      ['parents', base],
      ['/theirs.txt', `${same}\n`],
    ])
    expect([again.status, again.body.error.detail]).toEqual([
      400,
      'This changes nothing: the branch has it all like this.',
    ])
  })
  it('loses to nobody when many commit at once', async () => {
    const count = Number(ask(path, ['rev-list', '--count', 'main']))
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_unused, i) =>
        send([
          ['/at-once.txt', `${i}\n`],
          [`/one/${i}.txt`, `${i}\n`],
        ]),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201])
    expect(Number(ask(path, ['rev-list', '--count', 'main']))).toBe(count + 4)
    expect(names('main').filter((name) => name.startsWith('one/'))).toHaveLength(4)
  })
})

describe('a push like any other', () => {
  it('is told by the event, the webhook and the journal, and upkeep follows', async () => {
    await ada.post('/2.0/repositories/ada/web/hooks', { url: receiver.url, description: 'CI', events: ['repo:push'] })
    const old = tip()
    const hash = await made(
      [
        ['message', 'Told'],
        ['/told.txt', 'told\n'],
      ],
      { by: asWill },
    )
    expect(await eventually(() => receiver.arrived.length === 1)).toBe(true)
    const [change] = receiver.arrived[0]?.body.push.changes ?? []
    expect([change.old.target.hash, change.new.target.hash, change.new.name]).toEqual([old, hash, 'main'])
    expect(receiver.arrived[0]?.body.actor.nickname).toBe('will')
    const [event] = rows(site.server, "select data from events where kind = 'repo:push' order by id desc limit 1")
    expect(JSON.parse(String(event?.['data'])).changes).toEqual([
      { ref: 'refs/heads/main', oldOid: old, newOid: hash, kind: 'updated' },
    ])
    const [push] = rows(site.server, 'select state, atomic from pushes order by id desc limit 1')
    expect(push).toEqual({ state: 'done', atomic: 0 })
    expect(rows(site.server, "select 1 from jobs where kind = 'upkeep'").length).toBeGreaterThan(0)
  })
  it('comes as a pack, nothing loose, and leaves nothing behind', async () => {
    expect(files(path).filter((file) => /objects\/[0-9a-f]{2}\//.test(file))).toEqual([])
    expect(scratch()).toEqual([])
  })
  it('is refused with the reason where the repository is read-only, before anything is sent', async () => {
    const own = '/api/gitstead/1/repositories/ada/web/quarantine'
    const before = tip()
    await ada.put(own, { mode: 'read-only', reason: 'We are moving.' })
    const answer = await send([['/x', 'x']], { by: asWill })
    await ada.put(own, { mode: 'open' })
    expect([answer.status, answer.body.error.message]).toEqual([
      403,
      'This repository is read-only at the moment: We are moving.',
    ])
    expect(tip()).toBe(before)
  })
  it('is refused where the disk keeps its reserve', async () => {
    const volume = '/api/gitstead/1/admin/storage/volumes/main'
    expect((await ada.patch(volume, { reserve: '90 %' })).status).toBe(200)
    expect(await eventually(async () => (await send([['/x', 'x']])).status === 507)).toBe(true)
    expect((await ada.patch(volume, { reserve: 'auto' })).status).toBe(200)
    expect(scratch()).toEqual([])
  })
  it('is refused by git where an object is a trap, in git’s words, and stays out', async () => {
    const before = tip()
    const trap = '[submodule "x"]\n\tpath = x\n\turl = -u./payload\n'
    const answer = await send([['/.gitmodules', trap]])
    expect([answer.status, answer.body.error.detail]).toEqual([
      400,
      expect.stringMatching(/^Git refused it: gitmodulesUrl: disallowed submodule url/),
    ])
    expect(tip()).toBe(before)
    const pending = rows(site.server, "select count(*) as n from pushes where state = 'pending'")
    expect(pending).toEqual([{ n: 0 }])
  })
  it('needs write permission', async () => {
    expect((await send([['/x', 'x']], { by: basic('rita', 'rita has a password') })).status).toBe(403)
    expect((await send([['/x', 'x']], { by: {} })).status).toBe(401)
  })
})

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
    `${'n'.repeat(256)}`,
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
    const at = await freshRepository('traps')
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
    const many = (count: number): Field[] => Array.from({ length: count }, (_unused, i) => [`many/${i}.txt`, `${i}\n`])
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
