// A team in a real browser: a workspace of its own, its members and projects, and people found by typing.
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, signedInPage, visit } from '../helpers/browser.ts'
import { signIn, teammate } from '../helpers/client.ts'
import { remove, type Server, startServer } from '../helpers/server.ts'

let server: Server
let browser: Browser
let page: Page

beforeAll(async () => {
  server = await startServer()
  const ada = await signIn(server)
  await teammate(server, ada, { name: 'grace' })
  await ada.post('/2.0/repositories/ada/web')
  browser = await openBrowser()
  page = await signedInPage(browser, server)
})
afterAll(async () => {
  await browser.close()
  await server.stop()
  remove(server.data)
})

it('makes a workspace, whose address follows its name', async () => {
  await visit(page, `${server.url}/new-workspace`)
  await page.getByRole('textbox', { name: 'Name' }).fill('The Team')
  expect(await page.getByRole('textbox', { name: 'Address' }).inputValue()).toBe('the-team')
  await page.locator('form button[type=submit]').click()
  await page.waitForURL(/the-team/)
})

it('says where an address is taken, and loses nothing', async () => {
  await visit(page, `${server.url}/new-workspace`)
  await page.getByRole('textbox', { name: 'Name' }).fill('The Team')
  await page.locator('form button[type=submit]').click()
  await page
    .getByText(/taken|exists/i)
    .first()
    .waitFor()
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('The Team')
})

it('adds a person who was found by typing, and removes them after a question', async () => {
  await visit(page, `${server.url}/workspaces/the-team/members`)
  await page.getByRole('combobox', { name: 'Add a person' }).fill('gra')
  await page.getByRole('option', { name: /grace/ }).click()
  await page.getByRole('form', { name: 'Add a person' }).locator('button[type=submit]').click()
  const remove = page.getByRole('button', { name: 'Remove grace' })
  await remove.waitFor()
  await remove.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await remove.waitFor({ state: 'detached' })
})

it('makes a project', async () => {
  await visit(page, `${server.url}/workspaces/the-team/projects`)
  await page
    .locator('main')
    .getByRole('button', { name: /project/i })
    .first()
    .click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Rockets')
  await page.getByRole('dialog').getByRole('textbox', { name: 'Key' }).fill('ROC')
  await page.getByRole('dialog').locator('button[type=submit]').click()
  await page.getByRole('button', { name: 'Edit Rockets' }).waitFor()
})

it('keeps every letter that is typed into the search of the dashboard', async () => {
  await visit(page, server.url)
  const box = page.getByRole('searchbox', { name: /find/i }).first()
  await box.pressSequentially('a rather long search', { delay: 5 })
  await page.waitForURL(/q=/)
  expect(await box.inputValue()).toBe('a rather long search')
})
