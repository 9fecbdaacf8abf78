// What forms and powerful buttons answer: they say what they did, ask before they do it, and do it once.
import type { Browser, Page, Request } from 'playwright'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage, visit } from '../helpers/browser.ts'
import { type Client, signIn, teammate } from '../helpers/client.ts'
import { closeSite, openSite, type Site } from '../helpers/site.ts'

const PHONE = { width: 375, height: 700 }
const WIDE = { width: 1280, height: 800 }

let site: Site
let ada: Client
let browser: Browser
let page: Page

beforeAll(async () => {
  site = await openSite()
  ada = await signIn(site.server)
  await teammate(site.server, ada, { name: 'grace' })
  await ada.post('/2.0/repositories/ada/web')
  await ada.put('/2.0/repositories/ada/web/permissions-config/users/grace', { permission: 'read' })
  browser = await openBrowser()
  page = await signedInPage(browser, site.server)
})
beforeEach(() => page.setViewportSize(WIDE))
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

const open = (path: string): Promise<void> => visit(page, site.server.url + path)
const dialog = (name: string | RegExp) => page.getByRole('dialog', { name })

/** The changes of this resource that the page sends meanwhile. */
async function sent(resource: string, act: () => Promise<unknown>): Promise<number> {
  let count = 0
  const note = (request: Request): void => {
    if (request.method() !== 'GET' && request.url().includes(resource)) count++
  }
  page.on('request', note)
  await act()
  page.off('request', note)
  return count
}

/** So close that the page has not drawn the first click when the second comes. */
async function clickTwice(name: string): Promise<void> {
  await page.getByRole('button', { name }).evaluate((button) => {
    for (let click = 0; click < 2; click++)
      button.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))
  })
}

const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '')

describe('a form', () => {
  it('keeps the keyboard when it was sent with it, and says that it is saved', async () => {
    await open('/account/profile')
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada L.')
    await page.getByRole('button', { name: 'Save', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Saved.').waitFor()
    expect(await focused()).toBe('Save')
  })

  it('is sent once, however fast the button is clicked', async () => {
    await open('/new')
    await page.getByLabel(/^Name/).fill('🎉')
    await page.getByText('It needs a letter from a to z, or a digit.').waitFor()
    await page.getByLabel(/^Name/).fill('Once')
    const count = await sent('/2.0/repositories/', async () => {
      await clickTwice('Create repository')
      await page.getByText('Waiting for your first push').waitFor()
    })
    expect(count).toBe(1)
  })

  it('of a repository is not left unasked, and its new name is said to be saved', async () => {
    await open('/ada/web/settings')
    await page.getByLabel('Description').fill('What nobody has saved')
    await page.getByRole('link', { name: 'Access' }).click()
    await dialog('Leave without saving?').getByRole('button', { name: 'Stay' }).click()
    expect(await page.getByLabel('Description').inputValue()).toBe('What nobody has saved')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved.').waitFor()
    await page.getByRole('link', { name: 'Access' }).click()
    await page.getByRole('combobox', { name: 'Access of grace (grace)' }).waitFor()
  })
})

describe('a powerful change', () => {
  it('of a permission is confirmed where it was made, and an access is taken away after a question', async () => {
    await open('/ada/web/settings/access')
    await page.getByRole('combobox', { name: 'Access of grace (grace)' }).click()
    await page.getByRole('option', { name: 'write' }).click()
    await page.getByRole('status').filter({ hasText: 'Saved.' }).waitFor()
    const remove = page.getByRole('button', { name: 'Remove the access of grace (grace)' })
    await remove.click()
    await dialog('Remove the access of grace (grace)?').getByRole('button', { name: 'Cancel' }).click()
    const { body } = await ada.get('/2.0/repositories/ada/web/permissions-config/users/grace')
    expect(body.permission).toBe('write')
    await remove.click()
    await dialog(/^Remove/)
      .getByRole('button', { name: 'Remove' })
      .click()
    await remove.waitFor({ state: 'detached' })
  })

  it('of who is in a group is asked about', async () => {
    const { body } = await ada.post('/api/gitstead/1/groups', { workspace: 'ada', name: 'Readers' })
    await ada.put(`/api/gitstead/1/groups/${encodeURIComponent(body.uuid)}/members/grace`)
    await open('/workspaces/ada/groups')
    await page.getByRole('button', { name: 'Take grace out of Readers' }).click()
    await dialog('Take grace out of Readers?').getByRole('button', { name: 'Take out' }).click()
    await page.getByText('Nobody is in it.').waitFor()
  })

  it('of who is an admin is asked about, and the menu can be read', async () => {
    await open('/admin/people')
    await page.getByRole('button', { name: 'Change grace' }).click()
    await page.getByRole('menuitem', { name: 'Disable the account' }).waitFor()
    expect(await pageFaults(page, ['color-contrast'])).toEqual([])
    await page.getByRole('menuitem', { name: 'Make an admin' }).click()
    await dialog('Make grace an admin?').getByRole('button', { name: 'Make an admin' }).click()
    await page.getByText('admin', { exact: true }).nth(1).waitFor()
    await page.getByRole('button', { name: 'Change grace' }).click()
    await page.getByRole('menuitem', { name: 'No longer an admin' }).click()
    await dialog(/grace/).getByRole('button', { name: 'No longer an admin' }).click()
    await expect.poll(() => page.getByText('admin', { exact: true }).count()).toBe(1)
  })
})

it('invites members unless something else is chosen, and says what collaborators see', async () => {
  await open('/')
  await page.getByRole('button', { name: 'Invite' }).click()
  const role = dialog('Invite a teammate').getByRole('combobox', { name: 'Role' })
  await expect.poll(() => role.inputValue()).toMatch(/^Member/)
  await role.click()
  await page.getByRole('option', { name: /^Collaborator/ }).click()
  await page.getByText('A collaborator sees nothing until something is shared with them.').waitFor()
  const count = await sent('/invitations', async () => {
    await clickTwice('Make the link')
    await page.getByText('The invitation', { exact: true }).waitFor()
  })
  expect(count).toBe(1)
  const link = await dialog('Invite a teammate')
    .getByText(/#token=/)
    .innerText()
  const guest = await (await browser.newContext()).newPage()
  await guest.goto(link)
  await guest.getByLabel('User name').fill('linus')
  await guest.getByRole('textbox', { name: 'Password' }).fill('linus has a password')
  await guest.getByRole('button', { name: 'Join' }).click()
  await guest.getByText('There is no repository for you yet.').waitFor()
  await ada.post('/2.0/repositories/ada/hollow', { visibility: 'public' })
  await guest.goto(`${site.server.url}/ada/hollow`)
  await guest.getByText('Nothing was pushed yet.').waitFor()
  expect(await guest.getByText('git push').count()).toBe(0)
})

describe('on a phone', () => {
  it('the menu of pages shows the open one, and where it goes on', async () => {
    await page.setViewportSize(PHONE)
    await open('/account/sessions')
    const menu = page.getByRole('navigation', { name: 'Account' })
    const [all, one] = await Promise.all([
      menu.boundingBox(),
      menu.getByRole('link', { name: 'Sessions' }).boundingBox(),
    ])
    expect(one && all && one.x >= all.x && one.x + one.width <= all.x + all.width).toBe(true)
    await expect.poll(() => menu.getAttribute('data-before')).toBe('true')
    await menu.getByRole('link', { name: 'Notification settings' }).waitFor()
  })

  it('a button keeps its words beside a long text', async () => {
    await page.setViewportSize(PHONE)
    const note = 'For whoever starts on Monday and asks for a way in'
    await ada.post('/api/gitstead/1/invitations', { workspace: 'ada', role: 'member', note })
    for (const [path, name] of [
      ['/account/sessions', 'Sign out'],
      ['/admin/invitations', 'Withdraw'],
    ] as const) {
      await open(path)
      const words = page.locator('.row').getByRole('button', { name }).first().locator('.mantine-Button-label')
      expect(await words.evaluate((label) => label.scrollWidth <= label.clientWidth)).toBe(true)
    }
  })
})
