// The operations pages in a real browser: what is wrong stands on top, charts tell their values, slow requests are listed.
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage } from '../helpers/browser.ts'
import { git } from '../helpers/git.ts'
import { hook } from '../helpers/program.ts'
import { signIn } from '../helpers/client.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

let site: Site
let browser: Browser
let page: Page

beforeAll(async () => {
  site = await openSite({ env: { GITSTEAD_WORKERS: '2' } })
  browser = await openBrowser()
  page = await signedInPage(browser, site.server, '/admin/operations')
})
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

it('says how the server is, and says it anew without a reload', async () => {
  const health = page.getByRole('status', { name: 'Health' })
  await health.getByText('All is well').waitFor()
  for (const name of ['jobs', 'web1', 'web2', 'supervisor']) {
    await page.getByRole('region', { name: 'Processes' }).getByText(name, { exact: true }).waitFor()
  }
  await page.getByRole('region', { name: 'Git processes' }).getByText('None runs.').waitFor()
  const db = new Database(join(site.data, 'gitstead.db'), { timeout: 5000 })
  db.exec(`insert into jobs (kind, state, attempts, run_at, created_at, finished_at)
    values ('webhook', 'parked', 6, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z')`)
  db.close()
  await health.getByText('It works, and you should look').waitFor()
  await health.getByText(/1 of them have failed as often as they may/).waitFor()
})

it('draws the last day, and tells the value under the pointer', async () => {
  const at = Math.floor(Date.now() / 300_000) * 300 - 3600
  const sample = { ...EMPTY, classes: { api: { times: { 4: 12 }, failed: 0, refused: 0, waiting: 0 } } }
  const db = new Database(join(site.data, 'gitstead.db'), { timeout: 5000 })
  db.prepare('insert or replace into samples values (?, ?)').run(at + 60, JSON.stringify(sample))
  db.close()
  await page.reload()
  const chart = page.getByRole('img', { name: /^Requests, last day: pages 0, at most 0; API 12, at most 12; git 0/ })
  await chart.waitFor()
  const box = await chart.boundingBox()
  if (!box) throw new Error('the chart has no place')
  // The point of an hour ago is twelve before the last one.
  await page.mouse.move(box.x + (box.width * (288 - 12.5)) / 288, box.y + 10)
  await expect.poll(() => page.locator('.card', { has: chart }).innerText()).toMatch(/API (12|–)/)
  expect(await pageFaults(page)).toEqual([])
})

it('lists slow requests with their git, by times that an admin sets', async () => {
  // What a busy machine made slow before.
  const ada = await signIn(site.server)
  await ada.put('/api/gitstead/1/settings', { slow_ms: 60_000, slow_git_ms: 60_000 })
  const db = new Database(join(site.data, 'gitstead.db'), { timeout: 5000 })
  await expect
    .poll(() => db.prepare('delete from slow_requests').run().changes, { interval: 2500, timeout: 20_000 })
    .toBe(0)
  db.close()
  await page.getByRole('link', { name: 'Slow requests' }).first().click()
  await page.getByText('No slow request').waitFor()
  await page.getByLabel('Git, seconds').fill('0.2')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  const { work } = await makeRepository(site, 'shop')
  hook(site.data, 'pre-receive', 'sleep 0.5')
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
  await page.getByText('POST git-receive-pack').waitFor()
  await page.getByText(/^git receive-pack \d/).waitFor()
  expect(await page.getByLabel('Git, seconds').inputValue()).toBe('0.2')
})

it('keeps what was typed when it is refused', async () => {
  await page.getByLabel('Pages and API, seconds').fill('0')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => page.getByRole('alert').count()).toBeGreaterThan(0)
  expect(await page.getByLabel('Pages and API, seconds').inputValue()).toBe('0')
})

const EMPTY = {
  writes: {},
  git: 0,
  loop: 0,
  busy: 0,
  memory: 1,
  sockets: 0,
  jobs: { waiting: 0, parked: 0, lag: 0 },
  disks: {},
  database: 1,
  wal: 1,
}
