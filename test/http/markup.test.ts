// Files as HTML over HTTP: Bitbucket's shape, links that stay at the commit or branch that was asked for, and bounds.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Client } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

let site: Site
let ada: Client
let tip: string
const SRC = '/2.0/repositories/ada/docs/src'

const FILES: Record<string, string | Buffer> = {
  'README.md':
    '\ufeff# Docs\n\n[guide](guide/a.md) ![logo](logo.png) <img src="/logo.png">\n\n<script>alert(1)</script>\n',
  'notes.rst': 'Notes\n=====\n<b>',
  'logo.png': Buffer.from([0x89, 0x50, 0, 1]),
  'large.md': 'x '.repeat(300_000),
  'hostile.md': `[x]: /${'y'.repeat(50_000)}\n\n${'[x] '.repeat(50_000)}`,
}

beforeAll(async () => {
  site = await openSite()
  const made = await makeRepository(site, 'docs')
  ;({ ada } = made)
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(made.work, name), content)
  await git(made.work, ['add', '.'])
  await git(made.work, ['commit', '-q', '-m', 'Write'])
  tip = await git(made.work, ['rev-parse', 'HEAD'])
  await git(made.work, ['push', '-q', remoteOf(site, 'docs'), 'main', 'main:refs/heads/feature/a#b'])
})
afterAll(() => closeSite(site))

it.each(['main', 'feature/a%23b', 'commit'])('links of %s stay there', async (ref) => {
  const at = ref === 'commit' ? tip : ref
  const { status, body } = await ada.get(`${SRC}/${at}/README.md?format=rendered`)
  expect(status).toBe(200)
  expect(body).toMatchObject({ type: 'rendered', markup: 'markdown', raw: expect.stringMatching(/^# Docs/) })
  expect(body.html).toContain(`<a href="/ada/docs/src/${at}/guide/a.md">guide</a>`)
  expect(body.html).toContain(`<img alt="logo" src="${SRC}/${at}/logo.png" />`)
  expect(body.html).not.toContain('script')
  const { body: brief } = await ada.get(`${SRC}/${at}/README.md?format=rendered&fields=html`)
  expect(Object.keys(brief)).toEqual(['html'])
})

it('other text is shown as it is', async () => {
  const { body } = await ada.get(`${SRC}/main/notes.rst?format=rendered`)
  expect([body.markup, body.html]).toEqual(['plaintext', '<pre>Notes\n=====\n&lt;b&gt;</pre>'])
})

it('what is no text, or too much of it, is refused in words', async () => {
  const binary = await ada.get(`${SRC}/main/logo.png?format=rendered`)
  expect([binary.status, binary.body.error.detail]).toEqual([400, expect.stringMatching(/binary/)])
  const large = await ada.get(`${SRC}/main/large.md?format=rendered`)
  expect([large.status, large.body.error.detail]).toEqual([422, expect.stringMatching(/too long/)])
})

it('a text made to fill the memory is shown as text, and holds up nobody', async () => {
  const hostile = ada.get(`${SRC}/main/hostile.md?format=rendered`)
  const other = await Promise.race([
    hostile.then(() => 'hostile'),
    ada.get(`${SRC}/main/README.md`).then(() => 'other'),
  ])
  expect(other).toBe('other')
  const { status, body } = await hostile
  expect([status, body.markup]).toEqual([200, 'plaintext'])
})
