// Limits in a real browser: an admin sees who asks most, exempts them, and changes what all may.
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage } from '../helpers/browser.ts'
import { basic, client, signIn, teammate } from '../helpers/client.ts'
import { remove, type Server, startServer } from '../helpers/server.ts'

let server: Server
let browser: Browser
let page: Page

beforeAll(async () => {
  server = await startServer({ env: { GITSTEAD_RATE_LIMITS: 'on' } })
  const ada = await signIn(server)
  await teammate(server, ada, { name: 'robot' })
  browser = await openBrowser()
  page = await signedInPage(browser, server, '/admin/limits')
})
afterAll(async () => {
  await browser.close()
  await server.stop()
  remove(server.data)
})

async function ask(n: number): Promise<number[]> {
  const robot = client(server, basic('robot', 'robot has a password'))
  const statuses: number[] = []
  for (let i = 0; i < n; i++) statuses.push((await robot.get('/2.0/user')).status)
  return statuses
}

it('changes a limit, and says no to what is no address', async () => {
  const api = page.getByRole('textbox', { name: 'Account, API' })
  await api.fill('3')
  await page.getByRole('combobox', { name: 'Exempt addresses' }).fill('somewhere')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Use addresses and ranges such as 10.0.0.0/24.').waitFor()
  expect(await api.inputValue()).toBe('3')
  await page.getByRole('combobox', { name: 'Exempt addresses' }).press('Backspace')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => ask(5)).toContain(429)
})

it('shows who was refused, and exempts them from there', async () => {
  await page.reload()
  await page.getByText(/\d refused/).waitFor()
  expect(await pageFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Exempt robot' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Exempt' }).click()
  await page.getByText('exempt', { exact: true }).waitFor()
  await page.getByText('robot', { exact: true }).nth(1).waitFor()
  expect(new Set(await ask(8))).toEqual(new Set([200]))
})

it('shows tokens and addresses too', async () => {
  await page.getByText('Tokens', { exact: true }).click()
  await page.getByText('No token was used in the last hour.').waitFor()
  await page.getByText('Addresses', { exact: true }).click()
  await page.getByText('127.0.0.1', { exact: true }).waitFor()
  expect(await pageFaults(page)).toEqual([])
})
