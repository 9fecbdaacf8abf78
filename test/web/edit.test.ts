// The editor in a real browser: what is typed becomes a commit, survives whatever happens before, and overwrites nobody.
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage, visit } from '../helpers/browser.ts'
import { commitFile, git } from '../helpers/git.ts'
import { ask } from '../helpers/repos.ts'
import { ADMIN } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

const PATIENCE = { timeout: 10_000 }

let site: Site
let browser: Browser
let page: Page
let work: string
let path: string

beforeAll(async () => {
  site = await openSite()
  browser = await openBrowser()
  page = await signedInPage(browser, site.server)
  ;({ work, path } = await makeRepository(site, 'web'))
  await commitFile(work, 'src/app.ts', "const greeting = 'hello'\nexport function greet() {\n  return greeting\n}\n")
  await commitFile(work, 'docs/only.txt', 'alone\n')
  await commitFile(work, 'crlf.txt', 'one\r\ntwo\r\n')
  await commitFile(work, 'big.txt', 'x'.repeat(1024 * 1024 + 1))
  await commitFile(work, 'pointer.txt', 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n')
  await push()
})
beforeEach(() => page.setViewportSize({ width: 1280, height: 800 }))
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

const push = (...more: string[]): Promise<string> => git(work, ['push', '-q', remoteOf(site, 'web'), 'main', ...more])
const at = (place: string): string => `${site.server.url}/ada/web${place}`
const read = (revision: string): string => ask(path, ['cat-file', 'blob', revision])
const text = () => page.getByRole('textbox', { name: /^Content of/ })
const dialog = () => page.getByRole('dialog', { name: 'Commit changes' })
const typed = (): Promise<string> => page.locator('.cm-content').innerText()

async function type(words: string): Promise<void> {
  await text().click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.type(words)
}

/** Somebody else pushes while the page is open. */
async function theirs(name: string, content: string): Promise<void> {
  await git(work, ['pull', '-q', '--rebase', remoteOf(site, 'web'), 'main'])
  await commitFile(work, name, content)
  await push()
}

describe('editing', () => {
  it('from the file to its new state: colours, preview, commit, without a reload', async () => {
    await visit(page, at('/src/main/src/app.ts'))
    await page.evaluate(() => Object.assign(window, { same: true }))
    await page.getByRole('link', { name: 'Edit', exact: true }).click()
    await type('// by hand\n')
    const keyword = page.locator('.cm-line span', { hasText: 'export' }).first()
    await keyword.waitFor()
    const [word, plain] = await Promise.all(
      [keyword, text()].map((one) => one.evaluate((element) => getComputedStyle(element).color)),
    )
    expect(word).not.toBe(plain)
    expect(await page.locator('.cm-gutters').evaluate((element) => getComputedStyle(element).display)).toBe('flex')
    expect(await pageFaults(page)).toEqual([])
    await page.keyboard.press('Control+s')
    await dialog().getByText('// by hand').waitFor()
    await dialog().getByLabel('Message').fill('Say who wrote it')
    await dialog().getByRole('button', { name: 'Commit', exact: true }).click()
    await page.getByRole('link', { name: 'Edit', exact: true }).waitFor()
    await page.getByText('// by hand').waitFor()
    expect(page.url()).toBe(at('/src/main/src/app.ts'))
    expect(await page.evaluate(() => 'same' in window)).toBe(true)
    expect(ask(path, ['log', '-1', '--format=%s %an', 'main'])).toBe('Say who wrote it ada')
    expect(read('main:src/app.ts').split('\n')[0]).toBe('// by hand')
  })

  it('under another name and on a new branch, with its own line breaks', async () => {
    await visit(page, at('/edit/main/crlf.txt'))
    await type('zero\n')
    await page.getByLabel('Path').fill('.git/x')
    await page.getByText('.git is a name that belongs to git itself.').waitFor()
    expect(await page.getByRole('button', { name: 'Commit changes…' }).isDisabled()).toBe(true)
    await page.getByLabel('Path').fill('moved/crlf.txt')
    await page.getByRole('button', { name: 'Commit changes…' }).click()
    await dialog().getByLabel('A new branch').check()
    await dialog().getByLabel('Name of the new branch').fill('main')
    await dialog().getByRole('button', { name: 'Commit', exact: true }).click()
    await dialog().getByText('There is a branch main already.').waitFor()
    await dialog().getByLabel('Name of the new branch').fill('ada/moved')
    await dialog().getByRole('button', { name: 'Commit', exact: true }).click()
    await page.waitForURL(at('/src/ada/moved/moved/crlf.txt'))
    expect(ask(path, ['show', '--format=%s', '--name-status', '-M10', 'ada/moved'])).toMatch(
      /^Move crlf.txt to moved\/crlf.txt\n\nR\d+\tcrlf.txt\tmoved\/crlf.txt$/,
    )
    expect(read('ada/moved:moved/crlf.txt')).toBe('zero\r\none\r\ntwo\r')
  })

  it('is not offered where it would do harm: no text, too large, another’s pointer, no branch', async () => {
    for (const [place, shown, offered] of [
      ['main/big.txt', 'This file is too large to show here.', 0],
      ['main/pointer.txt', 'oid sha256:1', 0],
      ['main/src/app.ts', 'return greeting', 1],
    ] as const) {
      await visit(page, at(`/src/${place}`))
      await page.getByText(shown).waitFor()
      await page.getByRole('button', { name: 'Delete' }).waitFor()
      const edit = page.getByRole('link', { name: 'Edit', exact: true })
      await expect.poll(() => edit.count(), PATIENCE).toBe(offered)
    }
    const oid = ask(path, ['rev-parse', 'main'])
    await visit(page, at(`/edit/${oid}/src/app.ts`))
    await page.getByText('is no branch. Choose one to commit to.').waitFor()
    await visit(page, at('/edit/main/pointer.txt'))
    await page.getByText('This file is kept by Git LFS. Change it with git.').waitFor()
    await visit(page, at('/edit/main/big.txt'))
    await page.getByText('This file is too large to be edited here.').waitFor()
  })
})

describe('nothing typed is lost', () => {
  it('not by a reload, nor by leaving', async () => {
    await visit(page, at('/edit/main/README.md'))
    await type('precious ')
    await page.getByRole('link', { name: 'Cancel' }).click()
    const leave = page.getByRole('dialog', { name: 'Leave without committing?' })
    await leave.getByRole('button', { name: 'Stay' }).click()
    expect(await typed()).toContain('precious')
    page.once('dialog', (asked) => void asked.accept())
    await page.reload()
    await page.getByRole('button', { name: 'Go on with it' }).click()
    await expect.poll(typed, PATIENCE).toContain('precious # Hello')
    await page.getByRole('link', { name: 'Cancel' }).click()
    await leave.getByRole('button', { name: 'Leave' }).click()
    await page.waitForURL(at('/src/main/README.md'))
    await page.getByRole('link', { name: 'Edit', exact: true }).click()
    await page.getByRole('button', { name: 'Start anew' }).click()
    expect(await typed()).not.toContain('precious')
  })

  it('not by an ended session', async () => {
    await visit(page, at('/edit/main/README.md'))
    await type('kept over a sign-in ')
    await page.context().clearCookies()
    await page.getByRole('button', { name: 'Commit changes…' }).click()
    await dialog().getByRole('button', { name: 'Commit', exact: true }).click()
    await dialog().getByRole('link', { name: 'Sign in and come back' }).click()
    await page.getByLabel('User name').fill(ADMIN.name)
    await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(at('/edit/main/README.md'))
    await page.getByRole('button', { name: 'Go on with it' }).click()
    await expect.poll(typed, PATIENCE).toContain('kept over a sign-in # Hello')
    await page.getByRole('button', { name: 'Commit changes…' }).click()
    await dialog().getByRole('button', { name: 'Commit', exact: true }).click()
    await page.waitForURL(at('/src/main/README.md'))
    expect(read('main:README.md')).toBe('kept over a sign-in # Hello')
    await page.getByRole('link', { name: 'Edit', exact: true }).click()
    await text().waitFor()
    expect(await page.getByRole('button', { name: 'Go on with it' }).count()).toBe(0)
  })

  it('not by somebody who was faster: theirs is shown, and mine goes on top or aside', async () => {
    await visit(page, at('/edit/main/docs/only.txt'))
    await type('mine ')
    await theirs('docs/only.txt', 'theirs\n')
    await page.getByRole('button', { name: 'Commit changes…' }).click()
    await dialog().getByRole('button', { name: 'Commit', exact: true }).click()
    const notice = page.getByRole('alert').filter({ hasText: 'Somebody has changed docs/only.txt since you began' })
    await notice.locator('tr.added', { hasText: 'theirs' }).waitFor()
    await notice.locator('tr.removed', { hasText: 'alone' }).waitFor()
    expect(await typed()).toContain('mine alone')
    expect(await pageFaults(page)).toEqual([])
    await notice.getByRole('button', { name: 'Go on with my text' }).click()
    await page.getByRole('button', { name: 'Commit changes…' }).click()
    await dialog().locator('tr.removed', { hasText: 'theirs' }).waitFor()
    await dialog().getByRole('button', { name: 'Commit', exact: true }).click()
    await page.waitForURL(at('/src/main/docs/only.txt'))
    expect(read('main:docs/only.txt')).toBe('mine alone')
    expect(read('main~1:docs/only.txt')).toBe('theirs')
  })
})
