// What happened, in a real browser: the audit log, activity, notifications that come by themselves, and mail.
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, signedInPage } from '../helpers/browser.ts'
import { type Client, teammate } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { openSmtp, plainOf, type Smtp } from '../helpers/smtp.ts'

let site: Site
let smtp: Smtp
let browser: Browser
let ada: Client
let page: Page
let work: string

beforeAll(async () => {
  site = await openSite()
  smtp = await openSmtp()
  const made = await makeRepository(site, 'shop')
  ada = made.ada
  work = made.work
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
  await teammate(site.server, ada, { name: 'bob', grants: [{ repository: 'ada/shop', permission: 'write' }] })
  browser = await openBrowser()
  page = await signedInPage(browser, site.server)
})
afterAll(async () => {
  await browser.close()
  await smtp.close()
  await closeSite(site)
})

/** A commit of bob's, pushed by him. */
async function pushAsBob(message: string, to = 'main'): Promise<void> {
  await git(work, ['commit', '-q', '--allow-empty', '-m', message])
  const url = remoteOf(site, 'shop').replace(/\/\/[^@]*@/, '//bob:bob%20has%20a%20password@')
  await git(work, ['push', '-q', url, `main:${to}`])
}

it('the dashboard and the bell turn by themselves, and the inbox leads to the commit', async () => {
  await page.goto(site.server.url)
  await page.getByRole('link', { name: 'Notifications, 1 unread' }).first().waitFor()
  await page.getByText('Recent pushes').waitFor()
  await pushAsBob('For @ada to see', 'refs/heads/news')
  await page.getByText('news', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Notifications, 2 unread' }).first().click()
  await page.getByRole('link', { name: 'bob mentioned you in “For @ada to see”' }).click()
  await page.getByText('For @ada to see').first().waitFor()
  expect(page.url()).toMatch(/\/ada\/shop\/commit\/[0-9a-f]{40}$/)
  await page.getByRole('link', { name: 'Notifications, 1 unread' }).first().click()
  await page.getByRole('button', { name: 'Mark all as read' }).click()
  await page.getByText('You have read everything').waitFor()
  await page.getByText('All', { exact: true }).click()
  await page.getByRole('link', { name: 'bob accepted your invitation' }).waitFor()
  await page.getByRole('link', { name: 'Notifications', exact: true }).first().waitFor()
})

it('a repository is watched no longer by a click, and its activity names who did what', async () => {
  await page.goto(`${site.server.url}/ada/shop/activity`)
  await page.getByText('made the repository').waitFor()
  await page.getByRole('button', { name: 'Watching' }).click()
  await page.getByRole('button', { name: 'Watch', exact: true }).waitFor()
  await pushAsBob('Unwatched')
  await page.getByText('pushed to main').first().waitFor()
  await page.getByRole('link', { name: 'bob', exact: true }).first().click()
  await page.getByRole('heading', { level: 1, name: 'bob' }).waitFor()
  await page.getByText('pushed to main').first().waitFor()
})

it('the audit log is found in, looked into, and kept as long as an admin says', async () => {
  await page.goto(`${site.server.url}/admin/audit`)
  const find = page.getByRole('form', { name: 'Find events' })
  await find.getByLabel('Person').fill('bob')
  await find.getByLabel('What').selectOption('repo:push')
  await find.getByRole('button', { name: 'Find' }).click()
  await page.waitForURL(/person=bob/)
  await page.getByText('pushed to main').waitFor()
  expect(await page.getByText(/(ada|bob) signed in/).count()).toBe(0)
  await page
    .getByRole('button', { name: /^Details of event/ })
    .first()
    .click()
  await page.getByText('"newOid"').waitFor()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    (async () => {
      await page.getByRole('button', { name: 'Export' }).click()
      await page.getByRole('menuitem', { name: 'CSV, for spreadsheets' }).click()
    })(),
  ])
  expect(file.suggestedFilename()).toMatch(/^gitstead-audit-.*\.csv$/)
  await page.getByRole('button', { name: 'Show all' }).click()
  await page.getByRole('button', { name: 'Retention' }).click()
  const dialog = page.getByRole('dialog', { name: 'How long events are kept' })
  await dialog.getByLabel('Keep events').selectOption('365')
  await dialog.getByText('removed for good within the hour').waitFor()
  await dialog.getByRole('button', { name: 'Remove older events' }).click()
  await page.getByText('set events to be kept for 365 days').waitFor()
})

it('mail is set up, tried, and goes to an address that was confirmed', async () => {
  await page.goto(`${site.server.url}/admin/mail`)
  await page.getByRole('switch', { name: 'Send mail' }).check({ force: true })
  await page.getByLabel('Mail server').fill('127.0.0.1')
  await page.getByLabel('Port').fill(String(smtp.port))
  await page.getByLabel('Encryption').selectOption('plain')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Enter the address that mails come from.').first().waitFor()
  expect(await page.getByLabel('Mail server').inputValue()).toBe('127.0.0.1')
  await page.getByLabel('Mails come from').fill('git@example.com')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  const tryIt = page.getByRole('form', { name: 'Try it' })
  await tryIt.getByLabel('To').fill('ada@example.com')
  await tryIt.getByRole('button', { name: 'Send a test' }).click()
  await page.getByText('The mail server has taken the mail to ada@example.com.').waitFor()

  await page.goto(`${site.server.url}/account/profile`)
  const form = page.getByRole('form', { name: 'Mail address' })
  await form.getByLabel('Your address').fill('ada@example.com')
  await form.getByRole('button', { name: 'Send the link' }).click()
  await form.getByText('A link was sent to ada@example.com.').waitFor()
  expect(await eventually(() => smtp.mails.length === 2)).toBe(true)
  const [link = ''] = /http\S+#token=\S+/.exec(plainOf(smtp.mails[1] ?? { from: '', to: [], text: '' })) ?? []
  await page.goto(link)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.getByText('Mail for ada comes to ada@example.com from now on.').waitFor()
  await page.goto(link)
  await page.reload()
  await page.getByText('This link does not work').waitFor()
  await page.goto(`${site.server.url}/account/notifications`)
  await page.getByText('Here and by mail').first().waitFor()
})
