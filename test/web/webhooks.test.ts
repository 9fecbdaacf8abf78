// Webhooks in a real browser: added with its events, tried, looked into, sent again, removed.
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, signedInPage } from '../helpers/browser.ts'
import { signIn } from '../helpers/client.ts'
import { eventually } from '../helpers/invariant.ts'
import { openReceiver, type Receiver } from '../helpers/receiver.ts'
import { closeSite, openSite, type Site } from '../helpers/site.ts'

let site: Site
let receiver: Receiver
let browser: Browser
let page: Page

beforeAll(async () => {
  site = await openSite()
  receiver = await openReceiver()
  const ada = await signIn(site.server)
  await ada.put('/api/gitstead/1/settings', { allowed_hooks: ['127.0.0.1'] })
  browser = await openBrowser()
  page = await signedInPage(browser, site.server, '/workspaces/ada/webhooks')
})
afterAll(async () => {
  await browser.close()
  await receiver.close()
  await closeSite(site)
})

it('adds, tries, looks into, sends again and removes', async () => {
  await page.getByText('No webhook yet').waitFor()
  await page.getByRole('button', { name: 'Add a webhook' }).click()
  const form = page.getByRole('dialog', { name: 'Add a webhook' })
  await form.getByLabel('Address').fill(receiver.url)
  await form.getByLabel('Secret').fill('ours')
  await form.getByLabel('Updated').check()
  await form.getByRole('button', { name: 'Save' }).click()
  await page.getByText('repo:push, repo:updated · signed').waitFor()

  await page.getByRole('button', { name: 'Send a test' }).click()
  const log = page.getByRole('region', { name: 'Deliveries' })
  await log.getByText('200', { exact: true }).waitFor()
  await log.getByRole('button', { name: 'Details' }).click()
  await log.getByText('X-Hub-Signature: sha256=').waitFor()
  await log.getByText('thanks').waitFor()
  await log.getByRole('button', { name: 'Send again' }).click()
  expect(await eventually(() => receiver.arrived.length === 2)).toBe(true)
  expect(receiver.arrived[0]?.text).toBe(receiver.arrived[1]?.text)

  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByText('No webhook yet').waitFor()
})
