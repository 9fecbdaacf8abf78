// Tokens in a real browser: made, seen once, used, revoked; and an admin who changes the key that signs them.
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, signedInPage, visit } from '../helpers/browser.ts'
import { client } from '../helpers/client.ts'
import { closeSite, makeRepository, openSite, type Site } from '../helpers/site.ts'

let site: Site
let browser: Browser
let page: Page

beforeAll(async () => {
  site = await openSite()
  await makeRepository(site, 'shop')
  browser = await openBrowser()
  page = await signedInPage(browser, site.server, '/account/tokens')
})
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

async function statusOf(secret: string): Promise<number> {
  const caller = client(site.server, { Authorization: `Bearer ${secret}` })
  return (await caller.get('/2.0/repositories/ada/shop')).status
}

async function makeToken(label: string): Promise<string> {
  await page.getByRole('button', { name: 'New token' }).click()
  const form = page.getByRole('dialog', { name: 'New token' })
  await form.getByLabel('What it is for').fill(label)
  await form.getByRole('button', { name: 'Create' }).click()
  await page.getByText(label, { exact: true }).waitFor()
  return page.getByText(/^gst_/).innerText()
}

it('makes a token that works, and revokes it', async () => {
  await page.getByText('No token yet').waitFor()
  const secret = await makeToken('nightly build')
  await page.getByRole('main').getByText('Read repositories: clone and fetch').waitFor()
  expect(await statusOf(secret)).toBe(200)
  await page.getByRole('button', { name: 'Revoke nightly build' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('No token yet').waitFor()
  expect(await statusOf(secret)).toBe(401)
})

it('rotates the key, and withdraws the old one with what it signed', async () => {
  const secret = await makeToken('old key')
  await visit(page, `${site.server.url}/admin/token-keys`)
  await page.getByRole('button', { name: 'Rotate' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click()
  await page.getByText('retired').waitFor()
  expect(await statusOf(secret)).toBe(200)
  await page.getByRole('button', { name: /^Withdraw/ }).click()
  await page.getByText('1 of them now').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click()
  await expect.poll(() => page.getByText('retired').count()).toBe(0)
  expect(await statusOf(secret)).toBe(401)
})

it('makes a deploy token for a repository, and revokes it', async () => {
  await visit(page, `${site.server.url}/ada/shop/settings/deploy-tokens`)
  await page.getByText('No deploy token yet').waitFor()
  await page.getByRole('button', { name: 'New deploy token' }).click()
  const form = page.getByRole('dialog', { name: 'New deploy token' })
  await form.getByLabel('Name').fill('build server')
  await form.getByLabel('Write: push too').check()
  await form.getByRole('button', { name: 'Create' }).click()
  const secret = await page.getByText(/^gsd_/).innerText()
  expect(await statusOf(secret)).toBe(200)
  await page.getByRole('button', { name: 'Revoke build server' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('No deploy token yet').waitFor()
  expect(await statusOf(secret)).toBe(401)
})
