// Activity and live news: who sees what, page by page, over a damaged feed, and through another process of the server.
import { rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, client, session, signIn, teammate } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site, startAgain } from '../helpers/site.ts'

const OWN = '/api/gitstead/1'
const SHOP = `${OWN}/repositories/ada/shop/activity`
let site: Site
let ada: Client
let bob: Client
let work: string
let pushes = 0

beforeAll(async () => {
  site = await openSite({ env: { GITSTEAD_WORKERS: '2' } })
  const made = await makeRepository(site, 'shop')
  ada = made.ada
  work = made.work
  await ada.post('/2.0/repositories/ada/hidden')
  bob = await teammate(site.server, ada, { name: 'bob', grants: [{ repository: 'ada/shop', permission: 'read' }] })
  for (let n = 0; n < 5; n++) await push('shop')
  await push('hidden')
  expect(await eventually(async () => (await activity(ada, `${OWN}/people/ada/activity`)).length === 8)).toBe(true)
})
afterAll(() => closeSite(site))

function push(repository: string): Promise<string> {
  return git(work, ['push', '-q', remoteOf(site, repository), `main:refs/heads/b${++pushes}`])
}

async function names(reader: Client, at: string): Promise<string[]> {
  const repositories = new Set((await activity(reader, at)).map(({ repository }) => repository))
  return [...repositories].toSorted((a, b) => a.localeCompare(b))
}

interface One {
  id: string
  repository: string
  words: string
}

async function activity(reader: Client, at: string): Promise<One[]> {
  const { status, body, text } = await reader.get(at)
  expect(status, text).toBe(200)
  return body.values
}

describe('activity', () => {
  it('of a repository, in words, the newest first', async () => {
    expect((await activity(ada, SHOP)).map(({ words }) => words)).toEqual([
      ...[5, 4, 3, 2, 1].map((n) => `created b${n}`),
      'made the repository',
    ])
  })

  it('of workspace and person holds only what the reader may see', async () => {
    expect(await names(ada, `${OWN}/workspaces/ada/activity`)).toEqual(['ada/hidden', 'ada/shop'])
    for (const at of [`${OWN}/workspaces/ada/activity`, `${OWN}/people/ada/activity`])
      expect(await names(bob, at)).toEqual(['ada/shop'])
    expect((await bob.get(`${OWN}/repositories/ada/hidden/activity`)).status).toBe(404)
    expect((await client(site.server).get(`${OWN}/people/ada/activity`)).status).toBe(401)
  })

  it('is paged to its end without a gap or a repeat, also past what is hidden', async () => {
    const seen: string[] = []
    let before = ''
    for (let pages = 0; pages < 10; pages++) {
      const { body } = await bob.get(`${OWN}/people/ada/activity?limit=2${before}`)
      seen.push(...body.values.map(({ id }: One) => id))
      if (body.next === null) break
      before = `&before=${body.next}`
    }
    expect(seen).toEqual((await activity(bob, SHOP)).map(({ id }) => id))
  })
})

describe('a damaged feed', () => {
  const damage: [string, (file: string) => void][] = [
    ['rubbish', (file) => writeFileSync(file, Buffer.alloc(8192, 'x'))],
    ['gone', (file) => ['', '-wal', '-shm'].forEach((tail) => rmSync(file + tail, { force: true }))],
  ]
  it.each(damage)('%s: all else goes on, and it is made anew of the events', async (_name, harm) => {
    const all = (await activity(ada, SHOP)).length
    await site.server.stop('SIGKILL')
    for (const tail of ['-wal', '-shm']) rmSync(join(site.data, `feed.db${tail}`), { force: true })
    harm(join(site.data, 'feed.db'))
    await startAgain(site)
    ada = await signIn(site.server)
    bob = await signIn(site.server, 'bob', 'bob has a password')
    await push('shop')
    expect((await ada.get('/2.0/repositories/ada/shop')).status).toBe(200)
    expect((await ada.get(`${OWN}/pushes`)).body.values.length).toBeGreaterThan(5)
    expect(await eventually(async () => (await ada.get(SHOP)).body.values?.length === all + 1, 20_000)).toBe(true)
  })

  it('while the server runs: readers are told, pushes and pages go on, and it mends itself', async () => {
    const all = (await activity(ada, SHOP)).length
    for (const tail of ['-wal', '-shm', '']) rmSync(join(site.data, `feed.db${tail}`), { force: true })
    writeFileSync(join(site.data, 'feed.db'), Buffer.alloc(8192, 'x'))
    const { status, body } = await ada.get(SHOP)
    if (status !== 200) expect([status, body.error.message]).toEqual([503, expect.stringMatching(/made anew/)])
    await push('shop')
    expect((await ada.get('/2.0/repositories/ada/shop')).status).toBe(200)
    expect(await eventually(async () => (await ada.get(SHOP)).body.values?.length === all + 1, 30_000)).toBe(true)
  })
})

interface Heard {
  text: () => string
  status: number
  stop: () => void
}

async function listen(headers: Record<string, string>, query = ''): Promise<Heard> {
  const call = request(`${site.server.url}${OWN}/live${query}`, { headers, agent: false })
  call.on('error', () => {})
  call.end()
  return new Promise((resolve) => {
    call.on('response', (response) => {
      let text = ''
      response.on('error', () => {})
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      resolve({ text: () => text, status: response.statusCode ?? 0, stop: () => call.destroy() })
    })
  })
}

describe('live news', () => {
  it('reach every page through every process, but only what its reader may see', async () => {
    const admin = await session(site.server)
    const reader = await session(site.server, 'bob', 'bob has a password')
    const pages = await Promise.all([admin, admin, admin, reader, reader, {}].map((headers) => listen(headers)))
    await push('hidden')
    await push('shop')
    expect(
      await eventually(() => pages.slice(0, 5).every((page) => page.text().includes('"repository":"ada/shop"'))),
    ).toBe(true)
    expect(pages.slice(0, 3).every((page) => page.text().includes('"repository":"ada/hidden"'))).toBe(true)
    expect(pages.slice(3).some((page) => page.text().includes('ada/hidden'))).toBe(false)
    expect(pages[5]?.text()).not.toContain('event:')
    expect(await eventually(() => pages.slice(0, 3).every((page) => page.text().includes('event: jobs')))).toBe(true)
    expect(pages.slice(3).some((page) => page.text().includes('event: jobs'))).toBe(false)
    for (const page of pages) page.stop()
  })

  it('tell a page that comes back whether it missed something', async () => {
    const headers = await session(site.server)
    const first = await listen(headers)
    expect(await eventually(() => /^id: \d+$/m.test(first.text()))).toBe(true)
    const [, last = ''] = /^id: (\d+)$/m.exec(first.text()) ?? []
    first.stop()
    await push('shop')
    const [late, known] = await Promise.all([
      listen({ ...headers, 'Last-Event-ID': last }),
      listen({ ...headers, 'Last-Event-ID': String(Number(last) + 1) }),
    ])
    expect(await eventually(() => late.text().includes('event: missed'))).toBe(true)
    expect(known.text()).not.toContain('event: missed')
    late.stop()
    known.stop()
  })

  it('are bounded per person, and others are not concerned', async () => {
    const headers = await session(site.server, 'bob', 'bob has a password')
    const many = await Promise.all(Array.from({ length: 60 }, () => listen(headers)))
    expect(many.filter(({ status }) => status === 503).length).toBeGreaterThan(0)
    expect(many.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(48)
    expect((await bob.get('/2.0/user')).status).toBe(200)
    const other = await listen(await session(site.server))
    expect(other.status).toBe(200)
    for (const page of [...many, other]) page.stop()
    const again = async (): Promise<boolean> => {
      const page = await listen(headers)
      page.stop()
      return page.status === 200
    }
    expect(await eventually(again)).toBe(true)
  })
})
