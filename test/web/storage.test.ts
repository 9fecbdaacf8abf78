// Storage in a real browser: a disk is added, a repository moves to it, its old copy is put back, all is checked.
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage, visit } from '../helpers/browser.ts'
import { git } from '../helpers/git.ts'
import { remove, tempDir } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

let site: Site
let browser: Browser
let page: Page
let outside: string

beforeAll(async () => {
  site = await openSite()
  outside = tempDir('gitstead-volume-')
  const { work } = await makeRepository(site, 'shop')
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
  browser = await openBrowser()
  page = await signedInPage(browser, site.server, '/admin/storage')
})
afterAll(async () => {
  await browser.close()
  await closeSite(site)
  remove(outside)
})

it('adds a disk, and keeps what was typed when the folder is refused', async () => {
  const disks = page.getByRole('region', { name: 'Disks' })
  await disks.getByRole('button', { name: 'Add a disk' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Second')
  await dialog.getByLabel('Folder').fill(join(site.data, 'git'))
  await dialog.getByRole('button', { name: 'Add the disk' }).click()
  await dialog.getByText('That folder belongs to the data of this server.').first().waitFor()
  expect(await dialog.getByLabel('Name').inputValue()).toBe('Second')
  await dialog.getByLabel('Folder').fill(join(outside, 'disk'))
  await dialog.getByLabel('Kept free').fill('1 GB')
  await dialog.getByRole('button', { name: 'Add the disk' }).click()
  await disks.getByText(join(outside, 'disk')).waitFor()
  await disks.getByText(/1\.0 GB kept free/).waitFor()
})

it('moves a repository, shows the copy that is left, and puts it back when the name was typed', async () => {
  await page.getByRole('button', { name: 'Move ada/shop' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Move', exact: true }).click()
  const moves = page.getByRole('region', { name: 'Moves' })
  await moves.getByText('done', { exact: true }).waitFor({ timeout: 30_000 })
  await page.getByRole('button', { name: 'Put back the copy of ada/shop' }).click()
  const button = page.getByRole('dialog').getByRole('button', { name: 'Put it back' })
  expect(await button.isDisabled()).toBe(true)
  await page.getByLabel('Type ada/shop to confirm').fill('ada/shop')
  await button.click()
  await moves.getByText('back to the copy on Main').waitFor()
  await page.getByText(/on Second until moved/).waitFor({ timeout: 30_000 })
  await page.getByRole('button', { name: 'Remove now the copy of ada/shop' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove the copy' }).click()
  await expect.poll(() => page.getByRole('region', { name: 'Old copies' }).count()).toBe(0)
})

it('checks all now, and says what was found here and in the settings of the repository', async () => {
  await page.getByRole('button', { name: 'Check all now' }).click()
  await page.getByText('1 repository: 1 whole. The database is whole.').waitFor({ timeout: 30_000 })
  await page.getByRole('region', { name: 'Repositories by size' }).getByText('whole', { exact: true }).waitFor()
  await visit(page, `${site.server.url}/ada/shop/settings/storage`)
  await page.getByText('Every object was read').waitFor()
})

it('keeps the hour, closes a disk and removes an empty one; readable on a phone', async () => {
  await visit(page, `${site.server.url}/admin/storage`)
  await page.getByLabel('Begins at').selectOption('5')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  await page.getByRole('button', { name: 'More for the disk Second' }).click()
  await page.getByRole('menuitem', { name: 'Close for new repositories' }).click()
  await page.getByText('closed for new ones').waitFor()
  await page.setViewportSize({ width: 375, height: 800 })
  expect(await pageFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'More for the disk Second' }).click()
  await page.getByRole('menuitem', { name: 'Remove' }).click()
  await page.getByRole('button', { name: 'Remove the disk' }).click()
  await expect.poll(() => page.getByText(join(outside, 'disk')).count()).toBe(0)
})
