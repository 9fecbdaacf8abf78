// Commits with megabytes in their messages, which git takes from whoever may push: lists stay readable and small, and
// those who tell others of a push neither stop nor grow with it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, teammate } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { openReceiver, type Receiver } from '../helpers/receiver.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

const SHOP = '/2.0/repositories/ada/shop'
const MB = 1024 * 1024
let site: Site
let receiver: Receiver
let ada: Client
let bob: Client
let cora: Client
let work: string
let long: string
let main: string

beforeAll(async () => {
  site = await openSite()
  receiver = await openReceiver()
  ;({ ada, work } = await makeRepository(site, 'shop'))
  const grants = [{ repository: 'ada/shop', permission: 'read' }]
  bob = await teammate(site.server, ada, { name: 'bob', grants })
  cora = await teammate(site.server, ada, { name: 'cora', grants })
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
  long = await commit('HEAD', `Long\n\nfor @cora${' @ada'.repeat((17 * MB) / 5)}`)
  main = await commit(long, 'Short, for @bob')
  await git(work, ['push', '-q', remoteOf(site, 'shop'), `${main}:refs/heads/main`])
})
afterAll(async () => {
  await receiver.close()
  await closeSite(site)
})

async function commit(parent: string, message: string): Promise<string> {
  const file = join(site.dir, 'message')
  writeFileSync(file, message)
  return git(work, ['commit-tree', '-p', parent, '-F', file, 'HEAD^{tree}'])
}

async function mentions(who: Client): Promise<string[]> {
  const { body } = await who.get('/api/gitstead/1/notices')
  return body.values
    .filter(({ kind }: { kind: string }) => kind === 'mention')
    .map(({ words }: { words: string }) => words)
}

it('who is named at the beginning is told, and nobody is kept from being told', async () => {
  expect(await eventually(async () => (await mentions(bob)).length > 0, 30_000)).toBe(true)
  expect(await mentions(bob)).toEqual(['mentioned you in “Short, for @bob”'])
  expect(await mentions(cora)).toEqual(['mentioned you in “Long”'])
})

it.each(['commits', 'refs/branches', 'refs'])('the list of %s is read, and a long message is cut', async (list) => {
  const { status, body, text } = await bob.get(`${SHOP}/${list}`)
  expect(status, text.slice(0, 500)).toBe(200)
  expect(body.values.length).toBeGreaterThan(0)
  expect(text.length).toBeLessThan(MB)
})

it('a commit by itself is told with its first megabyte, and what lies in it is read', async () => {
  const fine = await commit(main, `Fine\n\n${'x'.repeat(MB / 2)}`)
  await git(work, ['push', '-q', remoteOf(site, 'shop'), `${fine}:refs/heads/fine`])
  expect((await bob.get(`${SHOP}/commit/${fine}`)).body.message.length).toBeGreaterThan(MB / 2)
  const { body } = await bob.get(`${SHOP}/commit/${long}`)
  expect([body.message.slice(0, 15), body.message.length <= MB]).toEqual(['Long\n\nfor @cora', true])
  expect(body.parents).toHaveLength(1)
  for (const path of [
    `src/${long}/`,
    `diffstat/${long}`,
    `commits/${long}?path=README.md`,
    `merge-base/${long}..${main}`,
  ])
    expect((await bob.get(`${SHOP}/${path}`)).status, path).toBe(200)
})

it('a hook is told of every branch that was pushed, in a body that does not grow with the messages', async () => {
  await ada.put('/api/gitstead/1/settings', { allowed_hooks: ['127.0.0.1'] })
  await ada.post(`${SHOP}/hooks`, { url: receiver.url, description: 'CI', events: ['repo:push'] })
  const names = Array.from({ length: 30 }, (_, i) => `b${i}`)
  const refs: string[] = []
  for (const name of names) refs.push(`${await commit(main, `${name}\n\n${'&'.repeat(60_000)}`)}:refs/heads/${name}`)
  await git(work, ['push', '-q', remoteOf(site, 'shop'), ...refs])
  expect(await eventually(() => receiver.arrived.length > 0, 30_000)).toBe(true)
  const { text, body } = receiver.arrived[0] ?? { text: '' }
  const { changes } = body.push as {
    changes: { new: { name: string; target: { hash: string } }; truncated: boolean }[]
  }
  expect(changes.map((change) => change.new.name).toSorted()).toEqual(names.toSorted())
  expect(new Set(changes.map((change) => change.new.target.hash)).size).toBe(names.length)
  expect([changes[0]?.truncated, changes.at(-1)?.truncated]).toEqual([false, true])
  expect(text.length).toBeLessThan(4 * MB)
})
