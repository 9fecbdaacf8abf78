// Files that come and go by the browser: made, uploaded, deleted, and the first one of a repository.
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage, visit } from '../helpers/browser.ts'
import { sendEdit } from '../helpers/edits.ts'
import { commitFile, git } from '../helpers/git.ts'
import { ask } from '../helpers/repos.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

let site: Site
let browser: Browser
let page: Page
let path: string

beforeAll(async () => {
  site = await openSite()
  browser = await openBrowser()
  page = await signedInPage(browser, site.server)
  const made = await makeRepository(site, 'web')
  path = made.path
  await commitFile(made.work, 'docs/only.txt', 'alone\n')
  await git(made.work, ['push', '-q', remoteOf(site, 'web'), 'main'])
})
beforeEach(() => page.setViewportSize({ width: 1280, height: 800 }))
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

const at = (place: string): string => `${site.server.url}/ada/web${place}`
const dialog = () => page.getByRole('dialog', { name: 'Commit changes' })

async function type(words: string): Promise<void> {
  await page.getByRole('textbox', { name: /^Content of/ }).click()
  await page.keyboard.type(words)
}

it('makes a file in a new folder, also on a phone', async () => {
  await page.setViewportSize({ width: 390, height: 800 })
  await visit(page, at('/src/main/docs'))
  await page.getByRole('button', { name: 'Add file' }).click()
  await page.getByRole('menuitem', { name: 'Create a file' }).click()
  await expect
    .poll(() => page.getByLabel('Path').evaluate((field) => field === document.activeElement), { timeout: 10_000 })
    .toBe(true)
  await page.getByLabel('Path').fill('docs/only.txt')
  await type('# New\n')
  expect(await pageFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Commit changes…' }).click()
  await dialog().getByRole('button', { name: 'Commit', exact: true }).click()
  await dialog().getByText('There is docs/only.txt already.').waitFor()
  await dialog().getByRole('button', { name: 'Go on editing' }).click()
  await page.getByLabel('Path').fill('docs/deep/new.md')
  await page.getByRole('button', { name: 'Commit changes…' }).click()
  await dialog().locator('tr.added', { hasText: '# New' }).waitFor()
  await dialog().getByRole('button', { name: 'Commit', exact: true }).click()
  await page.waitForURL(at('/src/main/docs/deep/new.md'))
  expect(ask(path, ['log', '-1', '--format=%s', 'main'])).toBe('Create docs/deep/new.md')
})

it('uploads two files into a folder in one commit, and deletes one again', async () => {
  await visit(page, at('/upload/main/docs'))
  await page.locator('input[type=file]').setInputFiles([
    { name: 'a.bin', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 1, 2, 255]) },
    { name: 'ü b.txt', mimeType: 'text/plain', buffer: Buffer.from('text\n') },
    { name: 'not.txt', mimeType: 'text/plain', buffer: Buffer.from('no\n') },
  ])
  await page.getByLabel('Into the folder').fill('docs/up')
  await page.getByRole('button', { name: 'Leave out not.txt' }).click()
  expect(await pageFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Upload and commit' }).click()
  await page.waitForURL(at('/src/main/docs/up'))
  await page.getByRole('link', { name: 'ü b.txt' }).click()
  expect(ask(path, ['-c', 'core.quotePath=false', 'show', '--format=%s', '--name-only', 'main'])).toBe(
    'Upload 2 files\n\ndocs/up/a.bin\ndocs/up/ü b.txt',
  )
  await page.getByText('text').first().waitFor()
  await page.getByRole('button', { name: 'Delete' }).click()
  const asked = page.getByRole('dialog', { name: 'Delete ü b.txt?' })
  await asked.getByLabel('Message').fill('Away')
  await asked.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('link', { name: 'a.bin' }).waitFor()
  await page.getByRole('link', { name: 'ü b.txt' }).waitFor({ state: 'hidden' })
  expect(page.url()).toBe(at('/src/main/docs/up'))
  expect(ask(path, ['log', '-1', '--format=%s', 'main'])).toBe('Away')
})

it('begins an empty repository', async () => {
  const { path: empty } = await makeRepository(site, 'fresh')
  await visit(page, `${site.server.url}/ada/fresh`)
  await page.getByRole('link', { name: 'Create a file here' }).click()
  await page.getByLabel('Path').fill('README.md')
  await type('# First\n')
  await page.getByRole('button', { name: 'Commit changes…' }).click()
  await dialog().getByRole('button', { name: 'Commit', exact: true }).click()
  await page.waitForURL(`${site.server.url}/ada/fresh/src/main/README.md`)
  await page.getByRole('tab', { name: 'Commits' }).waitFor()
  expect(ask(empty, ['cat-file', 'blob', 'main:README.md'])).toBe('# First')
})

it('says which files an upload replaces, and asks where somebody was faster', async () => {
  await visit(page, at('/upload/main/docs'))
  await page.locator('input[type=file]').setInputFiles([
    { name: 'only.txt', mimeType: 'text/plain', buffer: Buffer.from('mine\n') },
    { name: 'other.txt', mimeType: 'text/plain', buffer: Buffer.from('other\n') },
  ])
  await page.getByText('replaces the one there').waitFor()
  expect(await page.getByText('replaces the one there').count()).toBe(1)
  const theirs = await sendEdit(site, [['/docs/only.txt', 'theirs\n']])
  expect(theirs.status).toBe(201)
  await page.getByRole('button', { name: 'Upload and commit' }).click()
  await page.getByText('Somebody has changed docs/only.txt since you began.').waitFor()
  await page.getByRole('button', { name: 'Put mine in place of theirs' }).click()
  await page.waitForURL(at('/src/main/docs'))
  expect(ask(path, ['show', 'main:docs/only.txt'])).toBe('mine')
  expect(ask(path, ['rev-parse', 'main^'])).toBe(theirs.body.hash)
})
