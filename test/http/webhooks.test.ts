// Webhooks end to end: what arrives, what is tried again, what is never connected to.
import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Client } from '../helpers/client.ts'
import { commitFile, git } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { ok, openReceiver, type Receiver } from '../helpers/receiver.ts'
import { signIn } from '../helpers/client.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site, startAgain } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

const SECRET = 'a secret of ours'
const HOOKS = '/2.0/repositories/ada/shop/hooks'
const LOGS = '/api/gitstead/1/repositories/ada/shop/hooks'
let site: Site
let receiver: Receiver
let ada: Client
let work: string
let hook: string

beforeAll(async () => {
  site = await openSite()
  receiver = await openReceiver()
  const made = await makeRepository(site, 'shop')
  ada = made.ada
  work = made.work
  await allow(['127.0.0.1'])
  const wanted = { url: receiver.url, description: 'CI', events: ['repo:push'], secret: SECRET }
  const answer = await ada.post(HOOKS, wanted)
  expect(answer.status).toBe(201)
  expect(answer.body).toMatchObject({ secret_set: true, active: true, subject_type: 'repository' })
  expect(answer.text).not.toContain(SECRET)
  hook = answer.body.uuid
})
afterAll(async () => {
  await receiver.close()
  await closeSite(site)
})
beforeEach(() => {
  receiver.arrived.length = 0
  receiver.answer = ok
})

async function allow(hosts: string[]): Promise<void> {
  expect((await ada.put('/api/gitstead/1/settings', { allowed_hooks: hosts })).status).toBe(200)
}

async function push(text: string): Promise<string> {
  const oid = await commitFile(work, 'a.txt', text)
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
  return oid
}

const arrivals = (count: number): Promise<boolean> => eventually(() => receiver.arrived.length >= count, 40_000)
const log = async (): Promise<Record<string, unknown>[]> => (await ada.get(`${LOGS}/${hook}/deliveries`)).body.values
const newest = async (): Promise<Record<string, unknown>> => (await log())[0] ?? {}

/** Sends a test and gives its row of the log once it was tried. */
async function tried(): Promise<Record<string, unknown>> {
  const { body } = await ada.post(`${LOGS}/${hook}/test`)
  const one = async (): Promise<Record<string, unknown>> =>
    (await ada.get(`${LOGS}/${hook}/deliveries/${body.id}`)).body
  expect(await eventually(async () => (await one())['state'] !== 'waiting', 40_000)).toBe(true)
  // The next attempt of what failed would disturb the test after this one.
  for (const job of (await ada.get('/api/gitstead/1/admin/jobs')).body.waiting) {
    if (job.kind === 'webhook') await ada.post(`/api/gitstead/1/admin/jobs/${job.id}/cancel`)
  }
  return one()
}

describe('a push', () => {
  it('arrives once, signed, in the shape that Bitbucket sends', async () => {
    const before = await push('one\n')
    const oid = await push('two\n')
    expect(await arrivals(2)).toBe(true)
    const told = receiver.arrived.find(({ body }) => body.push.changes[0].new.target.hash === oid)
    expect(told?.headers).toMatchObject({
      'x-event-key': 'repo:push',
      'x-hook-uuid': hook.replace(/[{}]/g, ''),
      'x-attempt-number': '1',
      'x-hub-signature': `sha256=${createHmac('sha256', SECRET)
        .update(told?.text ?? '')
        .digest('hex')}`,
    })
    expect(told?.headers['user-agent']).toMatch(/^Gitstead-Webhooks\//)
    expect(told?.body).toMatchObject({ actor: { nickname: 'ada' }, repository: { full_name: 'ada/shop' } })
    const [change] = told?.body.push.changes ?? []
    expect(change).toMatchObject({
      created: false,
      closed: false,
      forced: false,
      truncated: false,
      old: { type: 'branch', name: 'main', target: { hash: before } },
    })
    expect(change.commits.map(({ hash }: { hash: string }) => hash)).toEqual([oid])
  })

  it('tells of five commits at most, of forced and of deleted branches', async () => {
    for (let n = 0; n < 6; n++) await commitFile(work, 'b.txt', `${n}\n`)
    await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main:topic', 'main'])
    await git(work, ['push', '-q', '-f', remoteOf(site, 'shop'), 'main~3:topic'])
    await git(work, ['push', '-q', remoteOf(site, 'shop'), ':topic'])
    expect(await arrivals(3)).toBe(true)
    const all = receiver.arrived.flatMap(({ body }) => body.push.changes)
    const main = all.find((change) => change.new?.name === 'main')
    expect([main.commits.length, main.truncated]).toEqual([5, true])
    expect(all.filter(({ created }) => created)).toHaveLength(1)
    expect(all.filter(({ forced }) => forced)).toHaveLength(1)
    expect(all.find(({ closed }) => closed)).toMatchObject({ new: null, old: { name: 'topic' }, commits: [] })
  })

  it('is delivered once across a kill, however long nobody listened', async () => {
    const { port } = receiver
    await receiver.close()
    const oid = await push('while nobody listens\n')
    expect(await eventually(async () => (await newest())['state'] === 'failed')).toBe(true)
    await site.server.stop('SIGKILL')
    receiver = await openReceiver(port)
    await startAgain(site)
    ada = await signIn(site.server)
    expect(await arrivals(1)).toBe(true)
    expect(await eventually(async () => (await newest())['state'] === 'delivered', 40_000)).toBe(true)
    expect(receiver.arrived.map(({ body }) => body.push.changes[0].new.target.hash)).toEqual([oid])
    const events = rows(site.server, "select count(*) as n from events where kind = 'repo:push'")
    const told = rows(site.server, 'select count(*) as n from deliveries where event_id is not null')
    expect(told).toEqual(events)
  })
})

describe('an answer', () => {
  it('of 500 is a failure, with what was said in the log', async () => {
    receiver.answer = (_request, response) => response.writeHead(500).end('out of order')
    const row = await tried()
    expect(row).toMatchObject({ state: 'failed', status: 500, error: 'The answer was 500.' })
    expect(row['response']).toMatchObject({ body: 'out of order' })
    expect(row['request']).toMatchObject({ headers: { 'X-Event-Key': 'diagnostics:ping' } })
  })
  it('that redirects is not followed', async () => {
    const bait = await openReceiver()
    receiver.answer = (_request, response) => response.writeHead(302, { Location: bait.url }).end()
    expect(await tried()).toMatchObject({ state: 'failed', status: 302 })
    expect(bait.connections()).toBe(0)
    await bait.close()
  })
  it('without end is read for 16 KiB only', async () => {
    receiver.answer = (_request, response) => {
      response.on('error', () => {})
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    }
    const row = await tried()
    expect(row).toMatchObject({ state: 'delivered', status: 200 })
    expect((row['response'] as { body: string }).body).toHaveLength(16 * 1024)
  })
  it('that never comes is given up', { timeout: 90_000 }, async () => {
    receiver.answer = () => {}
    expect((await tried())['error']).toBe('There was no complete answer within 10 seconds.')
  })
})

describe('the log', () => {
  it('sends a delivery again, with the same body and a new id', async () => {
    const { id } = await tried()
    const [first] = receiver.arrived
    expect((await ada.post(`${LOGS}/${hook}/deliveries/${String(id)}/resend`)).status).toBe(202)
    expect(await arrivals(2)).toBe(true)
    expect(receiver.arrived[1]?.text).toBe(first?.text)
    expect(receiver.arrived[1]?.headers['x-request-uuid']).not.toBe(id)
  })
})

describe('an address inside the network', () => {
  it.each([
    'http://127.0.0.1:PORT/',
    'http://localhost:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://0:PORT/',
    'http://[::1]:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://169.254.169.254/latest/meta-data/',
  ])('%s is never connected to unless it was allowed', async (text) => {
    const before = receiver.connections()
    await allow([])
    await ada.put(`${HOOKS}/${hook}`, { url: text.replace('PORT', String(receiver.port)) })
    expect((await tried())['error']).toMatch(/leads into this network/)
    expect(receiver.connections()).toBe(before)
  })
  it('opens by its exact host or its range, but our own port by neither', async () => {
    for (const entry of ['127.0.0.1', '127.0.0.0/8', `127.0.0.1:${receiver.port}`]) {
      await allow([entry])
      await ada.put(`${HOOKS}/${hook}`, { url: receiver.url })
      expect(await tried()).toMatchObject({ state: 'delivered' })
    }
    await allow(['127.0.0.1', '127.0.0.0/8'])
    await ada.put(`${HOOKS}/${hook}`, { url: site.server.url })
    expect((await tried())['error']).toMatch(/is this server itself/)
  })
})

describe('a hook', () => {
  it('of the workspace hears of repositories that come and go', async () => {
    await allow(['127.0.0.1'])
    const events = ['repo:created', 'repo:updated', 'repo:deleted']
    expect((await ada.post('/2.0/workspaces/ada/hooks', { url: receiver.url, events })).status).toBe(201)
    await ada.post('/2.0/repositories/ada/brief')
    await ada.put('/2.0/repositories/ada/brief', { description: 'x' })
    expect(await arrivals(2)).toBe(true)
    await ada.delete('/2.0/repositories/ada/brief')
    expect(await arrivals(3)).toBe(true)
    expect(new Set(receiver.arrived.map(({ headers }) => headers['x-event-key']))).toEqual(new Set(events))
    expect(receiver.arrived.every(({ body }) => body.repository.full_name === 'ada/brief')).toBe(true)
  })
  it('hears nothing of what happened while it was off', async () => {
    await ada.put(`${HOOKS}/${hook}`, { url: receiver.url, active: false })
    await push('unheard\n')
    await ada.put(`${HOOKS}/${hook}`, { active: true })
    const oid = await push('heard\n')
    expect(await arrivals(1)).toBe(true)
    expect(receiver.arrived.map(({ body }) => body.push?.changes[0].new.target.hash)).toEqual([oid])
  })
  it('is told only of what there is', async () => {
    expect((await ada.post(HOOKS, { url: receiver.url, events: ['no:such'] })).status).toBe(400)
    expect((await ada.post(HOOKS, { url: receiver.url, events: ['repo:deleted'] })).status).toBe(400)
    expect((await ada.post(HOOKS, { url: 'ftp://example.com/', events: ['repo:push'] })).status).toBe(400)
  })
})
