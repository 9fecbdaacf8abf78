// Ways in and back: to the very address that was asked for, after a server that did not answer, and where a session ends
// while somebody is at work.
import type { Browser, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { openBrowser, signedInPage } from '../helpers/browser.ts'
import { signIn } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { ADMIN } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

let site: Site
let browser: Browser

beforeAll(async () => {
  site = await openSite()
  const { work } = await makeRepository(site, 'web')
  await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
  browser = await openBrowser()
})
afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
})
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

const at = (path: string): string => `${site.server.url}${path}`

async function enter(page: Page, password = ADMIN.password): Promise<void> {
  await page.getByLabel('User name').fill(ADMIN.name)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('textbox', { name: 'Password' }).press('Enter')
}

it('a link to a page of a private repository leads there after signing in, and who is signed in sees no form', async () => {
  const page = await browser.newPage()
  const linked = at('/ada/web/src/main/README.md?view=source#lines-1')
  await page.goto(linked)
  await page.getByLabel('User name').waitFor()
  await enter(page, 'a wrong one')
  await page.getByText('The user name or the password is wrong.').waitFor()
  // What is typed next replaces it.
  expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('password')
  await enter(page)
  await page.getByRole('region', { name: 'Content of README.md' }).waitFor()
  expect(page.url()).toBe(linked)
  await page.goto(at('/sign-in?next=%2Faccount%2Fsessions'))
  await page.waitForURL(at('/account/sessions'))
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.waitForURL(at('/sign-in'))
  expect(await page.getByText('Your session has ended').count()).toBe(0)
})

it('a page that could not be loaded comes when it is tried again', async () => {
  const page = await signedInPage(browser, site.server)
  const calls = /\/(api|2\.0)\//
  await page.route(calls, (route) => route.abort())
  await page.goto(at('/account/sessions'))
  await page.getByText('The server cannot be reached').waitFor()
  await page.unroute(calls)
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('button', { name: 'Sign out' }).first().waitFor()
})

it('a page that is slow to come has its frame at once, and says that it comes', async () => {
  const page = await signedInPage(browser, site.server)
  await page.route('**/api/gitstead/1/session', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 3000))
    await route.continue()
  })
  await page.goto(at('/admin/people'))
  await page.getByRole('status', { name: 'Loading' }).waitFor()
  await page.getByRole('link', { name: 'Gitstead, dashboard' }).waitFor()
  await page.getByRole('heading', { name: 'People' }).waitFor()
})

it('who is signed out elsewhere keeps what they are at, signs in beside it and goes on', async () => {
  const page = await signedInPage(browser, site.server, '/ada/web/edit/main/README.md')
  const text = page.getByRole('textbox', { name: /README\.md/ })
  await text.click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.type('kept ')
  const ada = await signIn(site.server)
  const { values } = (await ada.get('/api/gitstead/1/sessions')).body
  for (const { id, current } of values as { id: string; current: boolean }[])
    if (!current) await ada.delete(`/api/gitstead/1/sessions/${id}`)
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
  await page.getByRole('button', { name: 'Commit changes…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Commit', exact: true }).click()
  await page.getByText('Your session has ended').waitFor()
  await dialog.getByRole('button', { name: 'Go on editing' }).click()
  const [beside] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('link', { name: 'Sign in in another tab' }).click(),
  ])
  await enter(beside)
  await beside.waitForURL(at('/'))
  await beside.close()
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
  await page.getByText('Your session has ended').waitFor({ state: 'hidden' })
  expect(await text.innerText()).toContain('kept ')
  await page.getByRole('button', { name: 'Commit changes…' }).click()
  await dialog.getByRole('button', { name: 'Commit', exact: true }).click()
  await page.waitForURL(at('/ada/web/src/main/README.md'))
})
