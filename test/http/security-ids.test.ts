// An id of another repository, workspace or person opens nothing and changes nothing, wherever it is put.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../helpers/client.ts'
import { git, makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { digest, makeWorld, passwordOf, PEOPLE, quiet } from '../helpers/world.ts'

const OWN = '/api/gitstead/1'
const TEAM = '/2.0/repositories/team/private'
const SECRET = 'topsecret'

let server: Server
let dir: string
let olga: Client
let stan: Client

beforeAll(async () => {
  server = await startServer()
  dir = tempDir()
  ;({ owner: olga, stranger: stan } = (await makeWorld(server, dir)).clients)
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

async function must(answer: Promise<{ status: number; text: string; body: unknown }>): Promise<Made> {
  const { status, text, body } = await answer
  expect(status, text).toBeLessThan(300)
  return body as Made
}
// oxlint-disable-next-line typescript/no-explicit-any -- answers of many shapes, looked into by each test
type Made = any

/** What Stan has: each thing of it is named by an id, and no id of it may serve in Olga's team. */
interface Foreign {
  repository: string
  oid: string
  blob: string
  tree: string
  project: string
  group: string
  session: string
  app: string
  invitation: string
  importId: string
  next: string
}
let foreign: Foreign

async function makeForeign(): Promise<Foreign> {
  await must(stan.post(`${OWN}/workspaces`, { slug: 'rival', name: 'Rival' }))
  const repository = await must(stan.post('/2.0/repositories/rival/secret', { visibility: 'private' }))
  const work = join(dir, 'rival')
  await makeWork(work, { 'secret.txt': `${SECRET}\n`, 'more.txt': `${SECRET}\n` })
  await git(work, ['commit', '-q', '--allow-empty', '-m', SECRET])
  const remote = withLogin(`${server.url}/rival/secret.git`, PEOPLE.stranger, passwordOf('stranger'))
  await git(work, ['push', '-q', remote, 'main', 'main:refs/heads/only-there', 'main:refs/tags/only-there'])
  const sessions = await must(stan.get(`${OWN}/sessions`))
  const wanted = { label: 'x', scopes: ['repository:admin', 'account'] }
  const imported = { url: 'http://198.51.100.1/a.git', workspace: 'rival', name: 'imported' }
  const [page] = [await must(stan.get('/2.0/repositories/rival/secret/commits?pagelen=1'))]
  return {
    repository: repository.uuid,
    oid: await git(work, ['rev-parse', 'main']),
    blob: await git(work, ['rev-parse', 'main:secret.txt']),
    tree: await git(work, ['rev-parse', 'main^{tree}']),
    project: (await must(stan.post('/2.0/workspaces/rival/projects', { key: 'SPY', name: 'Spies' }))).uuid,
    group: (await must(stan.post(`${OWN}/groups`, { workspace: 'rival', name: 'spies' }))).uuid,
    session: sessions.values[0].id,
    app: (await must(stan.post(`${OWN}/app-passwords`, wanted))).id,
    invitation: (await must(stan.post(`${OWN}/invitations`, { workspace: 'rival', role: 'member' }))).id,
    importId: (await must(stan.post(`${OWN}/imports`, imported))).id,
    next: new URL(page.next).search,
  }
}

type Try = [status: number, method: string, path: string, body?: unknown]

/** Every place of an API path or body that takes an id or a name, filled with Stan's, called by Olga. */
function tries(f: Foreign): Try[] {
  const commits = [f.oid, f.oid.slice(0, 12), 'only-there', 'refs/heads/only-there'].flatMap((rev): Try[] => [
    [404, 'GET', `${TEAM}/commit/${encodeURIComponent(rev)}`],
    [404, 'GET', `${TEAM}/commits/${rev}`],
    [404, 'GET', `${TEAM}/commits?include=${rev}`],
    [404, 'GET', `${TEAM}/commits?exclude=${rev}`],
    [404, 'POST', `${TEAM}/commits`, { include: [rev] }],
    [404, 'GET', `${TEAM}/src/${rev}/`],
    [404, 'GET', `${TEAM}/src/${rev}/secret.txt`],
    [404, 'GET', `${TEAM}/filehistory/${rev}/secret.txt`],
    [404, 'GET', `${TEAM}/diff/${rev}`],
    [404, 'GET', `${TEAM}/diff/main..${rev}`],
    [404, 'GET', `${TEAM}/diff/${rev}..main`],
    [404, 'GET', `${TEAM}/diffstat/${rev}`],
    [404, 'GET', `${TEAM}/patch/${rev}`],
    [404, 'GET', `${TEAM}/merge-base/main..${rev}`],
    [400, 'POST', `${TEAM}/refs/branches`, { name: 'stolen', target: { hash: rev } }],
    [400, 'POST', `${TEAM}/refs/tags`, { name: 'stolen', target: { hash: rev } }],
  ])
  const objects = [f.blob, f.tree].flatMap((oid): Try[] => [
    [404, 'GET', `${TEAM}/src/${oid}/`],
    [404, 'GET', `${TEAM}/commit/${oid}`],
  ])
  const named: Try[] = [
    ...['branches', 'tags'].flatMap((kind): Try[] => [
      [404, 'GET', `${TEAM}/refs/${kind}/only-there`],
      [404, 'DELETE', `${TEAM}/refs/${kind}/only-there`],
    ]),
    ...['spies', f.group].flatMap((group): Try[] => [
      [404, 'GET', `${TEAM}/permissions-config/groups/${group}`],
      [404, 'PUT', `${TEAM}/permissions-config/groups/${group}`, { permission: 'admin' }],
      [404, 'DELETE', `${TEAM}/permissions-config/groups/${group}`],
    ]),
    ...['SPY', f.project].flatMap((project): Try[] => [
      [404, 'GET', `/2.0/workspaces/team/projects/${project}`],
      [404, 'PUT', `/2.0/workspaces/team/projects/${project}`, { name: 'Mine' }],
      [404, 'DELETE', `/2.0/workspaces/team/projects/${project}`],
      [400, 'PUT', TEAM, { project: { key: project } }],
      [400, 'POST', '/2.0/repositories/team/new', { project: { key: project } }],
    ]),
    [404, 'GET', `${TEAM}/permissions-config/users/${PEOPLE.stranger}`],
    [404, 'GET', `/2.0/workspaces/team/members/${PEOPLE.stranger}`],
    [404, 'DELETE', `${OWN}/workspaces/team/members/${PEOPLE.stranger}`],
    [404, 'DELETE', `${OWN}/groups/${f.group}`],
    [404, 'PUT', `${OWN}/groups/${f.group}/members/${PEOPLE.owner}`],
    [404, 'DELETE', `${OWN}/groups/${f.group}/members/${PEOPLE.stranger}`],
  ]
  const personal: Try[] = [
    [404, 'DELETE', `${OWN}/sessions/${f.session}`],
    [404, 'DELETE', `${OWN}/app-passwords/${f.app}`],
    [404, 'DELETE', `${OWN}/invitations/${f.invitation}`],
    [404, 'GET', `${OWN}/imports/${f.importId}`],
    [404, 'DELETE', `${OWN}/imports/${f.importId}`],
    [400, 'POST', `${OWN}/app-passwords`, { label: 'x', scopes: ['repository'], repository: 'rival/secret' }],
    [400, 'POST', `${OWN}/invitations`, { workspace: 'rival', role: 'collaborator' }],
    [
      400,
      'POST',
      `${OWN}/invitations`,
      { workspace: 'team', role: 'collaborator', grants: [{ repository: 'rival/secret', permission: 'read' }] },
    ],
    [400, 'POST', `${OWN}/imports`, { url: 'https://example.com/a.git', workspace: 'rival', name: 'x' }],
    [403, 'POST', `${OWN}/groups`, { workspace: 'rival', name: 'mine' }],
  ]
  const places = ['team', 'rival', '{}', PEOPLE.owner]
  const repositories: Try[] = [
    ...places.map((place): Try => [404, 'GET', `/2.0/repositories/${place}/${encodeURIComponent(f.repository)}`]),
    [404, 'GET', '/2.0/repositories/rival/secret/src/main/secret.txt'],
    [404, 'GET', '/2.0/repositories/rival'],
    [404, 'PUT', '/2.0/repositories/rival/secret', { visibility: 'public' }],
    [404, 'DELETE', '/2.0/repositories/rival/secret'],
    [404, 'POST', '/2.0/repositories/rival/planted', {}],
    [404, 'GET', '/2.0/workspaces/rival'],
    [400, 'GET', `${OWN}/pushes?repository=rival/secret`],
    [400, 'GET', `${OWN}/pushes?repository=team/${encodeURIComponent(f.repository)}`],
    [400, 'GET', `${OWN}/live?repository=rival/secret`],
  ]
  return [...commits, ...objects, ...named, ...personal, ...repositories]
}

describe('an id of another repository, workspace or person', () => {
  it('opens and changes nothing, wherever it is put', async () => {
    foreign = await makeForeign()
    await must(stan.delete(`${OWN}/imports/${foreign.importId}`))
    await quiet(server)
    // The half-filled repository of the import is taken away after its job has ended.
    const scratch = join(server.data, 'volumes', 'main', 'scratch')
    const tidy = async (): Promise<boolean> =>
      (await stan.get('/2.0/repositories/rival/imported')).status === 404 && readdirSync(scratch).length === 0
    expect(await eventually(tidy)).toBe(true)
    await quiet(server)
    const before = digest(server)
    const wrong: string[] = []
    for (const [status, method, path, body] of tries(foreign)) {
      const answer = await olga.call(method, path, body ?? (method === 'PUT' ? {} : undefined))
      if (answer.status !== status || answer.text.includes(SECRET))
        wrong.push(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 200)}`)
    }
    expect(wrong).toEqual([])
    expect(digest(server)).toEqual(before)
  })

  it('does not go on in a list that was begun elsewhere', async () => {
    const answer = await olga.get(`${TEAM}/commits${foreign.next}`)
    expect(answer.text).not.toContain(SECRET)
    const own = await olga.get(`${TEAM}/commits`)
    const known = new Set(own.body.values.map(({ hash }: { hash: string }) => hash))
    for (const { hash } of answer.body.values ?? []) expect(known).toContain(hash)
  })

  it('is in no list of what somebody may see', async () => {
    const lists = [
      '/2.0/repositories',
      '/2.0/workspaces',
      `${OWN}/pushes?limit=100`,
      `${OWN}/groups`,
      `${OWN}/groups?workspace=rival`,
      `${OWN}/invitations`,
      `${OWN}/imports`,
      `${OWN}/sessions`,
      `${OWN}/app-passwords`,
    ]
    const ids = [foreign.repository, foreign.group, foreign.session, foreign.app, foreign.invitation, 'rival', SECRET]
    for (const path of lists) {
      const answer = await olga.get(path)
      expect(answer.status, path).toBe(200)
      for (const id of ids) expect(answer.text, path).not.toContain(id)
    }
  })

  it('gives git no commit of it, by whatever address', async () => {
    const own = withLogin(`${server.url}/team/private.git`, PEOPLE.owner, passwordOf('owner'))
    const work = join(dir, 'work')
    for (const version of [0, 2]) {
      const speak = ['-c', `protocol.version=${version}`]
      expect((await tryGit(work, [...speak, 'fetch', own, foreign.oid])).code).not.toBe(0)
      for (const place of ['team', 'rival', '{}']) {
        const remote = withLogin(`${server.url}/${place}/${foreign.repository}`, PEOPLE.owner, passwordOf('owner'))
        expect((await tryGit(work, [...speak, 'ls-remote', remote])).stderr).toMatch(/There is nothing here/)
      }
    }
    expect((await tryGit(work, ['cat-file', '-e', foreign.oid])).code).not.toBe(0)
  })
})
