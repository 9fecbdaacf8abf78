// One-time links: used once however many try at once, dead after their time, worth what their maker may do today.
import { Agent } from 'node:http'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, basic, type Client, client, signIn, teammate } from '../helpers/client.ts'
import { raw } from '../helpers/raw.ts'
import { remove, type Server, startServer } from '../helpers/server.ts'
import { rows } from '../helpers/world.ts'

const OWN = '/api/gitstead/1'

let server: Server
let ada: Client

beforeAll(async () => {
  // Hashes that take a while, so that tries at once really meet.
  server = await startServer({ env: { GITSTEAD_BCRYPT_COST: '8' } })
  ada = await signIn(server)
})
afterAll(async () => {
  await server.stop()
  remove(server.data)
})

const tokenOf = (answer: Answer): string => new URL(answer.body.url).hash.replace('#token=', '')

async function invite(by: Client, wanted: object = {}): Promise<{ token: string; id: string }> {
  const answer = await by.post(`${OWN}/invitations`, { workspace: 'ada', role: 'collaborator', ...wanted })
  if (answer.status !== 201) throw new Error(answer.text)
  return { token: tokenOf(answer), id: answer.body.id }
}

function accept(token: string, username: string): Promise<Answer> {
  return client(server).post(`${OWN}/links/${token}/accept`, {
    username,
    display_name: 'x',
    password: 'a long password',
  })
}

function change(sql: string, ...values: unknown[]): void {
  const db = new Database(join(server.data, 'gitstead.db'))
  db.prepare(sql).run(...values)
  db.close()
}

function tally(all: readonly { status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of all) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

const named = (name: string): number =>
  rows(server, 'select count(*) as n from users where name like ?', `${name}%`)[0]?.['n'] as number

describe('an invitation', () => {
  it('makes one account of twenty who try at once', async () => {
    const { token } = await invite(ada)
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => accept(token, `race-${i}`)))
    expect(tally(all)).toEqual({ 201: 1, 410: 19 })
    expect(named('race-')).toBe(1)
    expect(rows(server, "select count(*) as n from workspaces where slug like 'race-%'")[0]).toEqual({ n: 1 })
  })

  it('is dead when its day is over, when it is withdrawn, and when it is used', async () => {
    const [late, withdrawn] = [await invite(ada), await invite(ada)]
    change('update links set expires_at = ? where id = ?', new Date(Date.now() - 1000).toISOString(), late.id)
    expect((await ada.delete(`${OWN}/invitations/${withdrawn.id}`)).status).toBe(204)
    for (const { token } of [late, withdrawn, { token: 'x' }, { token: '' }]) {
      expect([404, 410]).toContain((await client(server).get(`${OWN}/links/${token}`)).status)
      expect([404, 410]).toContain((await accept(token, 'late')).status)
    }
    expect(named('late')).toBe(0)
  })

  it('opens nothing that another kind of link opens', async () => {
    const { token } = await invite(ada)
    await teammate(server, ada, { name: 'kind' })
    const reset = tokenOf(await ada.post(`${OWN}/people/kind/reset-link`))
    const person = { username: 'crossed', display_name: 'x', password: 'a long password' }
    const tries = [
      client(server).post(`${OWN}/setup`, { token, ...person }),
      client(server).post(`${OWN}/setup`, { token: reset, ...person }),
      client(server).post(`${OWN}/links/${token}/reset`, { password: person.password }),
      accept(reset, 'crossed'),
    ]
    expect((await Promise.all(tries)).map(({ status }) => status)).toEqual([410, 410, 410, 410])
    expect(named('crossed')).toBe(0)
    await signIn(server, 'kind', 'kind has a password')
  })

  it('is withdrawn only by its maker or an admin, and seen by them alone', async () => {
    const bob = await teammate(server, ada, { name: 'bob', role: 'member' })
    const { id, token } = await invite(ada)
    expect((await bob.get(`${OWN}/invitations`)).body.values).toEqual([])
    expect((await bob.delete(`${OWN}/invitations/${id}`)).status).toBe(404)
    expect((await client(server).get(`${OWN}/links/${token}`)).status).toBe(200)
  })

  it('gives no more than its maker has', async () => {
    const cleo = await teammate(server, ada, { name: 'cleo', role: 'member' })
    const dan = await teammate(server, ada, { name: 'dan' })
    await ada.post('/2.0/repositories/ada/secret', {})
    const wanted = [
      [cleo, { role: 'owner' }],
      [cleo, { role: 'member' }],
      [dan, { role: 'collaborator' }],
      [cleo, { grants: [{ repository: 'ada/secret', permission: 'read' }] }],
      [dan, { workspace: 'dan', grants: [{ repository: 'ada/secret', permission: 'read' }] }],
    ] as const
    for (const [by, body] of wanted) {
      const answer = await by.post(`${OWN}/invitations`, { workspace: 'ada', role: 'collaborator', ...body })
      expect([400, 403], JSON.stringify(body)).toContain(answer.status)
    }
  })

  it('is dead when its maker has been sent away, disabled or made less', async () => {
    const makers = ['gone', 'off', 'less'] as const
    const made: Record<string, string> = {}
    for (const name of makers) {
      const maker = await teammate(server, ada, { name, role: 'owner' })
      made[name] = (await invite(maker, { role: 'owner' })).token
      expect((await client(server).get(`${OWN}/links/${made[name]}`)).status).toBe(200)
    }
    await ada.delete(`${OWN}/workspaces/ada/members/gone`)
    await ada.patch(`${OWN}/people/off`, { state: 'disabled' })
    await ada.put(`${OWN}/workspaces/ada/members/less`, { role: 'member' })
    for (const name of makers) expect((await accept(made[name] ?? '', `by-${name}`)).status, name).toBe(410)
    expect(named('by-')).toBe(0)
  })

  it('leaves out what its maker can no longer give', async () => {
    const ed = await teammate(server, ada, { name: 'ed', role: 'member' })
    await ada.post('/2.0/repositories/ada/shared', {})
    await ada.put('/2.0/repositories/ada/shared/permissions-config/users/ed', { permission: 'admin' })
    const { token } = await invite(ed, { grants: [{ repository: 'ada/shared', permission: 'admin' }] })
    await ada.put('/2.0/repositories/ada/shared/permissions-config/users/ed', { permission: 'read' })
    const accepted = await accept(token, 'friend')
    expect([accepted.status, accepted.body.repositories]).toEqual([201, []])
    const friend = await signIn(server, 'friend', 'a long password')
    expect((await friend.get('/2.0/repositories/ada/shared')).status).toBe(404)
    await ada.put('/2.0/repositories/ada/shared', { name: 'renamed-in-secret' })
    await ada.put('/2.0/repositories/ada/renamed-in-secret/permissions-config/users/ed', { permission: 'none' })
    expect((await ed.get(`${OWN}/invitations`)).text).not.toContain('renamed-in-secret')
  })
})

describe('a reset link', () => {
  it('sets one password of twenty, and ends sessions, app passwords and older links', async () => {
    const fay = await teammate(server, ada, { name: 'fay' })
    const made = await fay.post(`${OWN}/app-passwords`, { label: 'x', scopes: ['account'] })
    const bearer = { Authorization: `Bearer ${made.body.secret}` }
    const older = tokenOf(await ada.post(`${OWN}/people/fay/reset-link`))
    const token = tokenOf(await ada.post(`${OWN}/people/fay/reset-link`))
    expect((await client(server).post(`${OWN}/links/${older}/reset`, { password: 'an older password' })).status).toBe(
      410,
    )
    const tries = Array.from({ length: 20 }, (_, i) =>
      client(server).post(`${OWN}/links/${token}/reset`, { password: `new password ${i}` }),
    )
    const all = await Promise.all(tries)
    expect(tally(all)).toEqual({ 204: 1, 410: 19 })
    expect((await fay.get('/2.0/user')).status).toBe(401)
    expect((await client(server, bearer).get('/2.0/user')).status).toBe(401)
    const winner = all.findIndex(({ status }) => status === 204)
    expect((await client(server, basic('fay', `new password ${winner}`)).get('/2.0/user')).status).toBe(200)
    expect((await client(server, basic('fay', 'fay has a password')).get('/2.0/user')).status).toBe(401)
  })

  it('is worthless once the password was changed in another way', async () => {
    const gus = await teammate(server, ada, { name: 'gus' })
    const token = tokenOf(await ada.post(`${OWN}/people/gus/reset-link`))
    const change = { current: 'gus has a password', password: 'gus has another one' }
    expect((await gus.put(`${OWN}/password`, change)).status).toBe(204)
    expect((await client(server).post(`${OWN}/links/${token}/reset`, { password: 'taken over' })).status).toBe(410)
  })

  it('lets nobody in whose account is disabled', async () => {
    await teammate(server, ada, { name: 'hal' })
    const token = tokenOf(await ada.post(`${OWN}/people/hal/reset-link`))
    await ada.patch(`${OWN}/people/hal`, { state: 'disabled' })
    await client(server).post(`${OWN}/links/${token}/reset`, { password: 'hal is back again' })
    expect((await client(server, basic('hal', 'hal is back again')).get('/2.0/user')).status).toBe(401)
  })

  it('is not used up by a password that is refused', async () => {
    await teammate(server, ada, { name: 'ida' })
    const token = tokenOf(await ada.post(`${OWN}/people/ida/reset-link`))
    expect((await client(server).post(`${OWN}/links/${token}/reset`, { password: 'short' })).status).toBe(400)
    expect((await client(server).post(`${OWN}/links/${token}/reset`, { password: 'long enough now' })).status).toBe(204)
  })
})

it('makes one admin of twenty who set up at once, and none after that', async () => {
  const fresh = await startServer({ admin: false, env: { GITSTEAD_BCRYPT_COST: '8' } })
  try {
    const token = new URL(fresh.setup ?? '').hash.replace('#token=', '')
    const setUp = (username: string, secret = token): Promise<Answer> =>
      client(fresh).post(`${OWN}/setup`, { token: secret, username, display_name: 'x', password: 'a long password' })
    expect((await setUp('eve', 'guess')).status).toBe(410)
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => setUp(`first-${i}`)))
    expect(tally(all)).toEqual({ 201: 1, 410: 19 })
    expect(rows(fresh, 'select count(*) as n from users')[0]).toEqual({ n: 1 })
    expect((await setUp('second')).status).toBe(410)
    expect(fresh.stderr()).not.toContain(token)
  } finally {
    await fresh.stop()
    remove(fresh.data)
  }
})

it('never writes the secret of a link into its log, nor into its database, not even when a request fails', async () => {
  const { token } = await invite(ada)
  // Many at once: one is taken, the others are refused, and those that find the queue full are logged with the route.
  const agent = new Agent({ maxSockets: 300 })
  const try_ = (i: number): Promise<{ status: number }> =>
    raw(server, {
      method: 'POST',
      path: `${OWN}/links/${token}/accept`,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username: `many-${i}`, display_name: 'x', password: `a long password ${i}` }),
      agent,
    })
  const all = await Promise.all(Array.from({ length: 280 }, (_, i) => try_(i)))
  agent.destroy()
  expect(all.filter(({ status }) => status === 201)).toHaveLength(1)
  const busy = all.filter(({ status }) => status === 503).length
  expect(server.stderr().includes('/accept')).toBe(busy > 0)
  expect(server.stderr()).not.toContain(token)
  expect(JSON.stringify(rows(server, 'select * from links'))).not.toContain(token)
})
