// Deploy tokens: of one repository and of nobody, to read or to write, until they are revoked or the repository ends.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { basic, client, type Client, teammate } from '../helpers/client.ts'
import { commitFile, git, tryGit, withLogin } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { openReceiver, type Receiver } from '../helpers/receiver.ts'
import { closeSite, makeRepository, openSite, type Site } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

const AT = '/api/gitstead/1/repositories/ada/shop/deploy-tokens'
let site: Site
let ada: Client
let work: string
let receiver: Receiver

beforeAll(async () => {
  site = await openSite()
  receiver = await openReceiver()
  ;({ ada, work } = await makeRepository(site, 'shop'))
  await ada.post('/2.0/repositories/ada/open', { visibility: 'public' })
  await ada.put('/api/gitstead/1/settings', { allowed_hooks: ['127.0.0.1'] })
})
afterAll(async () => {
  await receiver.close()
  await closeSite(site)
})

async function make(wanted: Record<string, unknown>): Promise<{ id: string; secret: string }> {
  const made = await ada.post(AT, { name: 'build server', ...wanted })
  expect(made.status, made.text).toBe(201)
  return made.body as { id: string; secret: string }
}

const remote = (secret: string, repository = 'ada/shop'): string =>
  withLogin(`${site.server.url}/${repository}.git`, 'x-token-auth', secret)
const bearer = (secret: string): Client => client(site.server, { Authorization: `Bearer ${secret}` })
const read = async (secret: string): Promise<number> => (await bearer(secret).get('/2.0/repositories/ada/shop')).status

it('reads, and only reads, its one repository', async () => {
  const { secret } = await make({ permission: 'read' })
  expect(secret).toMatch(/^gsd_[\w-]{43}$/)
  expect(JSON.stringify(rows(site.server, 'select * from deploy_tokens'))).not.toContain(secret)
  expect((await tryGit(work, ['ls-remote', remote(secret)])).code).toBe(0)
  expect((await tryGit(work, ['push', remote(secret), 'main'])).stderr).toMatch(/lacks the scope repository:write/)
  expect((await tryGit(work, ['ls-remote', remote(secret, 'ada/none')])).code).not.toBe(0)
  const by = bearer(secret)
  expect((await by.get('/2.0/repositories/ada/shop')).body.permission).toBe('read')
  expect((await by.get('/2.0/repositories')).body.values.map((one: { slug: string }) => one.slug)).toEqual(['shop'])
  for (const path of ['/2.0/user', '/2.0/workspaces', '/2.0/workspaces/ada', AT, '/api/gitstead/1/settings'])
    expect((await by.get(path)).status, path).toBe(403)
  expect((await by.get('/2.0/repositories/ada/open')).status).toBe(404)
  expect((await client(site.server, basic('ada', secret)).get('/2.0/repositories/ada/shop')).status).toBe(401)
})

it('writes under its own name: in the list of pushes, in the audit log, to webhooks', async () => {
  await ada.post('/2.0/repositories/ada/shop/hooks', { url: receiver.url, events: ['repo:push'] })
  const { id, secret } = await make({ permission: 'write' })
  await commitFile(work, 'a.txt', 'a\n')
  await git(work, ['push', '-q', remote(secret), 'main'])
  const [push] = (await ada.get('/api/gitstead/1/pushes?repository=ada/shop')).body.values
  expect(push).toMatchObject({ actor: null, deploy_token: 'build server' })
  const [entry] = (await ada.get('/api/gitstead/1/admin/audit?kind=repo:push')).body.values
  expect(entry).toMatchObject({
    actor: { display_name: 'build server (deploy token)' },
    data: { deploy_token: { id, name: 'build server' } },
  })
  expect(await eventually(() => receiver.arrived.length === 1)).toBe(true)
  expect(JSON.parse(receiver.arrived[0]?.text ?? '{}').actor).toMatchObject({
    type: 'app_user',
    display_name: 'build server',
  })
  expect(
    (await bearer(secret).post('/2.0/repositories/ada/shop/refs/branches', { name: 'topic', target: { hash: 'main' } }))
      .status,
  ).toBe(201)
  for (const [method, path] of [
    ['PUT', '/2.0/repositories/ada/shop'],
    ['DELETE', '/2.0/repositories/ada/shop'],
    ['POST', AT],
    ['POST', '/2.0/repositories/ada/made'],
  ] as const)
    expect((await bearer(secret).call(method, path, {})).status, `${method} ${path}`).toBe(403)
  expect((await tryGit(work, ['push', remote(secret, 'ada/made'), 'main'])).code).not.toBe(0)
  const listed = (await ada.get(AT)).body.values.find((one: { id: string }) => one.id === id)
  expect(listed).toMatchObject({ permission: 'write', created_by: 'ada' })
  expect(
    await eventually(async () =>
      (await ada.get(AT)).body.values.some(
        (one: { id: string; last_used_on: string | null }) => one.id === id && one.last_used_on !== null,
      ),
    ),
  ).toBe(true)
})

it('goes on without the person who made it, and ends when it is revoked, expires, or the repository ends', async () => {
  const eve = await teammate(site.server, ada, {
    name: 'eve',
    grants: [{ repository: 'ada/shop', permission: 'admin' }],
  })
  const made = await eve.post(AT, { name: 'of eve', permission: 'read' })
  await ada.patch('/api/gitstead/1/people/eve', { state: 'disabled' })
  expect(await read(made.body.secret)).toBe(200)
  expect((await ada.delete(`${AT}/${made.body.id}`)).status).toBe(204)
  expect((await ada.delete(`${AT}/${made.body.id}`)).status).toBe(404)
  expect(await read(made.body.secret)).toBe(401)

  const soon = new Date(Date.now() + 1500).toISOString()
  const short = await make({ expires_on: soon })
  expect(await eventually(async () => (await read(short.secret)) === 401)).toBe(true)
  expect((await ada.post(AT, { name: 'late', expires_on: '2020-01-01T00:00:00Z' })).status).toBe(400)

  const last = await make({})
  // Another repository's admin does not reach it by its id.
  expect((await ada.delete(`/api/gitstead/1/repositories/ada/open/deploy-tokens/${last.id}`)).status).toBe(404)
  expect(await read(last.secret)).toBe(200)
  await ada.delete('/2.0/repositories/ada/shop')
  expect(await read(last.secret)).toBe(401)
  expect(rows(site.server, 'select * from deploy_tokens')).toEqual([])
})

it('is for admins of the repository alone', async () => {
  const will = await teammate(site.server, ada, {
    name: 'will',
    grants: [{ repository: 'ada/open', permission: 'write' }],
  })
  const at = AT.replace('/shop/', '/open/')
  expect((await will.get(at)).status).toBe(403)
  expect((await will.post(at, { name: 'x' })).status).toBe(403)
  expect((await client(site.server).get(at)).status).toBe(401)
})
