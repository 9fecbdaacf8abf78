// The second factor in a real browser: a person sets it up, signs in with it, loses the phone; an admin helps and asks all.
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeOf } from '../helpers/authenticator.ts'
import { openBrowser, pageFaults, signedInPage } from '../helpers/browser.ts'
import { signIn, teammate } from '../helpers/client.ts'
import { ADMIN, remove, type Server, startServer } from '../helpers/server.ts'

const BOB = { name: 'bob', password: 'bob has a password' }
let server: Server
let browser: Browser
let bob: Page
let secret: string
let recovery: string[]

beforeAll(async () => {
  server = await startServer()
  const ada = await signIn(server)
  for (const name of ['bob', 'cleo']) await teammate(server, ada, { name })
  browser = await openBrowser()
  bob = await signedInPage(browser, server, '/account/second-factor', BOB)
})
afterAll(async () => {
  await browser.close()
  await server.stop()
  remove(server.data)
})

/** Through the form of an account that has none; gives the secret and the codes that the page shows. */
async function setUp(page: Page, password: string): Promise<{ secret: string; recovery: string[] }> {
  await page.getByRole('textbox', { name: 'Your password' }).fill(password)
  await page.getByRole('button', { name: 'Set it up' }).click()
  await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
  expect(await pageFaults(page)).toEqual([])
  const shown = (await page.locator('pre').first().innerText()).replace(/\s/g, '')
  await page.getByRole('textbox', { name: 'Code' }).fill(codeOf(shown, -1))
  await page.getByRole('button', { name: 'Switch it on' }).click()
  await page.getByText('Your recovery codes').waitFor()
  expect(await pageFaults(page)).toEqual([])
  const codes = (await page.locator('.mono').allInnerTexts()).map((text) => text.trim())
  expect(await page.getByRole('button', { name: 'Go on' }).isDisabled()).toBe(true)
  await page.getByLabel('I have kept them').check()
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByText('On since').waitFor()
  return { secret: shown, recovery: codes }
}

async function password(page: Page, who: { name: string; password: string }): Promise<void> {
  await page.goto(`${server.url}/sign-in`)
  await page.getByLabel('User name').fill(who.name)
  await page.getByRole('textbox', { name: 'Password' }).fill(who.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function freshPage(): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(15_000)
  return page
}

describe('a person', () => {
  it('sets it up with an app, and keeps the codes', async () => {
    await bob.getByRole('textbox', { name: 'Your password' }).fill('not the password')
    await bob.getByRole('button', { name: 'Set it up' }).click()
    await bob.getByText('This is not your current password.').waitFor()
    ;({ secret, recovery } = await setUp(bob, BOB.password))
    expect(recovery).toHaveLength(10)
    await bob.getByText('10 recovery codes are left.').waitFor()
    // The page goes on with its new session.
    await bob.reload()
    await bob.getByText('On since').waitFor()
    expect(await pageFaults(bob)).toEqual([])
  })

  it('signs in with password and code', async () => {
    const page = await freshPage()
    await password(page, BOB)
    await page.getByRole('heading', { name: 'Second step' }).waitFor()
    expect(await pageFaults(page)).toEqual([])
    await page.getByRole('textbox', { name: 'Code' }).fill('000000')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('The code is wrong, or it was used already.').waitFor()
    await page.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret))
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Repositories' }).waitFor()
  })

  it('signs in with a recovery code, makes new ones, and switches it off', async () => {
    const page = await freshPage()
    await password(page, BOB)
    await page.getByRole('button', { name: /use a recovery code/ }).click()
    await page.getByLabel('Recovery code').fill(recovery[0] ?? '')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Repositories' }).waitFor()
    await page.goto(`${server.url}/account/second-factor`)
    await page.getByText('9 recovery codes are left.').waitFor()
    await page.getByRole('button', { name: 'New recovery codes' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Password' }).fill(BOB.password)
    await dialog.getByRole('textbox', { name: 'Code' }).fill(recovery[0] ?? '')
    await dialog.getByRole('button', { name: 'Make new ones' }).click()
    await dialog.getByText('The code is wrong').first().waitFor()
    await dialog.getByRole('textbox', { name: 'Code' }).fill(recovery[1] ?? '')
    await dialog.getByRole('button', { name: 'Make new ones' }).click()
    await page.getByText('10 recovery codes are left.').waitFor()
    await page.getByText('Your recovery codes').waitFor()
    const fresh = (await page.locator('.mono').allInnerTexts()).map((text) => text.trim())
    await page.getByRole('button', { name: 'Switch off' }).click()
    await dialog.getByRole('textbox', { name: 'Password' }).fill(BOB.password)
    await dialog.getByRole('textbox', { name: 'Code' }).fill(fresh[0] ?? '')
    await dialog.getByRole('button', { name: 'Switch off' }).click()
    await page.getByRole('button', { name: 'Set it up' }).waitFor()
  })
})

describe('an admin', () => {
  it('asks everybody, and leads those without one to set it up before all else', async () => {
    const ada = await signedInPage(browser, server, '/admin/settings')
    const choose = async (): Promise<void> => {
      await ada.getByRole('combobox', { name: 'Second factor' }).click()
      await ada.getByRole('option', { name: 'Everybody needs one' }).click()
      await ada.getByRole('button', { name: 'Save' }).click()
    }
    await choose()
    await ada.getByText('Switch on your own second factor first.').first().waitFor()
    await ada.goto(`${server.url}/account/second-factor`)
    await setUp(ada, ADMIN.password)
    await ada.goto(`${server.url}/admin/settings`)
    await choose()
    await ada.getByText('Saved.').waitFor()

    const cleo = await freshPage()
    await password(cleo, { name: 'cleo', password: 'cleo has a password' })
    await cleo.getByText('Until then nothing else can be done').waitFor()
    expect(await pageFaults(cleo)).toEqual([])
    await cleo.goto(`${server.url}/account/app-passwords`)
    await cleo.waitForURL((url) => url.pathname === '/account/second-factor')
    await setUp(cleo, 'cleo has a password')
    await cleo.getByText('so it stays on').waitFor()
    await cleo.goto(`${server.url}/`)
    await cleo.getByRole('heading', { level: 1, name: 'Repositories' }).waitFor()

    await ada.goto(`${server.url}/admin/people`)
    await ada.getByRole('button', { name: 'Change cleo' }).click()
    await ada.getByRole('menuitem', { name: 'Switch off the second factor' }).click()
    await ada.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click()
    await expect.poll(() => ada.getByText('second factor', { exact: true }).count()).toBe(1)
    await cleo.reload()
    await cleo.getByRole('button', { name: 'Sign in' }).waitFor()
  })
})
