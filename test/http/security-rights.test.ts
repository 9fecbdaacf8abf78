// Rights end when they end, by every way in; the last who may do something stays; a name that was left tells nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, type Client, client, signIn, teammate } from '../helpers/client.ts'
import { raw } from '../helpers/raw.ts'
import { remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { makeWorld, passwordOf, PEOPLE, rows, type World } from '../helpers/world.ts'

const OWN = '/api/gitstead/1'
const TEAM = '/2.0/repositories/team/private'

let server: Server
let dir: string
let world: World
let ada: Client
let olga: Client

beforeAll(async () => {
  server = await startServer()
  dir = tempDir()
  world = await makeWorld(server, dir)
  ada = world.clients.site
  olga = world.clients.owner
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

// ── the last who may ──

const count = (sql: string): unknown => rows(server, `select count(*) as n from ${sql}`)[0]?.['n']
const admins = (): unknown => count("users where is_admin = 1 and state = 'active'")
const owners = (): unknown =>
  count("members m join workspaces w on w.id = m.workspace_id where w.slug = 'team' and m.role = 'owner'")

describe('the last admin, and the last owner', () => {
  it('cannot be disabled or demoted, not even by another at the same moment', async () => {
    for (const change of [{ is_admin: false }, { state: 'disabled' }, { is_admin: false, state: 'disabled' }])
      expect((await ada.patch(`${OWN}/people/ada`, change)).status).toBe(409)
    await must(ada.patch(`${OWN}/people/olga`, { is_admin: true }))
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, i) => [
        ada.patch(`${OWN}/people/olga`, i % 2 === 0 ? { is_admin: false } : { state: 'disabled' }),
        olga.patch(`${OWN}/people/ada`, { is_admin: false }),
      ]).flat(),
    )
    expect(admins()).toBe(1)
    expect(all.some(({ status }) => status === 200)).toBe(true)
    const left = (await ada.get(`${OWN}/people`)).status === 200 ? ada : olga
    await must(left.patch(`${OWN}/people/ada`, { is_admin: true, state: 'active' }))
    await must(ada.patch(`${OWN}/people/olga`, { is_admin: false, state: 'active' }))
    olga = await signIn(server, PEOPLE.owner, passwordOf('owner'))
  })

  it('of a workspace cannot be demoted or removed, and nobody from their own', async () => {
    const at = `${OWN}/workspaces/team/members`
    for (const role of ['member', 'collaborator']) expect((await olga.put(`${at}/olga`, { role })).status).toBe(409)
    expect((await olga.delete(`${at}/olga`)).status).toBe(409)
    expect((await ada.delete(`${OWN}/workspaces/stan/members/stan`)).status).toBe(409)
    await must(olga.put(`${at}/mia`, { role: 'owner' }))
    const mia = world.clients.member
    await Promise.all(
      Array.from({ length: 10 }, () => [olga.delete(`${at}/mia`), mia.put(`${at}/olga`, { role: 'member' })]).flat(),
    )
    expect(owners()).toBe(1)
    await must(ada.put(`${at}/olga`, { role: 'owner' }))
    await must(ada.put(`${at}/mia`, { role: 'member' }))
  })
})

// ── the very next request ──

interface Person {
  name: string
  browser: Client
  token: Client
  secret: string
}

async function person(name: string, by: Client, where: object = {}): Promise<Person> {
  const browser = await teammate(server, by, { name, ...where })
  const made = await must(browser.post(`${OWN}/app-passwords`, { label: 'x', scopes: ['repository:write'] }))
  return { name, browser, secret: made.secret, token: client(server, { Authorization: `Bearer ${made.secret}` }) }
}

async function gitStatus(who: Record<string, string>, service: string, slug: string): Promise<[number, number]> {
  const at = `/team/${slug}.git`
  const told = await raw(server, { path: `${at}/info/refs?service=${service}`, headers: who })
  const type = { 'Content-Type': `application/x-${service}-request` }
  const body = '0000'
  const done = await raw(server, { method: 'POST', path: `${at}/${service}`, headers: { ...who, ...type }, body })
  return [told.status, done.status]
}

/** What every way in answers now: pages' data, the API by token, lists, git by token and by password. */
async function ways(who: Person, slug = 'private'): Promise<Record<string, number | boolean>> {
  const at = `/2.0/repositories/team/${slug}`
  const byToken = basic(who.name, who.secret)
  const byPassword = basic(who.name, `${who.name} has a password`)
  const [told, fetched] = await gitStatus(byToken, 'git-upload-pack', slug)
  const [toldToPush, pushed] = await gitStatus(byToken, 'git-receive-pack', slug)
  const [, pushedByPassword] = await gitStatus(byPassword, 'git-receive-pack', slug)
  const listed = await who.browser.get('/2.0/repositories?pagelen=100')
  const pushes = await who.browser.get(`${OWN}/pushes?repository=team/${slug}`)
  return {
    page: (await who.browser.get(at)).status,
    source: (await who.browser.get(`${at}/src/main/README.md`)).status,
    token: (await who.token.get(`${at}/commits`)).status,
    listed: (listed.body.values ?? []).some(({ full_name }: { full_name: string }) => full_name === `team/${slug}`),
    pushes: pushes.status,
    told,
    fetched,
    toldToPush,
    pushed,
    pushedByPassword,
  }
}

const READ = { page: 200, source: 200, token: 200, listed: true, pushes: 200, told: 200, fetched: 200 }
const WRITES = { ...READ, toldToPush: 200, pushed: 200, pushedByPassword: 200 }
const READS = { ...READ, toldToPush: 403, pushed: 403, pushedByPassword: 403 }
const HIDDEN = { page: 404, source: 404, token: 404, listed: false, pushes: 400, told: 404, fetched: 404 }
const NOTHING = { ...HIDDEN, toldToPush: 404, pushed: 404, pushedByPassword: 404 }
const grant = (kind: string, name: string, permission: string | null): Promise<unknown> => {
  const at = `${TEAM}/permissions-config/${kind}/${name}`
  return must(permission === null ? olga.delete(at) : olga.put(at, { permission }))
}

async function status({ secret }: { secret: string }): Promise<number[]> {
  const { status: page } = await client(server, { Authorization: `Bearer ${secret}` }).get(
    '/2.0/repositories/team/bound',
  )
  return [page, ...(await gitStatus(basic('pam', secret), 'git-upload-pack', 'bound'))]
}

describe('on the very next request, by every way in,', () => {
  it('a member who was removed is nobody, and one who became a collaborator has what was given to them', async () => {
    const max = await person('max', olga, { workspace: 'team', role: 'member' })
    expect(await ways(max)).toEqual(WRITES)
    await must(olga.put(`${OWN}/workspaces/team/members/max`, { role: 'collaborator' }))
    expect(await ways(max)).toEqual(NOTHING)
    await must(olga.put(`${OWN}/workspaces/team/members/max`, { role: 'member' }))
    await grant('users', 'max', 'read')
    expect(await ways(max)).toEqual(READS)
    await must(olga.delete(`${OWN}/workspaces/team/members/max`))
    expect(await ways(max)).toEqual(NOTHING)
    expect((await max.browser.get('/2.0/workspaces/team')).status).toBe(404)
    // Coming back gives nothing back that was given before.
    await must(olga.put(`${OWN}/workspaces/team/members/max`, { role: 'collaborator' }))
    expect(await ways(max)).toEqual(NOTHING)
  })

  it('a group member who was taken out, and all of a group that is less or is gone', async () => {
    const gil = await person('gil', ada)
    const group = await must(olga.post(`${OWN}/groups`, { workspace: 'team', name: 'guild' }))
    const member = `${OWN}/groups/${group.uuid}/members/gil`
    await must(olga.put(member))
    expect(await ways(gil)).toEqual(NOTHING)
    await grant('groups', 'guild', 'write')
    expect(await ways(gil)).toEqual(WRITES)
    await grant('groups', 'guild', 'read')
    expect(await ways(gil)).toEqual(READS)
    await must(olga.delete(member))
    expect(await ways(gil)).toEqual(NOTHING)
    await must(olga.put(member))
    expect(await ways(gil)).toEqual(READS)
    // What is given to a person counts before what their groups have, also when it is nothing.
    await grant('users', 'gil', 'none')
    expect(await ways(gil)).toEqual(NOTHING)
    await grant('users', 'gil', null)
    expect(await ways(gil)).toEqual(READS)
    await grant('groups', 'guild', null)
    expect(await ways(gil)).toEqual(NOTHING)
    await grant('groups', 'guild', 'read')
    await must(olga.delete(`${OWN}/groups/${group.uuid}`))
    expect(await ways(gil)).toEqual(NOTHING)
    // A new group of the same name is another group.
    await must(olga.post(`${OWN}/groups`, { workspace: 'team', name: 'guild' }))
    expect(await ways(gil)).toEqual(NOTHING)
  })

  it('a grant that was lowered or taken back', async () => {
    const gus = await person('gus', ada)
    await grant('users', 'gus', 'write')
    expect(await ways(gus)).toEqual(WRITES)
    await grant('users', 'gus', 'read')
    expect(await ways(gus)).toEqual(READS)
    await grant('users', 'gus', null)
    expect(await ways(gus)).toEqual(NOTHING)
  })

  it('an account that is disabled, with its sessions ended for good', async () => {
    const dan = await person('dan', ada)
    await grant('users', 'dan', 'write')
    expect(await ways(dan)).toEqual(WRITES)
    await must(ada.patch(`${OWN}/people/dan`, { state: 'disabled' }))
    const { listed, ...others } = await ways(dan)
    expect(listed).toBe(false)
    expect(others).toEqual({ ...mapped(others, 401), pushes: 400 })
    await must(ada.patch(`${OWN}/people/dan`, { state: 'active' }))
    const { page, source, pushes, listed: again, ...tokens } = await ways(dan)
    expect([page, source, pushes, again]).toEqual([401, 401, 400, false])
    expect(tokens).toEqual(mapped(tokens, 200))
  })

  it('an admin who is one no longer', async () => {
    const amy = await person('amy', ada)
    await must(ada.patch(`${OWN}/people/amy`, { is_admin: true }))
    expect(await ways(amy)).toEqual(WRITES)
    await must(ada.patch(`${OWN}/people/amy`, { is_admin: false }))
    expect(await ways(amy)).toEqual(NOTHING)
  })

  it('an app password that was revoked, and one whose repository was made private or is gone', async () => {
    await must(olga.post('/2.0/repositories/team/bound', { visibility: 'internal' }))
    const pam = await person('pam', ada)
    const wanted = { label: 'x', scopes: ['repository'], repository: 'team/bound' }
    const one = await must(pam.browser.post(`${OWN}/app-passwords`, wanted))
    const two = await must(pam.browser.post(`${OWN}/app-passwords`, { ...wanted, repository: undefined }))
    expect([await status(one), await status(two)]).toEqual([
      [200, 200, 200],
      [200, 200, 200],
    ])
    await must(pam.browser.delete(`${OWN}/app-passwords/${two.id}`))
    expect(await status(two)).toEqual([401, 401, 401])
    await must(olga.put('/2.0/repositories/team/bound', { visibility: 'private' }))
    expect(await status(one)).toEqual([404, 404, 404])
    await must(olga.delete('/2.0/repositories/team/bound'))
    expect(await status(one)).toEqual([401, 401, 401])
    // A repository of the same name is another one.
    await must(olga.post('/2.0/repositories/team/bound', { visibility: 'internal' }))
    expect(await status(one)).toEqual([401, 401, 401])
  })
})

function mapped(keys: object, value: number): Record<string, number> {
  return Object.fromEntries(Object.keys(keys).map((key) => [key, value]))
}

// ── names and visibility ──

const guest = (): Client => client(server)

async function asGuest(slug: string): Promise<unknown[]> {
  const listed = await guest().get('/2.0/repositories?pagelen=100')
  const inTeam = await guest().get('/2.0/repositories/team')
  const pushes = await guest().get(`${OWN}/pushes?limit=100`)
  return [
    (await guest().get(`/2.0/repositories/team/${slug}`)).status,
    (await guest().get(`/2.0/repositories/team/${slug}/src/main/README.md`)).status,
    ...(await gitStatus({}, 'git-upload-pack', slug)),
    [listed, inTeam, pushes].some(({ text }) => text.includes(`team/${slug}"`)),
  ]
}

describe('a repository', () => {
  it('made private is gone at once for guests and strangers, as is what only signed-in people may see', async () => {
    const at = '/2.0/repositories/team/public'
    const sam = await person('sam', ada)
    const seen = { ...READS, pushes: 200 }
    expect([await asGuest('public'), await ways(sam, 'public')]).toEqual([[200, 200, 200, 200, true], seen])
    await must(olga.put(at, { visibility: 'internal' }))
    expect([await asGuest('public'), await ways(sam, 'public')]).toEqual([[401, 401, 401, 401, false], seen])
    await must(olga.put(at, { visibility: 'private' }))
    expect([await asGuest('public'), await ways(sam, 'public')]).toEqual([[401, 401, 401, 401, false], NOTHING])
    await must(olga.put(at, { visibility: 'public' }))
    await must(ada.put(`${OWN}/settings`, { public_repositories: false }))
    expect([await asGuest('public'), await ways(sam, 'public')]).toEqual([[401, 401, 401, 401, false], seen])
    await must(ada.put(`${OWN}/settings`, { public_repositories: true }))
    expect(await asGuest('public')).toEqual([200, 200, 200, 200, true])
  })

  it('tells strangers nothing by a name that it had, and neither its new name nor that it is there', async () => {
    await must(olga.post('/2.0/repositories/team/before', { visibility: 'private' }))
    await must(olga.put('/2.0/repositories/team/before', { name: 'after' }))
    const rob = await person('rob', ada)
    const gone = await guest().get('/2.0/repositories/team/never')
    for (const [who, refused] of [
      [guest(), 401],
      [rob.browser, 404],
      [rob.token, 404],
    ] as const)
      for (const name of ['before', 'after'])
        for (const rest of ['', '/src/main/', '/commits', '/refs/branches', '/diff/main']) {
          const answer = await who.get(`/2.0/repositories/team/${name}${rest}`)
          const absent = await who.get(`/2.0/repositories/team/never${rest}`)
          expect([answer.status, answer.headers.get('location')], name + rest).toEqual([refused, null])
          expect(answer.text).toBe(absent.text)
        }
    expect(gone.status).toBe(401)
    for (const name of ['before', 'after']) {
      expect(await gitStatus({}, 'git-upload-pack', name)).toEqual([401, 401])
      expect(await gitStatus(basic('rob', rob.secret), 'git-upload-pack', name)).toEqual([404, 404])
    }
    const led = await olga.get('/2.0/repositories/team/before')
    expect([led.status, led.headers.get('location')]).toEqual([301, '/2.0/repositories/team/after'])
    for (const at of ['/2.0/repositories/team', '/api/gitstead/1/repositories/team']) {
      const own = at.startsWith('/2.0') ? 'refs/branches?q=x' : 'activity?limit=3'
      const further = await olga.get(`${at}/before/${own}`)
      expect([further.status, further.headers.get('location')]).toEqual([301, `${at}/after/${own}`])
    }

    // Whoever takes the name gets a repository of their own, and the name does not come back after that.
    await must(olga.post('/2.0/repositories/team/before', { visibility: 'public' }))
    expect((await guest().get('/2.0/repositories/team/before')).body.slug).toBe('before')
    await must(olga.delete('/2.0/repositories/team/before'))
    for (const who of [olga, rob.browser]) expect((await who.get('/2.0/repositories/team/before')).status).toBe(404)
    await must(olga.put('/2.0/repositories/team/after', { name: 'later' }))
    await must(olga.delete('/2.0/repositories/team/later'))
    expect((await olga.get('/2.0/repositories/team/after')).status).toBe(404)
  })
})
