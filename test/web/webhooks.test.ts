// Webhooks in a real browser: added with its events, tried, looked into, sent again, removed.
import { chromium, type Browser, type Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findChromium } from '../../build/chromium.mjs'
import { signIn } from '../helpers/client.ts'
import { eventually } from '../helpers/invariant.ts'
import { openReceiver, type Receiver } from '../helpers/receiver.ts'
import { ADMIN } from '../helpers/server.ts'
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
  const executablePath = findChromium()
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: [...root, '--disable-gpu'] })
  page = await browser.newPage()
  page.setDefaultTimeout(15_000)
  await page.goto(`${site.server.url}/sign-in?next=%2Fworkspaces%2Fada%2Fwebhooks`)
  await page.getByLabel('User name').fill(ADMIN.name)
  await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
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
