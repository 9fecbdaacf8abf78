// Deleted and overwritten in a real browser: put back by a dialog, and removed for good when the name was typed.
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage, visit } from '../helpers/browser.ts'
import { teammate } from '../helpers/client.ts'
import { commitFile, git } from '../helpers/git.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

let site: Site
let browser: Browser
let page: Page
let work: string

beforeAll(async () => {
  site = await openSite()
  const made = await makeRepository(site, 'shop')
  ;({ work } = made)
  await teammate(site.server, made.ada, {
    name: 'will',
    grants: [{ repository: 'ada/shop', permission: 'write' }],
  })
  await git(work, ['remote', 'add', 'origin', remoteOf(site, 'shop')])
  await git(work, ['push', '-q', 'origin', 'main'])
  browser = await openBrowser()
  page = await signedInPage(browser, site.server)
})
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

/** Deletes a branch of one commit and overwrites main; gives the commit that main lost. */
async function lose(branch: string): Promise<string> {
  const base = await git(work, ['rev-parse', 'HEAD'])
  await commitFile(work, `${branch}.txt`, `${branch}\n`)
  await git(work, ['push', '-q', 'origin', `HEAD:refs/heads/${branch}`])
  await git(work, ['push', '-q', 'origin', `:refs/heads/${branch}`])
  const lost = await commitFile(work, 'secret.txt', `${branch}\n`)
  await git(work, ['push', '-q', 'origin', 'HEAD:main'])
  await git(work, ['reset', '-q', '--hard', base])
  await git(work, ['push', '-q', '--force', 'origin', 'main'])
  return lost
}

it('says that there is nothing yet, and shows what a push deletes and overwrites without a reload', async () => {
  await visit(page, `${site.server.url}/ada/shop/branches`)
  await page.getByText('Nothing was deleted or overwritten.').waitFor()
  await lose('topic')
  await page.getByText('Change topic.txt').waitFor()
  await page.getByText(/^overwritten by ada · /).waitFor()
})

it('restores a deleted branch by its name, and an overwritten one beside it', async () => {
  await page.getByRole('button', { name: 'Restore topic of' }).click()
  expect(await page.getByLabel(/^Name/).inputValue()).toBe('topic')
  await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click()
  await page.getByRole('link', { name: 'topic', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Restore main of' }).click()
  await page.getByText('main exists, so it comes back as a new branch.').waitFor()
  await page.getByLabel(/^Name/).fill('topic')
  await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click()
  await page.getByText('topic exists already.').waitFor()
  await page.getByLabel(/^Name/).fill('rescued')
  await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click()
  await page.getByRole('link', { name: 'rescued', exact: true }).waitFor()
  await page.getByText('Nothing was deleted or overwritten.').waitFor()
})

it('is readable at the width of a phone and for those who do not see it', async () => {
  const lost = await lose('a-branch-with-a-rather-long-name-that-does-not-fit')
  await page.getByRole('link', { name: lost.slice(0, 7) }).waitFor()
  await page.setViewportSize({ width: 375, height: 800 })
  expect(await pageFaults(page)).toEqual([])
  await page.setViewportSize({ width: 1280, height: 800 })
})

it('lets a writer restore but not remove', async () => {
  const who = { name: 'will', password: 'will has a password' }
  const will = await signedInPage(browser, site.server, '/ada/shop/branches', who)
  await will.getByRole('button', { name: 'Restore main of' }).waitFor()
  expect(await will.getByRole('button', { name: /for good/ }).count()).toBe(0)
  expect(await will.getByRole('checkbox').count()).toBe(0)
})

it('removes the chosen for good when the name was typed, then all', async () => {
  await page.getByRole('checkbox', { name: 'Choose main of' }).check()
  await page.getByRole('button', { name: 'Remove 1 for good' }).click()
  const button = page.getByRole('dialog').getByRole('button', { name: 'Remove for good' })
  expect(await button.isDisabled()).toBe(true)
  await page.getByLabel('Type ada/shop to confirm').fill('ada/shop')
  await button.click()
  await page.getByText(/^1 tip removed for good, .* freed\./).waitFor()
  await expect.poll(() => page.getByRole('button', { name: 'Restore main of' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Restore a-branch' }).waitFor()
  await page.getByRole('button', { name: 'Remove all for good' }).click()
  await page.getByLabel('Type ada/shop to confirm').fill('ada/shop')
  await button.click()
  await page.getByText('Nothing was deleted or overwritten.').waitFor()
  expect(await page.getByRole('button', { name: /for good/ }).count()).toBe(0)
})
