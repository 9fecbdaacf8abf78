// A new password in a real browser: what goes on, what ends, and that the page says so before it is done.
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, signedInPage } from '../helpers/browser.ts'
import { basic, type Client, client, signIn } from '../helpers/client.ts'
import { ADMIN, remove, type Server, startServer } from '../helpers/server.ts'

let server: Server
let browser: Browser
let page: Page
let app: string

beforeAll(async () => {
  server = await startServer()
  browser = await openBrowser()
  page = await signedInPage(browser, server)
})
afterAll(async () => {
  await browser.close()
  await server.stop()
  remove(server.data)
})

const withApp = async (): Promise<number> => (await client(server, basic(ADMIN.name, app)).get('/2.0/user')).status

async function change(current: string, password: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Current password' }).fill(current)
  await page.getByRole('textbox', { name: 'New password' }).fill(password)
  await page.getByRole('button', { name: 'Change the password' }).click()
  await page.getByText(/^Changed\./).waitFor()
}

async function elsewhere(password: string): Promise<Client> {
  const other = await signIn(server, ADMIN.name, password)
  expect((await other.get('/2.0/user')).status).toBe(200)
  return other
}

it('signs other browsers out and lets app passwords go on, unless they are to end too', async () => {
  const first = await elsewhere(ADMIN.password)
  const wanted = { label: 'x', scopes: ['account'] }
  app = (await first.post('/api/gitstead/1/app-passwords', wanted)).body.secret
  await page.goto(`${server.url}/account/profile`)
  await page.getByText('signs you out of all other browsers').waitFor()
  await page.getByText('Git and programs go on with them unless you tick this.').waitFor()

  await change(ADMIN.password, 'a password of mine')
  expect([(await first.get('/2.0/user')).status, await withApp()]).toEqual([401, 200])

  const second = await elsewhere('a password of mine')
  await page.reload()
  await page.getByLabel('Revoke all app passwords and tokens too').check()
  await change('a password of mine', 'another password of mine')
  expect([(await second.get('/2.0/user')).status, await withApp()]).toEqual([401, 401])
  expect(await page.getByLabel('Revoke all app passwords and tokens too').isChecked()).toBe(false)
  await page.reload()
  await page.getByRole('textbox', { name: 'Current password' }).waitFor()
})
