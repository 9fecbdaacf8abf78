// Names that try to become paths, or to look like other names: refused, with no file made, read or left behind.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, type Client, signIn } from '../helpers/client.ts'
import { git, makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { raw } from '../helpers/raw.ts'
import { ADMIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { files, quiet, rows } from '../helpers/world.ts'

/** Percent-encoded, as they stand in an address. */
const PATHS = [
  '..',
  '.',
  '%2e%2e',
  '%2e',
  '..%2f',
  '..%2f..%2fetc',
  '%2e%2e%2f%2e%2e%2fetc',
  '%252e%252e%252fetc',
  '..%5c..%5cetc',
  '%2fetc%2fpasswd',
  '%5cetc',
  'C:',
  'C:%5cx',
  'c%3a%2fx',
  'a%3ab',
  'a%3a%3a$DATA',
  '%00',
  'a%00b',
  'a%00.git',
  'a%0ab',
  'a%0d%0ab',
  'a%1bb',
  'a%7fb',
  'con',
  'CON',
  'con.txt',
  'nul',
  'aux',
  'prn',
  'com1',
  'lpt9',
  'COM1.git',
  'trailing.',
  'trailing%20',
  '%20leading',
  'trailing%2e',
  'a..b',
  '-leading',
  '--upload-pack=x',
  '.hidden',
  '.git',
  '.GIT',
  'x.git.git',
  'x.lock',
  'git~1',
  '.g%e2%80%8cit',
  '%e2%80%aexyz',
  '%ef%bb%bfx',
  'x%e2%80%8b',
  '%ef%bd%97eb',
  'w%d0%b5b',
  '%e2%84%aait',
  '%c5%bfecret',
  'stra%c3%9fe',
  '%ff',
  '%c3%28',
  '%ed%a0%80',
  '%f0%9f%92%a9',
  'a%2fb',
  'a%2f..%2fb',
  'a'.repeat(63),
  'a'.repeat(256),
  'a'.repeat(5000),
  '%f0%9f%92%a9'.repeat(80),
  '%7b%7d',
  '%7b..%7d',
  '~',
  '~root',
  '$HOME',
  '%25',
  'a%20b',
  '*',
  'a%3fb',
  'a%23b',
  '%22',
  "'",
  'a%7cb',
  'a%3cb',
]
/** The same, as they stand in a field. */
const NAMES = PATHS.flatMap((text) => {
  try {
    return [decodeURIComponent(text)]
  } catch {
    return []
  }
})

let server: Server
let dir: string
let ada: Client
let auth: Record<string, string>

beforeAll(async () => {
  server = await startServer()
  dir = tempDir()
  ada = await signIn(server)
  auth = basic('ada', ADMIN.password)
  await ada.post('/2.0/repositories/ada/web', { visibility: 'public' })
  await makeWork(join(dir, 'work'))
  await git(join(dir, 'work'), ['push', '-q', withLogin(`${server.url}/ada/web.git`, 'ada', ADMIN.password), 'main'])
  await quiet(server)
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

const JSON_TYPE = { 'Content-Type': 'application/json' }
const stored = (): string[] => [...files(join(server.data, 'volumes')), ...files(join(server.data, 'git'))]
const slugs = (): unknown[] => [
  ...rows(server, 'select slug from repositories order by slug'),
  ...rows(server, 'select slug from workspaces order by slug'),
  ...rows(server, 'select name from users order by name'),
]

describe('in an address', () => {
  it.each(PATHS)('%s leads to no file and makes none', async (name) => {
    const before = [stored(), slugs()]
    const asks = [
      ...[
        `/${name}`,
        `/${name}/web`,
        `/ada/${name}`,
        `/${name}.git/info/refs?service=git-upload-pack`,
        `/${name}/web.git/info/refs?service=git-upload-pack`,
        `/ada/${name}.git/info/refs?service=git-upload-pack`,
        `/ada/${name}.git/info/refs?service=git-receive-pack`,
        `/ada/${name}.git/HEAD`,
        `/ada/web.git/objects/${name}`,
        `/ada/web.git/${name}`,
        `/2.0/repositories/${name}`,
        `/2.0/repositories/${name}/web`,
        `/2.0/repositories/ada/${name}`,
        `/2.0/workspaces/${name}`,
        `/2.0/users/${name}`,
        `/2.0/repositories/ada/web/src/${name}`,
        `/2.0/repositories/ada/web/src/main/${name}`,
        `/2.0/repositories/ada/web/refs/branches/${name}`,
        `/2.0/repositories/ada/web/commit/${name}`,
        `/api/gitstead/1/avatars/${name}.svg`,
        `/api/gitstead/1/avatars/${name}`,
        `/assets/${name}`,
        `/assets/${name}/../../server/main.js`,
        `/${name}/${name}/${name}/package.json`,
      ].map((path) => ({ method: 'GET', path })),
      { method: 'POST', path: `/2.0/repositories/ada/${name}`, body: '{}' },
      { method: 'POST', path: `/2.0/repositories/${name}/made`, body: '{}' },
      { method: 'PUT', path: `/2.0/repositories/ada/${name}`, body: '{"description":"x"}' },
      { method: 'DELETE', path: `/2.0/repositories/ada/${name}` },
    ]
    for (const ask of asks) {
      const answer = await raw(server, { ...ask, headers: { ...auth, ...JSON_TYPE } })
      expect(answer.status, `${ask.method} ${ask.path}`).toBeLessThan(500)
      expect(answer.text).not.toMatch(/root:[^:]*:0:0|"dependencies"|better-sqlite3|SQLite format/)
      if (ask.method !== 'GET')
        expect([400, 404, 414, 431], `${ask.method} ${ask.path}: ${answer.status}`).toContain(answer.status)
    }
    expect([stored(), slugs()]).toEqual(before)
  })
})

describe('in a field', () => {
  it('makes no account, workspace, repository or branch that could be taken for a path', async () => {
    const before = slugs()
    for (const name of NAMES) {
      const invited = await ada.post('/api/gitstead/1/invitations', { workspace: 'ada', role: 'collaborator' })
      const token = new URL(invited.body.url).hash.replace('#token=', '')
      const person = { username: name, display_name: 'x', password: 'a long password' }
      const tries = [
        await ada.post(`/api/gitstead/1/links/${token}/accept`, person),
        await ada.post('/api/gitstead/1/workspaces', { slug: name, name: 'x' }),
      ]
      for (const { status } of tries) expect(status, name).toBe(400)
      await ada.delete(`/api/gitstead/1/invitations/${invited.body.id}`)
    }
    expect(slugs()).toEqual(before)
  })

  it('makes of a free text a slug of plain letters only, and of two that look alike one', async () => {
    const made: string[] = []
    for (const name of NAMES) {
      const answer = await ada.post('/api/gitstead/1/imports', { url: 'https://127.0.0.1/x', workspace: 'ada', name })
      expect(answer.status, name).toBe(400)
      const renamed = await ada.put('/2.0/repositories/ada/web', { name })
      expect([200, 400, 409], name).toContain(renamed.status)
      if (renamed.status !== 200) continue
      made.push(renamed.body.slug)
      await ada.put(`/2.0/repositories/ada/${renamed.body.slug}`, { name: 'web' })
    }
    for (const slug of made) expect(slug).toMatch(/^[a-z0-9](?:[a-z0-9._-]{0,60}[a-z0-9_-])?$/)
    expect((await ada.put('/2.0/repositories/ada/web', { name: 'ｗｅｂ' })).body.slug).toBe('web')
    expect((await ada.post('/2.0/repositories/ada/WEB', {})).status).toBe(409)
  })

  it('gives no repository a reserved first segment', async () => {
    for (const slug of ['api', '2.0', 'admin', 'assets', 'account', 'setup', 'invite', 'login', 'site'])
      expect((await ada.post('/api/gitstead/1/workspaces', { slug, name: 'x' })).status, slug).toBe(400)
  })

  it('takes no branch name that is an option or leaves refs/heads', async () => {
    const before = stored()
    for (const name of [
      '-x',
      '--output=x',
      '../../config',
      'a..b',
      'a.lock',
      'a b',
      'a\u0000b',
      'a\nb',
      '/a',
      'a/',
      '@{-1}',
      '.a',
      'refs/heads/../x',
      'a\\b',
      'a~1',
      'a^',
      'a:b',
      'x'.repeat(300),
    ]) {
      const main = await ada.put('/2.0/repositories/ada/web', { mainbranch: { name } })
      expect(main.status, name).toBe(400)
      const branch = await ada.post('/2.0/repositories/ada/web/refs/branches', { name, target: { hash: 'main' } })
      expect([400, 404], `${name}: ${branch.status}`).toContain(branch.status)
    }
    await quiet(server)
    expect(stored()).toEqual(before)
  })
})

it('makes nothing by a push to a name that is none', async () => {
  const before = [stored(), slugs()]
  for (const name of ['..', '.git', 'con', 'x.lock', 'a..b', '-x', 'a%2fb', 'Ünï', 'a%00b', '%20']) {
    const url = `${withLogin(server.url, 'ada', ADMIN.password).replace(/\/$/, '')}/ada/${name}.git`
    expect((await tryGit(join(dir, 'work'), ['push', url, 'main'])).code, name).not.toBe(0)
  }
  expect([stored(), slugs()]).toEqual(before)
  expect(existsSync(join(server.data, 'volumes', 'etc'))).toBe(false)
})
