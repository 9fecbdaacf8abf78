// The audit log: what each change writes down, how it is found and taken along, and that nothing gets out but by the retention.
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, client, signIn, teammate } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

const OWN = '/api/gitstead/1'
const AUDIT = `${OWN}/admin/audit`
const SECRET = 'a canary in a secret'
let site: Site
let ada: Client
let bob: Client

beforeAll(async () => {
  site = await openSite()
  const made = await makeRepository(site, 'shop')
  ada = made.ada
  bob = await teammate(site.server, ada, { name: 'bob', grants: [{ repository: 'ada/shop', permission: 'write' }] })
  await git(made.work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
})
afterAll(() => closeSite(site))

interface Entry {
  id: string
  kind: string
  words: string
  actor: { username: string } | null
  repository: string | null
  repository_gone: boolean
  address: string
  data: Record<string, unknown>
}

async function found(query: string): Promise<Entry[]> {
  const { status, body, text } = await ada.get(`${AUDIT}?${query}`)
  expect(status, text).toBe(200)
  return body.values
}

describe('what is written down', () => {
  it('holds each kind of change with who, what and from where, and no secret', async () => {
    const team = `${OWN}/workspaces/team`
    await ada.post(`${OWN}/workspaces`, { slug: 'team', name: 'Team' })
    await ada.patch(team, { name: 'The team' })
    await ada.put(`${team}/members/bob`, { role: 'member' })
    await ada.post('/2.0/workspaces/team/projects', { key: 'NEW', name: 'New' })
    await ada.put('/2.0/workspaces/team/projects/NEW', { name: 'Newer' })
    await ada.delete('/2.0/workspaces/team/projects/NEW')
    const group = (await ada.post(`${OWN}/groups`, { workspace: 'team', name: 'crew' })).body.uuid
    await ada.put(`${OWN}/groups/${group}/members/bob`)
    await ada.delete(`${OWN}/groups/${group}/members/bob`)
    await ada.delete(`${OWN}/groups/${group}`)
    await ada.post('/2.0/repositories/team/gone')
    await ada.put('/2.0/repositories/team/gone', { description: 'x', visibility: 'internal' })
    await ada.put('/2.0/repositories/team/gone/permissions-config/users/bob', { permission: 'read' })
    await ada.delete('/2.0/repositories/team/gone/permissions-config/users/bob')
    const hooks = '/2.0/repositories/team/gone/hooks'
    const hook = (await ada.post(hooks, { url: 'https://example.com/', events: ['repo:push'], secret: SECRET })).body
      .uuid
    await ada.put(`${hooks}/${hook}`, { description: 'changed' })
    await ada.post(`${OWN}/repositories/team/gone/hooks/${hook}/test`)
    await ada.delete(`${hooks}/${hook}`)
    await ada.delete('/2.0/repositories/team/gone')
    await ada.delete(`${team}/members/bob`)
    await ada.delete(team)
    const invited = await ada.post(`${OWN}/invitations`, { workspace: 'ada', role: 'collaborator' })
    await ada.delete(`${OWN}/invitations/${invited.body.id}`)
    const password = await bob.post(`${OWN}/app-passwords`, { label: 'laptop', scopes: ['repository'] })
    await bob.delete(`${OWN}/app-passwords/${password.body.id}`)
    await bob.put(`${OWN}/profile`, { display_name: 'Bob B' })
    await ada.post(`${OWN}/people/bob/reset-link`)
    await ada.patch(`${OWN}/people/bob`, { is_admin: false })
    await ada.put(`${OWN}/settings`, { site_name: 'Ours' })
    await (await signIn(site.server, 'bob', 'bob has a password')).delete(`${OWN}/session`)
    await client(site.server).post(`${OWN}/session`, { username: 'bob', password: SECRET })
    await client(site.server).post(`${OWN}/session`, { username: SECRET, password: SECRET })
    expect(await eventually(async () => (await found('kind=session:failed')).length === 2)).toBe(true)

    const all = await found('limit=200')
    const kinds = new Set(all.map(({ kind }) => kind))
    const { body } = await ada.get(`${AUDIT}/kinds`)
    const areas: { kinds: { kind: string }[] }[] = body.values
    const known = new Set(areas.flatMap((area) => area.kinds.map(({ kind }) => kind)))
    expect(CHANGED.filter((kind) => !kinds.has(kind))).toEqual([])
    expect([...kinds].filter((kind) => !known.has(kind))).toEqual([])
    expect(JSON.stringify(all)).not.toContain(SECRET)
    expect(all.filter(({ address, kind }) => address === '' && !BY_ITSELF.has(kind))).toEqual([])
  })

  /** What the changes above are told as. */
  const CHANGED = `session:opened session:ended session:failed settings:changed user:created user:changed user:profile
    user:reset-link app-password:created app-password:revoked invitation:created invitation:accepted
    invitation:withdrawn repo:push repo:created repo:updated repo:deleted repo:permission workspace:created
    workspace:changed workspace:deleted workspace:member project:created project:changed project:deleted group:created
    group:deleted group:member webhook:created webhook:changed webhook:deleted webhook:sent`.split(/\s+/)
  const BY_ITSELF = new Set(['job:parked', 'audit:pruned'])

  it('is told in words', async () => {
    const words = (await found('limit=200')).map((entry) => `${entry.actor?.username ?? 'nobody'} ${entry.words}`)
    for (const said of [
      'ada gave bob read permission',
      'ada deleted the repository',
      'ada made bob member of the workspace',
      'ada added bob to the group crew',
      'bob revoked the app password “laptop”',
      'ada created main',
      'nobody failed to sign in as bob',
      'nobody failed to sign in under a name that does not exist',
    ])
      expect(words.map((line) => line.replace('Bob B', 'bob'))).toContain(said)
  })

  it('still names a repository that is gone', async () => {
    const [last] = await found('kind=repo:deleted')
    expect(last).toMatchObject({ repository: 'team/gone', repository_gone: true, actor: { username: 'ada' } })
  })
})

describe('finding', () => {
  it('filters by person, kind, area, repository, workspace, address and time', async () => {
    const today = new Date().toISOString().slice(0, 10)
    const is = async (query: string, test: (entry: Entry) => boolean): Promise<void> => {
      const entries = await found(`limit=200&${query}`)
      expect(entries.length, query).toBeGreaterThan(0)
      expect(
        entries.filter((entry) => !test(entry)),
        query,
      ).toEqual([])
    }
    await is('person=bob', ({ actor, data }) => actor?.username === 'bob' || JSON.stringify(data).length > 2)
    await is('kind=repo:push', ({ kind }) => kind === 'repo:push')
    await is('kind=workspace', ({ kind }) => /^(workspace|project|group):/.test(kind))
    await is('repository=ada/shop', ({ repository }) => repository === 'ada/shop')
    await is('workspace=ada', () => true)
    await is('address=127.0', ({ address }) => address.includes('127.0'))
    await is(`from=${today}&to=${today}`, () => true)
    expect(await found('to=2001-01-01')).toEqual([])
    expect(await found('from=2999-01-01')).toEqual([])
  })

  it('says so when there is no such person or repository', async () => {
    for (const query of ['person=nobody', 'repository=no/such', 'workspace=nowhere']) {
      const { status, body } = await ada.get(`${AUDIT}?${query}`)
      expect([status, body.error.detail]).toEqual([400, expect.stringMatching(/^There is no /)])
    }
  })

  it('pages to the end without a gap or a repeat', async () => {
    const all = (await found('limit=200')).map(({ id }) => id)
    const paged: string[] = []
    let before = ''
    do {
      const { body } = await ada.get(`${AUDIT}?limit=7${before === '' ? '' : `&before=${before}`}`)
      paged.push(...body.values.map(({ id }: Entry) => id))
      before = body.next ?? ''
    } while (before !== '')
    expect(paged).toEqual(all)
  })

  it('is for admins in a browser only', async () => {
    expect((await bob.get(AUDIT)).status).toBe(403)
    expect((await bob.get(`${AUDIT}/export`)).status).toBe(403)
  })
})

describe('taking it along', () => {
  it('as CSV, in which no cell is run as a formula', async () => {
    await ada.put(`${OWN}/profile`, { display_name: '=HYPERLINK("http://evil.test")' })
    const { headers, text } = await ada.get(`${AUDIT}/export?format=csv`)
    await ada.put(`${OWN}/profile`, { display_name: 'Ada' })
    expect(headers.get('content-type')).toMatch(/^text\/csv/)
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="gitstead-audit-.*\.csv"$/)
    expect(text).toContain(`"'=HYPERLINK(""http://evil.test"")"`)
    expect(text.match(/(^|,)"?[=+@-]/gm)).toBeNull()
    expect(text.trimEnd().split('\r\n').length).toBe(rows(site.server, 'select id from events').length)
  })

  it('as one JSON object a line, with the filter', async () => {
    const { text } = await ada.get(`${AUDIT}/export?format=jsonl&kind=repo:push`)
    const lines = text.trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as Entry).kind)).toEqual(['repo:push'])
    expect((await ada.get(`${AUDIT}/export?person=nobody`)).status).toBe(400)
  })

  it('streams a long log', async () => {
    const db = new Database(join(site.data, 'gitstead.db'))
    const insert = db.prepare("insert into events (kind, data, created_at) values ('test:many', '{}', ?)")
    db.transaction(() => {
      for (let n = 0; n < 12_000; n++) insert.run(new Date().toISOString())
    })()
    db.close()
    const { text } = await ada.get(`${AUDIT}/export?format=csv&kind=test:many`)
    expect(text.trimEnd().split('\r\n').length).toBe(12_001)
    const rare = await ada.get(`${AUDIT}?kind=repo:push`)
    expect(rare.body.values.length).toBe(1)
  })
})

describe('what is written stays', () => {
  it('against updates, deletes and replaces in the database itself', () => {
    const db = new Database(join(site.data, 'gitstead.db'))
    for (const statement of [
      "update events set kind = 'x'",
      'delete from events where id = 1',
      "insert or replace into events (id, kind, created_at) values (1, 'x', 'x')",
    ])
      expect(() => db.exec(statement), statement).toThrow(/events are (only added|kept)/)
    db.close()
  })

  it('until the retention lets old ones go, which is an event itself', async () => {
    const old = new Date(Date.now() - 50 * 86_400_000).toISOString()
    const db = new Database(join(site.data, 'gitstead.db'))
    const insert = db.prepare('insert into events (kind, repository_id, data, created_at) values (?, ?, ?, ?)')
    insert.run('test:old', null, '{}', old)
    insert.run('repo:deleted', 'long gone', '{"full_name":"a/b"}', old)
    expect(() => db.exec("delete from events where kind = 'test:old'")).toThrow(/events are kept/)
    expect((await ada.put(`${AUDIT}/retention`, { days: 7 })).status).toBe(400)
    expect((await ada.put(`${AUDIT}/retention`, { days: 30 })).body).toEqual({ days: 30 })
    expect(() => db.exec("delete from events where kind = 'test:many'")).toThrow(/events are kept/)
    db.prepare("update timetable set next_at = ? where name = 'audit'").run(old)
    db.close()
    await ada.post('/2.0/repositories/ada/wakes-the-runner')
    const left = (): unknown[] => rows(site.server, "select id from events where kind = 'test:old'")
    expect(await eventually(() => left().length === 0, 30_000)).toBe(true)
    expect(await found('kind=audit:pruned')).toMatchObject([{ data: { count: 1, days: 30 } }])
    expect(await found('kind=audit:retention')).toMatchObject([{ actor: { username: 'ada' }, data: { days: 30 } }])
    // The janitor knows by these what may be cleared away.
    expect(rows(site.server, "select id from events where repository_id = 'long gone'")).toHaveLength(1)
  })
})
