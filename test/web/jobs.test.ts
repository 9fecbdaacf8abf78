// The page of background work in a real browser: what is parked is resumed, what waits is cancelled after a question.
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, signedInPage } from '../helpers/browser.ts'
import { commitFile, git } from '../helpers/git.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

let site: Site
let browser: Browser
let page: Page

beforeAll(async () => {
  site = await openSite({ env: { GITSTEAD_QUIET_SECONDS: '60' } })
  browser = await openBrowser()
  page = await signedInPage(browser, site.server, '/admin/jobs')
})
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

it('shows what happens without a reload, and lets an admin decide', async () => {
  await page.getByText('No background work').waitFor()
  const { work } = await makeRepository(site, 'shop')
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
  const waiting = page.getByRole('region', { name: 'Waiting' })
  await waiting.getByText('ada/shop').waitFor()
  await waiting.getByRole('button', { name: /^Cancel Upkeep/ }).click()
  await page.getByRole('button', { name: 'Cancel the job' }).click()
  const ended = page.getByRole('region', { name: 'Ended lately' })
  await ended.getByText('Cancelled by an admin.').waitFor()

  const db = new Database(join(site.data, 'gitstead.db'), { timeout: 5000 })
  db.exec("update jobs set state = 'parked', attempts = 5, error = 'It broke.'")
  db.close()
  // Written past the server: the next push makes it tell that something has changed.
  await commitFile(work, 'more', 'more')
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
  const parked = page.getByRole('region', { name: 'Parked' })
  await parked.getByText('It broke.').waitFor()
  await parked.getByRole('button', { name: /^Resume/ }).click()
  await ended.getByText('done', { exact: true }).waitFor()
  expect(rows(site.server, 'select state from jobs order by id')).toEqual([{ state: 'done' }, { state: 'waiting' }])
})
