// Commits made by a form: what becomes of the files, of what others pushed meanwhile, and that it is a push like any other.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, type Client, teammate } from '../helpers/client.ts'
import { type Edited, type Field, type How, sendEdit } from '../helpers/edits.ts'
import { commitFile, git } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { openReceiver, type Receiver } from '../helpers/receiver.ts'
import { addCommits, ask } from '../helpers/repos.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { files, rows } from '../helpers/world.ts'

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

const asWill = basic('will', 'will has a password')

const send = (fields: readonly Field[], how: How = {}): Promise<Edited> => sendEdit(site, fields, how)

async function made(fields: readonly Field[], how: How = {}): Promise<string> {
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

/** The commit before somebody changed two files. */
async function seen(): Promise<string> {
  const base = tip()
  await made([
    ['/theirs.txt', `${Math.random()}\n`],
    ['/theirs-too.txt', `${Math.random()}\n`],
  ])
  return base
}

describe('what others did meanwhile', () => {
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
      Array.from({ length: 10 }, (_unused, i) =>
        send([
          ['/at-once.txt', `${i}\n`],
          [`/one/${i}.txt`, `${i}\n`],
        ]),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
    expect(Number(ask(path, ['rev-list', '--count', 'main']))).toBe(count + 10)
    expect(names('main').filter((name) => name.startsWith('one/'))).toHaveLength(10)
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
  it('bears the address that its author has confirmed, or the name of a deploy token', async () => {
    const db = new Database(join(site.data, 'gitstead.db'))
    db.prepare(
      "insert into mail_addresses (user_id, address) select id, 'will@team.example' from users where name = 'will'",
    ).run()
    db.close()
    const hash = await made([['/addressed.txt', 'a\n']], { by: asWill })
    expect(ask(path, ['log', '-1', '--format=%an <%ae>', hash])).toBe('will <will@team.example>')
    const tokens = '/api/gitstead/1/repositories/ada/web/deploy-tokens'
    const { secret } = (await ada.post(tokens, { name: 'CI <of ours>', permission: 'write' })).body
    const byToken = await made([['/built.txt', 'b\n']], { by: basic('x-token-auth', secret) })
    expect(ask(path, ['log', '-1', '--format=%cn <%ce>', byToken])).toBe('CI of ours <deploy@users.gitstead.invalid>')
  })
  it('needs write permission', async () => {
    expect((await send([['/x', 'x']], { by: basic('rita', 'rita has a password') })).status).toBe(403)
    expect((await send([['/x', 'x']], { by: {} })).status).toBe(401)
  })
})
