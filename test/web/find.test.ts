// Branches, search, go to file, the palette, shortcuts, archives and insights in a real browser, wide and on a phone.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage, visit } from '../helpers/browser.ts'
import { commitFile, git } from '../helpers/git.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

let site: Site
let browser: Browser
let page: Page
let work: string
let home: string

beforeAll(async () => {
  site = await openSite()
  const made = await makeRepository(site, 'shop')
  ;({ work } = made)
  await made.ada.post('/2.0/repositories/ada/other-one')
  put('src/price.ts', 'export const price = 1\nexport const priceOf = (x: string) => `<b>${x}</b>`\n')
  put('src/deep/er/basket.ts', 'import { price } from "../../price.ts"\n')
  put('docs/handbook.md', 'The price of things (a)\n')
  await git(work, ['add', '-A'])
  await git(work, ['commit', '-q', '-m', 'Prices'])
  await git(work, ['branch', 'topic/one'])
  await git(work, ['branch', 'release'])
  await commitFile(work, 'later.txt', 'later\n')
  await git(work, ['checkout', '-q', 'topic/one'])
  await commitFile(work, 'one.txt', 'one\n')
  await commitFile(work, 'two.txt', 'two\n')
  await git(work, ['tag', '-a', 'v1.0', '-m', 'The first one'])
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main', 'topic/one', 'release', 'v1.0'])
  browser = await openBrowser()
  page = await signedInPage(browser, site.server)
  home = `${site.server.url}/ada/shop`
})
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

function put(name: string, text: string): void {
  mkdirSync(dirname(join(work, name)), { recursive: true })
  writeFileSync(join(work, name), text)
}

async function onPhone(look: () => Promise<void>): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 })
  await look()
  await page.setViewportSize({ width: 1280, height: 800 })
}

it('lists branches with their distance from the main branch, finds and orders them', async () => {
  await visit(page, `${home}/branches`)
  await page.getByRole('img', { name: '1 behind and 2 ahead of main' }).waitFor()
  await page.getByRole('img', { name: '1 behind and 0 ahead of main' }).waitFor()
  await page.getByLabel('Order').selectOption('By name')
  await expect.poll(() => page.url()).toContain('sort=name')
  await expect.poll(() => page.locator('.ref-row a.mono[data-underline]').first().count()).toBe(1)
  await expect
    .poll(async () => (await page.locator('.ref-row').allInnerTexts()).map((text) => text.split('\n', 1)[0]))
    .toEqual(['main', 'release', 'topic/one'])
  await page.getByRole('searchbox', { name: 'Find a branch' }).fill('topic')
  await expect.poll(() => page.locator('.ref-row').count()).toBe(1)
  await expect.poll(() => page.url()).toContain('q=topic')
  await page.getByRole('searchbox', { name: 'Find a branch' }).fill('nowhere')
  await page.getByText('No branch matches “nowhere”.').waitFor()
  expect(await pageFaults(page)).toEqual([])
  await page.getByText('Tags', { exact: true }).click()
  await page.getByText('The first one').waitFor()
  await onPhone(async () => expect(await pageFaults(page)).toEqual([]))
})

it('makes a branch, deletes it, and brings it back at once', async () => {
  await visit(page, `${home}/branches`)
  await page.getByRole('button', { name: 'New branch' }).click()
  await page.getByLabel(/^Name/).fill('try/out')
  await page.getByLabel(/^From/).fill('topic/one')
  await page.getByRole('button', { name: 'Create branch' }).click()
  await page.getByRole('link', { name: 'try/out', exact: true }).waitFor()
  await page.getByRole('button', { name: 'What to do with try/out' }).click()
  await page.getByRole('menuitem', { name: 'Delete this branch' }).waitFor()
  expect(await pageFaults(page)).toEqual([])
  await page.getByRole('menuitem', { name: 'Delete this branch' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('try/out was deleted.').waitFor()
  expect(await page.getByRole('link', { name: 'try/out', exact: true }).count()).toBe(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('try/out is back.').waitFor()
  await page.getByRole('link', { name: 'try/out', exact: true }).waitFor()
  await page.getByText('Nothing was deleted or overwritten.').waitFor()
})

it('says what restoring would bring before it does', async () => {
  await git(work, ['checkout', '-q', 'main'])
  await commitFile(work, 'lost.txt', 'lost\n')
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
  await git(work, ['reset', '-q', '--hard', 'HEAD~2'])
  await git(work, ['push', '-q', '-f', remoteOf(site, 'shop'), 'main'])
  await visit(page, `${home}/branches`)
  await page.getByRole('button', { name: 'Restore main of' }).click()
  await page.getByText('It brings back 2 commits that no branch and no tag leads to now:').waitFor()
  await page
    .getByText('main stays as it is now: this has 2 commits that it lacks, and lacks 0 commits of it.')
    .waitFor()
  expect(await pageFaults(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
})

it('downloads what git has, from the menu of a branch and beside the clone command', async () => {
  await visit(page, `${home}/branches`)
  await page.getByRole('button', { name: 'What to do with topic/one' }).click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Download .tar.gz' }).click(),
  ])
  const tip = await git(work, ['rev-parse', 'topic/one'])
  expect(file.suggestedFilename()).toBe(`shop-${tip.slice(0, 12)}.tar.gz`)
  const dir = join(site.dir, 'unpacked')
  mkdirSync(dir)
  execFileSync('tar', ['xzf', await file.path(), '-C', dir])
  const [folder = ''] = readdirSync(dir)
  expect(readFileSync(join(dir, folder, 'two.txt'), 'utf8')).toBe('two\n')
  await visit(page, `${home}/src/topic/one`)
  await page.getByRole('button', { name: 'Download' }).click()
  const link = page.getByRole('menuitem', { name: 'as .zip' })
  expect(await link.getAttribute('href')).toBe('/ada/shop/get/topic/one.zip')
})

it('searches words and expressions, on any branch, and keeps it all in the address', async () => {
  await visit(page, home)
  await page.getByRole('button', { name: 'Download' }).waitFor()
  await page.keyboard.press('/')
  await page.getByText('What are you looking for?').waitFor()
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Search for')
  await page.keyboard.type('price')
  await page.keyboard.press('Enter')
  await page.getByText('4 lines in 3 files.').waitFor()
  expect(await page.locator('.matches mark').allInnerTexts()).toContain('price')
  await page.getByText('`<b>${x}</b>`').waitFor()
  expect(await pageFaults(page)).toEqual([])
  await page.getByRole('searchbox', { name: 'Search for' }).fill('price(Of)?')
  await page.getByLabel('Regular expression').check()
  await page.getByLabel('Only in').fill('*.ts')
  await page.keyboard.press('Enter')
  await page.getByText('3 lines in 2 files.').waitFor()
  await page.reload()
  await page.getByText('3 lines in 2 files.').waitFor()
  expect(new URL(page.url()).search).toBe('?q=price%28Of%29%3F&path=*.ts&mode=regexp')
  await page.getByRole('searchbox', { name: 'Search for' }).fill('(')
  await page.keyboard.press('Enter')
  await page.getByText('This is no regular expression').waitFor()
  await page.goBack()
  await page.getByText('3 lines in 2 files.').waitFor()
  await page.getByRole('link', { name: 'Line 2', exact: true }).click()
  await page.getByRole('region', { name: 'Content of src/price.ts' }).waitFor()
  expect(new URL(page.url()).hash).toBe('#lines-2')
  await visit(page, `${home}/search?q=two&ref=topic%2Fone`)
  await page.getByText('1 line in 1 file.').waitFor()
  await visit(page, `${home}/search?q=two`)
  await page.getByText('Nothing in the files of main matches.').waitFor()
  await onPhone(async () => expect(await pageFaults(page)).toEqual([]))
})

it('goes to a file by a few letters, at the branch of the page', async () => {
  await visit(page, `${home}/src/topic/one/src`)
  await page.getByRole('link', { name: 'price.ts' }).waitFor()
  await page.keyboard.press('t')
  const field = page.getByRole('combobox', { name: 'Go to a file' })
  await field.fill('bskt')
  await page.getByRole('option', { name: 'src/deep/er/basket.ts' }).waitFor()
  expect(await pageFaults(page)).toEqual([])
  await field.press('Enter')
  await expect.poll(() => new URL(page.url()).pathname).toBe('/ada/shop/src/topic/one/src/deep/er/basket.ts')
  await page.getByText('import { price }').waitFor()
  await page.keyboard.press('t')
  await field.fill('zzzzz')
  await expect.poll(() => page.getByRole('option').allInnerTexts()).toEqual(['Search for “zzzzz” in the files'])
  await field.press('Escape')
  await field.waitFor({ state: 'hidden' })
})

it('goes to anything, with keys alone and on a phone', async () => {
  await visit(page, `${home}/commits`)
  await page.getByRole('heading', { name: 'Commits' }).waitFor()
  await page.keyboard.press('Control+k')
  const field = page.getByRole('combobox', { name: 'Go to anything' })
  await field.fill('other')
  await page.getByRole('option', { name: 'ada/other-one' }).waitFor()
  expect(await pageFaults(page)).toEqual([])
  await field.press('Enter')
  await expect.poll(() => new URL(page.url()).pathname).toBe('/ada/other-one')
  await visit(page, home)
  await page.getByRole('button', { name: 'Download' }).waitFor()
  await onPhone(async () => {
    await page.getByRole('button', { name: 'Go to anything' }).click()
    await field.fill('release')
    await page.getByRole('option', { name: 'release', exact: true }).click()
    await expect.poll(() => new URL(page.url()).pathname).toBe('/ada/shop/src/release')
    await page.getByRole('button', { name: 'Go to anything' }).click()
    await field.fill('o')
    await page.getByRole('option').first().waitFor()
    expect(await pageFaults(page)).toEqual([])
    await field.press('Escape')
  })
})

it('answers to shortcuts, shows them, and lets letters be letters in a field', async () => {
  await visit(page, home)
  await page.getByRole('button', { name: 'Download' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('b')
  await page.getByRole('heading', { name: 'Branches and tags' }).waitFor()
  await page.getByRole('searchbox', { name: 'Find a branch' }).fill('')
  await page.getByRole('searchbox', { name: 'Find a branch' }).pressSequentially('gct?')
  await page.getByText('No branch matches “gct?”.').waitFor()
  expect(new URL(page.url()).pathname).toBe('/ada/shop/branches')
  await page.getByRole('heading', { name: 'Branches and tags' }).click()
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await sheet.getByText('Go to a file').waitFor()
  expect(await pageFaults(page)).toEqual([])
  await page.keyboard.press('t')
  expect(await page.getByRole('combobox', { name: 'Go to a file' }).count()).toBe(0)
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'hidden' })
})

it('shows who contributed and when', async () => {
  await visit(page, `${home}/insights`)
  await page.getByRole('img', { name: /^Commits by week: 2 commits/ }).waitFor()
  await page.getByRole('img', { name: /^Commits by hour of the week: Monday/ }).waitFor()
  expect(await page.getByRole('row').allInnerTexts()).toEqual([
    expect.stringContaining('Name'),
    expect.stringMatching(/Test\s+test@example\.com\s+2/),
  ])
  expect(await pageFaults(page)).toEqual([])
  await onPhone(async () => expect(await pageFaults(page)).toEqual([]))
})
