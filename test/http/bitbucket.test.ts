// The npm client `bitbucket`, unmodified, against our server: every operation of it that a route of ours answers.
// A new route whose operation has no call here fails; a call is one line.
import { join } from 'node:path'
import { Bitbucket } from 'bitbucket'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { git } from '../helpers/git.ts'
import { remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { TARGETS } from '../helpers/targets.ts'
import { makeWorld, passwordOf, PEOPLE, type World } from '../helpers/world.ts'

interface Operation {
  // oxlint-disable-next-line typescript/no-explicit-any -- the client's data, looked into by each call
  (params: Record<string, unknown>): Promise<{ status: number; data: any; headers: Record<string, string> }>
  endpoint: { DEFAULTS: { method: string; url: string } }
}
type Api = Record<string, Record<string, Operation>>

let server: Server
let dir: string
let world: World
let api: Api

beforeAll(async () => {
  server = await startServer()
  dir = tempDir()
  world = await makeWorld(server, dir)
  api = connect(PEOPLE.owner, passwordOf('owner'))
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

function connect(username: string, password: string): Api {
  const auth = { username, password }
  return new Bitbucket({ baseUrl: `${server.url}/2.0`, auth, notice: false })
}

/** Each operation once, by its method and address; a client has some under several names. */
function operations(): Map<string, string[]> {
  const all = new Map<string, string[]>()
  const found: Api = new Bitbucket({ baseUrl: 'http://127.0.0.1/2.0', notice: false })
  for (const [area, inside] of Object.entries(found))
    for (const [name, operation] of Object.entries(typeof inside === 'object' ? inside : {})) {
      const { method, url } = operation.endpoint?.DEFAULTS ?? {}
      if (url === undefined || method === undefined) continue
      const key = `${method} ${url.replace(/\{\?.*\}$/, '')}`
      all.set(key, [...(all.get(key) ?? []), `${area}.${name}`])
    }
  return all
}

const PATTERNS = TARGETS.filter(({ git, path }) => !git && path.startsWith('/2.0/')).map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.slice(4).replace(/\./g, '\\.').replace(/:\w+/g, '[^/]+').replace(/\*\w+/g, '.+')}$`),
}))

/** Whether a route answers where the client asks. */
function answered(key: string): boolean {
  const [method = '', url = ''] = key.split(' ', 2)
  const sample = url.replace(/\{\w+\}/g, 'x')
  return PATTERNS.some((one) => one.method === method && one.pattern.test(sample))
}

const at = { workspace: 'team', repo_slug: 'private' }
const fresh = { workspace: 'team', repo_slug: 'made' }
const rita = { selected_user_id: PEOPLE.reader }
const project = { workspace: 'team', project_key: 'NEW' }

let hook = ''
/** Read when the client asks: the hook is made by an earlier call. */
const hookOf = (where: Record<string, unknown>, more: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.defineProperty({ ...where, ...more }, 'uid', { enumerable: true, get: () => hook })
const wanted = { url: 'https://example.com/', events: ['repo:push'], active: false }

interface Call {
  name: string
  params: Record<string, unknown>
  // oxlint-disable-next-line typescript/no-explicit-any -- the client's data, looked into by each call
  check?: (data: any) => unknown
}

const call = (name: string, params: Call['params'] = {}, check?: Call['check']): Call =>
  check ? { name, params, check } : { name, params }

/** In order: what one makes, others read, and the last ones remove. A check gives what must be true. */
const CALLS: Call[] = [
  call('user.get', {}, (data) => data.username === 'olga'),
  call('users.get', { selected_user: 'rita' }, (data) => data.display_name === 'rita'),
  call('workspaces.getWorkspaces', {}, (data) => data.values.some(({ slug }: { slug: string }) => slug === 'team')),
  call('workspaces.getWorkspace', at, (data) => data.slug === 'team'),
  call('workspaces.getMembersForWorkspace', at, (data) => data.values.length === 3),
  call('workspaces.getMemberForWorkspace', { ...at, member: 'mia' }, (data) => data.user.nickname === 'mia'),
  call('workspaces.getProjects', at, (data) => data.values[0].key === 'MAIN'),
  call('projects.createProject', { ...at, _body: { key: 'NEW', name: 'New' } }, (data) => data.key === 'NEW'),
  call('projects.getProject', project, (data) => data.name === 'New'),
  call(
    'projects.createOrUpdateProject',
    { ...project, _body: { key: 'NEW', name: 'Newer' } },
    (data) => data.name === 'Newer',
  ),
  call('projects.deleteProject', project),
  call(
    'repositories.create',
    { ...fresh, _body: { scm: 'git', is_private: true, description: 'd' } },
    (data) => data.is_private,
  ),
  call('repositories.get', at, (data) => data.full_name === 'team/private' && data.mainbranch.name === 'main'),
  call('repositories.listGlobal', { role: 'member', pagelen: 2 }, (data) => data.values.length === 2 && data.next),
  call('repositories.list', { ...at, q: 'name = "made"', sort: '-created_on' }, (data) => data.values.length === 1),
  call(
    'repositories.update',
    { ...fresh, _body: { description: 'changed' } },
    (data) => data.description === 'changed',
  ),
  call(
    'repositories.createSrcFileCommit',
    { ...fresh, _body: { '/docs/a.txt': 'a\n', message: 'By the client', branch: 'main' } },
    (data) => data.type === 'commit' && data.message === 'By the client\n',
  ),
  call('repositories.readSrc', { ...fresh, commit: 'main', path: 'docs/a.txt' }, (data) => data === 'a\n'),
  call('repositories.listWatchers', at, (data) => Array.isArray(data.values)),
  call('repositories.listForks', at, (data) => data.values.length === 0),
  call(
    'repositories.updateUserPermission',
    { ...fresh, ...rita, _body: { permission: 'write' } },
    (data) => data.permission === 'write',
  ),
  call('repositories.getUserPermission', { ...fresh, ...rita }, (data) => data.user.nickname === 'rita'),
  call('repositories.listUserPermissions', fresh, (data) => data.values.length === 2),
  call('repositories.deleteUserPermission', { ...fresh, ...rita }),
  call(
    'repositories.updateGroupPermission',
    { ...fresh, group_slug: 'crew', _body: { permission: 'read' } },
    (data) => data.group.slug === 'crew',
  ),
  call('repositories.getGroupPermission', { ...fresh, group_slug: 'crew' }, (data) => data.permission === 'read'),
  call('repositories.listGroupPermissions', fresh, (data) => data.values.length === 1),
  call('repositories.deleteGroupPermission', { ...fresh, group_slug: 'crew' }),
  call(
    'refs.createBranch',
    { ...at, _body: { name: 'feature/one', target: { hash: 'main' } } },
    (data) => data.name === 'feature/one',
  ),
  call('refs.getBranch', { ...at, name: 'feature/one' }, (data) => data.target.hash.length === 40),
  call('refs.listBranches', { ...at, q: 'name ~ "feature"' }, (data) => data.values.length === 1),
  call('refs.createTag', { ...at, _body: { name: 'v1.0', target: { hash: 'main' } } }, (data) => data.type === 'tag'),
  call('refs.getTag', { ...at, name: 'v1.0' }, (data) => data.name === 'v1.0'),
  call('refs.listTags', at, (data) => data.values.length === 2),
  call('refs.list', at, (data) => data.values.length === 6),
  call('branching_model.get', at, (data) => data.development.name === 'main'),
  call('repositories.readSrcRoot', at, (data) =>
    data.values.some(({ path }: { path: string }) => path === 'README.md'),
  ),
  call('repositories.readSrc', { ...at, commit: 'main', path: 'src/a.txt' }, (data) => data === 'a\n'),
  call('repositories.readSrc', { ...at, commit: 'feature/one', path: 'src' }, (data) => data.values.length === 1),
  call(
    'repositories.listFileHistory',
    { ...at, commit: 'main', path: 'src/a.txt' },
    (data) => data.values.length === 1,
  ),
  call('commits.list', at, (data) => data.values.length === 2),
  call('commits.listAlt', { ...at, include: 'main' }, (data) => data.values.length === 2),
  call(
    'commits.listAtAlt',
    { ...at, revision: 'main', _body: { exclude: ['main'] } },
    (data) => data.values.length === 0,
  ),
  call('commits.listAt', { ...at, revision: 'feature/one' }, (data) => data.values.length === 2),
  call('commits.get', { ...at, commit: 'main' }, (data) => data.type === 'commit' && data.parents.length === 1),
  call('commits.getDiff', { ...at, spec: 'main' }, (data) => data.startsWith('diff --git')),
  call('commits.getPatch', { ...at, spec: 'main' }, (data) => data.startsWith('From ')),
  call('repositories.listDiffStats', { ...at, spec: 'main' }, (data) => data.values[0].status === 'added'),
  call('repositories.getMergeBase', { ...at, revspec: 'main..feature/one' }, (data) => data.hash.length === 40),
  call('refs.deleteBranch', { ...at, name: 'feature/one' }),
  call('refs.deleteTag', { ...at, name: 'v1.0' }),
  call('hook_events.getAllSubjectTypes', {}, (data) => data.workspace.links.events.href),
  call('hook_events.list', { subject_type: 'repository' }, (data) => data.values[0].event === 'repo:push'),
  call('repositories.createWebhook', { ...at, _body: wanted }, (data) => (hook = data.uuid)),
  call('repositories.getWebhook', hookOf(at), (data) => data.subject.full_name === 'team/private'),
  call('repositories.listWebhooks', at, (data) => data.values.length === 1),
  call('repositories.updateWebhook', hookOf(at, { _body: { secret: 's' } }), (data) => data.secret_set),
  call('repositories.deleteWebhook', hookOf(at)),
  call('workspaces.createWebhookForWorkspace', { ...at, _body: wanted }, (data) => (hook = data.uuid)),
  call('workspaces.getWebhookForWorkspace', hookOf(at), (data) => data.subject_type === 'workspace'),
  call('workspaces.getWebhooksForWorkspace', at, (data) => data.values.length === 1),
  call(
    'workspaces.updateWebhookForWorkspace',
    hookOf(at, { _body: { description: 'd' } }),
    (d) => d.description === 'd',
  ),
  call('workspaces.deleteWebhookForWorkspace', hookOf(at)),
  call('repositories.delete', fresh),
]

describe('the client bitbucket', () => {
  it.each(CALLS)('$name', async ({ name, params, check }) => {
    const [area = '', verb = ''] = name.split('.')
    const answer = await api[area]?.[verb]?.(params)
    expect(answer?.status).toBeLessThan(300)
    if (check) expect(check(answer?.data), JSON.stringify(answer?.data)?.slice(0, 500)).toBeTruthy()
  })

  it('is told what is wrong in the form that it knows', async () => {
    await expect(api['repositories']?.['get']?.({ workspace: 'team', repo_slug: 'nothing' })).rejects.toMatchObject({
      status: 404,
      error: { type: 'error', error: { message: expect.stringMatching(/nothing here/) } },
    })
    const stranger = connect(PEOPLE.stranger, passwordOf('stranger'))
    await expect(stranger['repositories']?.['get']?.(at)).rejects.toMatchObject({ status: 404 })
    await expect(
      stranger['repositories']?.['update']?.({ ...at, repo_slug: 'public', _body: {} }),
    ).rejects.toMatchObject({ status: 403 })
  })

  it('gets from one page to the next, by braced UUIDs, and clones what it is told', async () => {
    const first = await api['repositories']?.['list']?.({ workspace: 'team', pagelen: 2 })
    const next = await world.clients.owner.get(first?.data.next.replace(server.url, ''))
    expect(next.body.values).toHaveLength(1)
    const [one] = first?.data.values ?? []
    const again = await api['repositories']?.['get']?.({ workspace: one?.workspace.uuid, repo_slug: one?.uuid })
    const [clone] = again?.data.links.clone ?? []
    const url = new URL(clone.href)
    url.username = PEOPLE.owner
    url.password = encodeURIComponent(passwordOf('owner'))
    await git(dir, ['clone', '-q', url.href, 'cloned'])
    expect(await git(join(dir, 'cloned'), ['rev-parse', 'HEAD'])).toBe(world.commit)
  })

  it('finds every operation called here that a route answers', () => {
    const all = operations()
    const covered = [...all].filter(([key]) => answered(key))
    const called = new Set(CALLS.map(({ name }) => name))
    console.log(`${covered.length} of ${all.size} operations covered`)
    expect(all.size).toBe(295)
    expect(
      covered
        .filter(([, names]) => !names.some((name) => called.has(name)))
        .map(([key, names]) => `${key}: ${names.join(', ')}`),
    ).toEqual([])
    expect(CALLS.filter(({ name }) => !covered.some(([, names]) => names.includes(name)))).toEqual([])
  })
})
