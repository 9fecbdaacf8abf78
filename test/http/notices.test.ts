// Notifications: who is told of what, once, across crashes; read, chosen, watched; nothing of what one may not see.
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, client, signIn, teammate } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site, startAgain } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

const OWN = '/api/gitstead/1'
let site: Site
let ada: Client
let bob: Client
let cora: Client
let work: string

beforeAll(async () => {
  site = await openSite()
  const made = await makeRepository(site, 'shop')
  ada = made.ada
  work = made.work
  const grants = [{ repository: 'ada/shop', permission: 'write' }]
  bob = await teammate(site.server, ada, { name: 'bob', grants })
  cora = await teammate(site.server, ada, { name: 'cora' })
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
  await told(ada, 2)
})
afterAll(() => closeSite(site))

interface Notice {
  id: string
  kind: string
  words: string
  path: string
  repository: string | null
  actor: { username: string } | null
}

async function inbox(reader: Client): Promise<Notice[]> {
  const { status, body, text } = await reader.get(`${OWN}/notices?unread=true`)
  expect(status, text).toBe(200)
  return body.values
}

/** Waits until so many are unread, then reads them all. */
async function told(reader: Client, count: number): Promise<Notice[]> {
  expect(await eventually(async () => (await inbox(reader)).length >= count, 20_000)).toBe(true)
  const found = await inbox(reader)
  await reader.post(`${OWN}/notices/read`, { up_to: found[0]?.id ?? '0' })
  return found
}

/** As nobody in particular would: whoever pushes is told of nothing that they did themselves. */
async function pushAs(name: string, message: string): Promise<string> {
  await git(work, ['commit', '-q', '--allow-empty', '-m', message])
  const url = remoteOf(site, 'shop').replace(/\/\/[^@]*@/, `//${name}:${name}%20has%20a%20password@`)
  await git(work, ['push', '-q', url, 'main'])
  return git(work, ['rev-parse', 'HEAD'])
}

/** Until every event so far has been told, or not. */
function caughtUp(): Promise<boolean> {
  const behind = `select (select max(id) from events) - at as n from cursors where name = 'notices'`
  return eventually(() => rows(site.server, behind)[0]?.['n'] === 0, 20_000)
}

describe('who is told', () => {
  it('the maker of a repository of pushes by others, not of their own', async () => {
    const oid = await pushAs('bob', 'One change')
    expect(await told(ada, 1)).toMatchObject([
      { kind: 'push', words: 'pushed to main', actor: { username: 'bob' }, path: `/ada/shop/commit/${oid}` },
    ])
    await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main:refs/heads/own'])
    expect(await caughtUp()).toBe(true)
    expect(await inbox(ada)).toEqual([])
  })

  it('whoever watches, until they watch no longer', async () => {
    const at = `${OWN}/repositories/ada/shop/watch`
    expect((await bob.get(at)).body).toEqual({ watching: false })
    expect((await ada.get(at)).body).toEqual({ watching: true })
    await bob.put(at, { watching: true })
    const { body } = await bob.get('/2.0/repositories/ada/shop/watchers')
    expect(body.values.map(({ username }: { username: string }) => username)).toEqual(['ada', 'bob'])
    await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main:refs/heads/seen'])
    expect(await told(bob, 1)).toMatchObject([{ kind: 'push', actor: { username: 'ada' } }])
    await bob.put(at, { watching: false })
    await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main:refs/heads/unseen'])
    expect(await caughtUp()).toBe(true)
    expect(await inbox(bob)).toEqual([])
  })

  it('whoever a commit mentions, once for each commit, and only where they may read', async () => {
    const oid = await pushAs('bob', 'Round prices\n\nas @ada asked; @cora, @nobody and @bob too')
    const found = await told(ada, 1)
    expect(found).toMatchObject([
      { kind: 'mention', words: 'mentioned you in “Round prices”', path: `/ada/shop/commit/${oid}` },
    ])
    await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main:refs/heads/again'])
    expect(await caughtUp()).toBe(true)
    expect(rows(site.server, "select user_id from notices where kind = 'mention'")).toHaveLength(1)
    expect(await inbox(cora)).toEqual([])
  })

  it('whoever is given something, and whoever invited them', async () => {
    await ada.put('/2.0/repositories/ada/shop/permissions-config/users/cora', { permission: 'read' })
    expect(await told(cora, 1)).toMatchObject([
      { kind: 'access', words: 'gave you read permission', repository: 'ada/shop', path: '/ada/shop' },
    ])
    await teammate(site.server, ada, { name: 'dora' })
    expect(await told(ada, 1)).toMatchObject([{ words: 'accepted your invitation', actor: { username: 'dora' } }])
    await ada.put(`${OWN}/workspaces/ada/members/cora`, { role: 'member' })
    expect(await told(cora, 1)).toMatchObject([{ words: 'made you member of the workspace ada', path: '/ada' }])
  })

  it('the maker of an import how it ended, admins of parked jobs once an hour', async () => {
    await ada.put(`${OWN}/settings`, { allowed_imports: ['127.0.0.1'] })
    await ada.post(`${OWN}/imports`, { url: 'http://127.0.0.1:9/nothing.git', workspace: 'ada', name: 'broken' })
    const [failed] = await told(ada, 1)
    expect(failed).toMatchObject({ kind: 'import', actor: null, path: '/import', repository: null })
    expect(failed?.words).toMatch(/^could not import http:\/\/127\.0\.0\.1:9\/nothing\.git: /)
    const db = new Database(join(site.data, 'gitstead.db'))
    for (let n = 0; n < 3; n++)
      db.prepare("insert into events (kind, data, created_at) values ('job:parked', ?, ?)").run(
        '{"job":1,"kind":"webhook"}',
        '2026-01-01T10:00:00.000Z',
      )
    db.close()
    expect(await told(ada, 1)).toMatchObject([{ kind: 'jobs', path: '/admin/jobs' }])
    expect(await caughtUp()).toBe(true)
    expect(await inbox(ada)).toEqual([])
    expect(await inbox(bob)).toEqual([])
  })
})

describe('once', () => {
  it('across kills, whatever was told or not when the server died', async () => {
    for (let n = 0; n < 2; n++) {
      await pushAs('bob', `Before kill ${n}`)
      await site.server.stop('SIGKILL')
      await startAgain(site)
      ada = await signIn(site.server)
      bob = await signIn(site.server, 'bob', 'bob has a password')
      cora = await signIn(site.server, 'cora', 'cora has a password')
    }
    expect(await caughtUp()).toBe(true)
    expect((await told(ada, 2)).map(({ words }) => words)).toEqual(Array(2).fill('pushed to main'))
  })
})

describe('what is shown', () => {
  it('nothing of a repository that the reader may not see any more, and counts like it', async () => {
    await cora.put(`${OWN}/repositories/ada/shop/watch`, { watching: true })
    await pushAs('bob', 'Seen by cora')
    expect(await eventually(async () => (await inbox(cora)).length === 1)).toBe(true)
    await ada.put('/2.0/repositories/ada/shop/permissions-config/users/cora', { permission: 'none' })
    expect(await inbox(cora)).toEqual([])
    expect((await cora.get(`${OWN}/notices/count`)).body).toEqual({ unread: 0 })
    await pushAs('bob', 'Not for cora, though @cora is named')
    expect(await caughtUp()).toBe(true)
    expect(rows(site.server, "select id from notices where words like '%Not for cora%'")).toEqual([])
    await told(ada, 2)
  })

  it('what happened in a repository that is gone by then holds nothing up', async () => {
    for (let i = 0; i < 8; i++) {
      const at = `/2.0/repositories/ada/brief${i}`
      await ada.post(at)
      await Promise.all([ada.put(`${at}/permissions-config/users/cora`, { permission: 'read' }), ada.delete(at)])
    }
    expect(await caughtUp()).toBe(true)
    expect(site.server.stderr()).not.toContain('notifications could not be made')
  })

  it('read, unread, and nobody else’s', async () => {
    await pushAs('bob', 'To be read')
    expect(await eventually(async () => (await inbox(ada)).length === 1)).toBe(true)
    const [one] = await inbox(ada)
    const at = `${OWN}/notices/${one?.id}/read`
    expect((await bob.post(at)).status).toBe(404)
    expect((await bob.delete(at)).status).toBe(404)
    await ada.post(at)
    expect(await inbox(ada)).toEqual([])
    await ada.delete(at)
    expect(await inbox(ada)).toHaveLength(1)
    expect((await client(site.server).get(`${OWN}/notices`)).status).toBe(401)
    await told(ada, 1)
  })

  it('what is chosen', async () => {
    await ada.put(`${OWN}/notice-settings`, { push: 'none' })
    await pushAs('bob', 'Not wanted')
    expect(await caughtUp()).toBe(true)
    expect(await inbox(ada)).toEqual([])
    const { body } = await ada.put(`${OWN}/notice-settings`, { push: 'page' })
    expect(body).toMatchObject({ push: 'page', mention: 'mail' })
    expect((await ada.put(`${OWN}/notice-settings`, { push: 'shout' })).status).toBe(400)
  })

  it('is bounded', async () => {
    const db = new Database(join(site.data, 'gitstead.db'))
    const [{ id } = { id: '' }] = rows(site.server, "select id from users where name = 'ada'")
    const insert = db.prepare(
      "insert into notices (user_id, event_id, kind, subject, words, path, created_at) values (?, 1, 'push', ?, 'x', '/', '2026')",
    )
    db.transaction(() => {
      for (let n = 0; n < 700; n++) insert.run(id, `old ${n}`)
    })()
    db.close()
    await pushAs('bob', 'One more')
    expect(await caughtUp()).toBe(true)
    const count = 'select count(*) as n from notices where user_id = ?'
    expect(rows(site.server, count, id)[0]).toEqual({ n: 500 })
    const first = await ada.get(`${OWN}/notices?limit=100`)
    expect([first.body.values.length, first.body.unread]).toEqual([100, expect.any(Number)])
    const second = await ada.get(`${OWN}/notices?limit=100&before=${first.body.next}`)
    expect(second.body.values[0].id).not.toBe(first.body.values.at(-1).id)
  })
})
