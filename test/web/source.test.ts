// The source pages where a repository is unusual: no main branch, a path that is not there, a file of very many lines.
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage, visit } from '../helpers/browser.ts'
import { commitFile, git } from '../helpers/git.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

const LINES = 30_000

let site: Site
let browser: Browser
let page: Page
let work: string
let count = 0

beforeAll(async () => {
  site = await openSite()
  browser = await openBrowser()
  page = await signedInPage(browser, site.server)
})
beforeEach(async () => {
  ;({ work } = await makeRepository(site, `web${++count}`))
})
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

const open = (path = ''): Promise<unknown> => visit(page, `${site.server.url}/ada/web${count}${path}`)
const push = (...refs: string[]): Promise<string> => git(work, ['push', '-q', remoteOf(site, `web${count}`), ...refs])

it('a repository whose first branch is master turns to its files', async () => {
  await open()
  await page.getByText('git push -u origin HEAD').waitFor()
  await push('main:refs/heads/master')
  await page.getByRole('link', { name: 'README.md', exact: true }).first().waitFor()
})

it('tags alone: says that the main branch is missing, and leads to them', async () => {
  await push('main:refs/tags/v1')
  await open()
  await page.getByText('The branch main was not pushed yet.').waitFor()
  expect(await pageFaults(page)).toEqual([])
  await page.getByRole('combobox', { name: 'Branch or tag' }).click()
  await page.getByRole('option', { name: 'v1' }).click()
  await page.getByRole('link', { name: 'README.md', exact: true }).first().waitFor()
})

it('a path that is not there says so, and other branches are one step away', async () => {
  await push('main')
  await open('/src/main/gone.txt')
  await page.getByText('There is no main/gone.txt here.').waitFor()
  await page.getByRole('combobox', { name: 'Branch or tag' }).click()
  await page.getByRole('option', { name: 'main', exact: true }).click()
  await page.getByRole('link', { name: 'README.md', exact: true }).first().waitFor()
})

it('commits and files of the main branch are shown where the address names none', async () => {
  await push('main')
  await commitFile(work, 'aside.txt', 'aside')
  await push('main:refs/heads/aside')
  for (const path of ['/commits', '/commits/', '/src', '/src/']) {
    await open(path)
    const picker = page.getByRole('combobox', { name: 'Branch or tag' })
    await expect.poll(() => picker.inputValue(), { timeout: 10_000 }).toBe('main')
  }
  await open('/commits')
  await page.getByText('Change README.md').waitFor()
  expect(await page.getByText('Change aside.txt').count()).toBe(0)
})

it('of the pages of the settings the one that is open is marked', async () => {
  await push('main')
  await open('/settings/access')
  const pages = page.getByRole('navigation', { name: /^Settings of/ })
  await pages.getByRole('link', { name: 'Access' }).waitFor()
  expect(await pages.locator('[aria-current="page"]').allInnerTexts()).toEqual(['Access'])
})

it('a file of very many lines shows the first, then more, and any that is linked to', async () => {
  const text = Array.from({ length: LINES }, (_unused, i) => `line ${i + 1}\n`).join('')
  await commitFile(work, 'long.txt', text)
  await push('main')
  await open('/src/main/long.txt')
  await page.getByText('5,000 of 30,000 lines').waitFor()
  await page.getByRole('button', { name: 'Show more' }).click()
  await page.getByText('10,000 of 30,000 lines').waitFor()
  await open('/src/main/long.txt#lines-12000')
  await page.reload()
  await page.getByText('12,100 of 30,000 lines').waitFor()
  expect(await page.locator('#line-12000').isVisible()).toBe(true)
})
