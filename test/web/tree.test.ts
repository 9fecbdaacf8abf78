// The page of a folder in a real browser: names at once and commits as they come, the README with all that it may hold, and
// folders that are large, odd or damaged.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { follow, openBrowser, pageFaults, signedInPage, visit } from '../helpers/browser.ts'
import { commitFile, git } from '../helpers/git.ts'
import { addCommits, ask } from '../helpers/repos.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

let site: Site
let browser: Browser
let page: Page
let work: string
let path: string
const problems: string[] = []

const README = `# Web shop

See the [guide](docs/guide.md#install) and [below](#prices). <img src="docs/logo.svg" width="40" alt="Logo">
![photo](docs/photo.png)

<script>window.hacked = true</script><img src="/none" onerror="window.hacked = true">

## Prices

| Thing | Price |
|:------|------:|
| Tea   | 3     |

- [x] Basket
- [ ] Invoices

> [!WARNING]
> Mind the gap.

Area $A = \\pi r^2$, with tax[^1].

\`\`\`mermaid
graph TD
  A[Basket] --> B[Ship]
\`\`\`

\`\`\`mermaid
graph TD; A--
\`\`\`

\`\`\`json
{ "price": 3 }
\`\`\`

[^1]: Nineteen percent.
`
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4" fill="green"/></svg>'

beforeAll(async () => {
  site = await openSite()
  ;({ work, path } = await makeRepository(site, 'shop'))
  mkdirSync(join(work, 'docs'))
  writeFileSync(join(work, 'docs/photo.png'), Buffer.from(PIXEL, 'base64'))
  writeFileSync(join(work, 'docs/logo.svg'), LOGO)
  writeFileSync(join(work, 'docs/guide.md'), '# Guide\n\n## Install\n\n[back](../README.md)\n')
  writeFileSync(join(work, '.gitmodules'), '[submodule "lib"]\n\tpath = vendor/lib\n\turl = ../lib.git\n')
  symlinkSync('docs/guide.md', join(work, 'GUIDE'))
  await git(work, ['add', '.'])
  await git(work, ['update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},vendor/lib`])
  await git(work, ['commit', '-q', '-m', 'Write the guide'])
  await commitFile(work, 'README.md', '# Shop\n\nPlain.\n')
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main', 'main:refs/heads/feature/one'])
  await makeRepository(site, 'rich')
  await commitFile(work, 'README.md', README)
  await git(work, ['push', '-q', remoteOf(site, 'rich'), 'main'])
  await git(work, ['reset', '-q', '--hard', 'HEAD~1'])
  browser = await openBrowser()
  page = await signedInPage(browser, site.server)
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4|status of 5/.test(message.text())) problems.push(message.text())
  })
})
beforeEach(() => void problems.splice(0))
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

const open = (address = '', repo = 'shop'): Promise<unknown> => visit(page, `${site.server.url}/ada/${repo}${address}`)
const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) })

it('names are there before the commits are found, which then come', async () => {
  const { promise: held, resolve: go } = Promise.withResolvers<void>()
  await page.route('**/last-commits/**', async (route) => {
    await held
    await route.continue()
  })
  await follow(page, `${site.server.url}/ada/shop`)
  await row('docs').waitFor()
  expect(await row('docs').innerText()).not.toContain('Write the guide')
  expect(await page.locator('.folder-waits').count()).toBe(5)
  go()
  await row('docs').getByRole('link', { name: 'Write the guide' }).waitFor()
  await row('README.md').getByRole('link', { name: 'Change README.md' }).waitFor()
  await page.unroute('**/last-commits/**')
  const figures = page.getByText(/^\d+ (commit|branch|tag)/)
  expect(await figures.allInnerTexts()).toEqual(['3 commits', '2 branches', '0 tags'])
  await row('docs').getByRole('link', { name: 'Write the guide' }).click()
  await page.waitForURL(/\/commit\/[0-9a-f]{40}$/)
  await page.goBack()
  await row('docs').getByRole('link', { name: 'docs', exact: true }).click()
  await page.getByRole('heading', { name: 'shop / docs' }).waitFor()
  await page.getByRole('link', { name: 'Folder above' }).click()
  await row('docs').waitFor()
})

it('the README has its table, tasks, note, footnote, formula, picture and diagram, and runs nothing', async () => {
  await open('', 'rich')
  const readme = page.getByRole('region', { name: 'README.md' })
  await readme.getByRole('heading', { name: 'Web shop' }).waitFor()
  expect(await readme.getByRole('cell', { name: '3' }).getAttribute('align')).toBe('right')
  expect(await readme.getByRole('checkbox', { name: 'Done' }).isChecked()).toBe(true)
  expect(await readme.getByRole('checkbox', { name: 'To do' }).isChecked()).toBe(false)
  await readme.getByText('Warning', { exact: true }).waitFor()
  await readme.getByText('Nineteen percent.').waitFor()
  await readme.locator('.katex').first().waitFor()
  for (const name of ['photo', 'Logo'])
    await expect
      .poll(() => readme.getByAltText(name).evaluate((image) => (image as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(0)
  const diagram = page.frameLocator('iframe[title="Diagram"]').first()
  await diagram.locator('svg').getByText('Basket').first().waitFor()
  await expect.poll(() => readme.locator('iframe').evaluate((frame) => frame.clientHeight)).toBeGreaterThan(80)
  expect(await readme.locator('iframe').getAttribute('sandbox')).toBe('allow-scripts')
  await readme.getByText(/^This diagram could not be drawn/).waitFor()
  await readme.getByText('graph TD; A--').waitFor()
  await readme.locator('code span[style*=color]').first().waitFor()
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
  expect(problems).toEqual([])
})

it('the document of diagrams has no origin, and answers only who frames it', async () => {
  const answer = await page.request.get(`${site.server.url}/diagram.html`)
  const policy = answer.headers()['content-security-policy'] ?? ''
  expect(policy.split('; ')).toEqual(
    expect.arrayContaining(["default-src 'none'", 'sandbox allow-scripts', "frame-ancestors 'self'"]),
  )
  const frame = page.frames().find((one) => one.url().endsWith('/diagram.html'))
  expect(await frame?.evaluate(() => self.origin)).toBe('null')
  await page.evaluate(() => postMessage({ kind: 'drawn', height: 3333 }, '*'))
  const heights = await page.locator('iframe').evaluateAll((all) => all.map((one) => one.clientHeight))
  expect(heights).not.toContain(3333)
})

it.each([
  [1280, 'light'],
  [390, 'dark'],
] as const)('is whole and usable at %d pixels, %s', async (width, colorScheme) => {
  await page.setViewportSize({ width, height: 800 })
  await page.emulateMedia({ colorScheme })
  const diagram = page.frameLocator('iframe[title="Diagram"]').first()
  await diagram.locator('svg').getByText('Basket').first().waitFor()
  await page.locator('.katex').first().waitFor()
  expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe(colorScheme)
  expect(await pageFaults(page)).toEqual([])
  expect(await row('docs').locator('.folder-message').isVisible()).toBe(width > 1000)
})

it('links of a README turn the page without loading it anew, and back leads back', async () => {
  await page.evaluate(() => Object.assign(window, { here: true }))
  await page.getByRole('link', { name: 'below' }).click()
  await expect.poll(() => page.url()).toMatch(/#prices$/)
  await page.getByRole('link', { name: 'guide', exact: true }).click()
  await page.waitForURL(/\/src\/main\/docs\/guide\.md#install$/)
  await page.goBack()
  await page.getByRole('heading', { name: 'Web shop' }).waitFor()
  expect(await page.evaluate(() => 'here' in window)).toBe(true)
})

it('y leads to the address that stays true, with the path at hand', async () => {
  const tip = await git(work, ['rev-parse', 'HEAD'])
  await page.setViewportSize({ width: 1280, height: 800 })
  await open('/src/feature/one/docs')
  await row('guide.md').waitFor()
  await page.getByRole('button', { name: 'Copy the path' }).waitFor()
  await page.keyboard.press('y')
  await page.waitForURL(new RegExp(`/src/${tip}/docs$`))
  await row('guide.md').waitFor()
  await expect.poll(() => page.getByRole('button', { name: 'Permalink' }).count()).toBe(0)
})

it('a submodule of this server leads there, and says at which commit', async () => {
  await open('/src/main/vendor')
  await page.getByText('@ 11111111').waitFor()
  const link = page.getByRole('link', { name: 'lib', exact: true })
  expect(await link.getAttribute('href')).toBe(`/ada/lib/src/${'1'.repeat(40)}`)
})

it('turns by itself when somebody pushes', async () => {
  await open()
  await row('docs').getByRole('link', { name: 'Write the guide' }).waitFor()
  await commitFile(work, 'docs/new.md', 'new')
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
  await row('docs').getByRole('link', { name: 'Change docs/new.md' }).waitFor()
  await page.getByText('4 commits').waitFor()
})

it('a folder with very many entries shows the first thousand, more on request, and finds by name', async () => {
  const files = Object.fromEntries(Array.from({ length: 2500 }, (_unused, i) => [`many/f${i}.txt`, 'x']))
  addCommits(path, { commits: [{ message: 'Many', files }], refs: { 'refs/heads/many': 0 } })
  await open('/src/many/many')
  await page.getByText('1,000 of 2,500 entries').waitFor()
  await page.getByRole('button', { name: 'Show more' }).click()
  await page.getByText('2,000 of 2,500 entries').waitFor()
  await page.getByRole('textbox', { name: 'Filter by name' }).fill('F2499')
  await row('f2499.txt').getByRole('link', { name: 'Many' }).waitFor()
  await expect.poll(() => page.locator('.folder tbody tr').count(), { timeout: 10_000 }).toBe(2)
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Filter by name')
  expect(page.url()).toMatch(/\?filter=F2499$/)
  await page.getByRole('textbox', { name: 'Filter by name' }).fill('nothing like this')
  await page.getByText('Nothing here is called nothing like this.').waitFor()
})

it('names that are no text, folders that are empty, and trees that are damaged are shown in words', async () => {
  const blob = ask(path, ['hash-object', '-w', '--stdin'], 'latin\n')
  const odd = ask(path, ['mktree', '-z'], Buffer.from(`100644 blob ${blob}\tcaf\xe9.txt\0`, 'latin1'))
  const commit = (tree: string, branch: string): void => {
    const oid = ask(path, ['commit-tree', '-m', branch, tree], '')
    ask(path, ['update-ref', `refs/heads/${branch}`, oid])
  }
  commit(odd, 'odd')
  commit(ask(path, ['mktree'], ''), 'bare')
  const lost = ask(path, ['mktree', '--missing'], `040000 tree ${'2'.repeat(40)}\tgone\n`)
  commit(lost, 'lost')
  await open('/src/odd')
  await row('caf\ufffd.txt').getByRole('link', { name: 'odd' }).waitFor()
  await page.getByRole('link', { name: 'caf\ufffd.txt' }).click()
  await page.getByText('latin').waitFor()
  await open('/src/bare')
  await page.getByText('This folder is empty.').waitFor()
  await open('/src/lost/gone')
  await page.getByText(/This repository is damaged on disk/).waitFor()
  rmSync(join(path, 'HEAD'))
  await page.goto(`${site.server.url}/ada/shop`)
  await page
    .getByText(/damaged|does not lead|no such/i)
    .first()
    .waitFor()
})
