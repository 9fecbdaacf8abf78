// The pages in a real browser: the walk of a team from set-up to a refused fetch.
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../helpers/browser.ts'
import { signIn } from '../helpers/client.ts'
import { commitFile, git, tryGit, withLogin } from '../helpers/git.ts'
import { gitstead, remove, type Server, startServer, tempDir } from '../helpers/server.ts'

const PASSWORD = 'correct horse battery'
let server: Server
let browser: Browser
let dir: string
let ada: Page
const problems: string[] = []

beforeAll(async () => {
  server = await startServer({ admin: false })
  dir = tempDir()
  browser = await openBrowser()
  ada = await open()
})
afterAll(async () => {
  await browser.close()
  await server.stop()
  remove(dir)
  remove(server.data)
})

/** A browser of its own: what its console says wrong is a failure of the test. */
async function open(context?: BrowserContext): Promise<Page> {
  const page = await (context ?? (await browser.newContext())).newPage()
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    // A refused request is an answer that the page shows; the browser notes it all the same.
    if (message.type() === 'error' && !/status of 4(?:0[0-9]|10)/.test(message.text())) problems.push(message.text())
  })
  return page
}

async function fillAccount(page: Page, who: { username: string; name: string; password: string }): Promise<void> {
  await page.getByLabel('User name').fill(who.username)
  await page.getByLabel('Your name').fill(who.name)
  await page.getByRole('textbox', { name: 'Password' }).fill(who.password)
}

describe('the walk of a team', () => {
  it('sets up with the printed link, once', async () => {
    await ada.goto(server.setup ?? '')
    await fillAccount(ada, { username: 'ada', name: 'Ada Lovelace', password: PASSWORD })
    await ada.getByRole('button', { name: 'Create the admin account' }).click()
    await ada.getByText('No repository yet').waitFor()
    const second = await open()
    await second.goto(server.setup ?? '')
    await second.getByText('Already set up').waitFor()
  })

  it('makes a repository that waits for its first push', async () => {
    await ada.getByRole('link', { name: 'New', exact: true }).click()
    await ada.getByLabel(/^Name/).fill('Web Shop')
    await ada.getByRole('button', { name: 'Create repository' }).click()
    await ada.getByText('Waiting for your first push').waitFor()
    await expect.poll(() => ada.title()).toContain('Ready for the first push')
  })

  it('lets a teammate in, whose push turns the page by itself', async () => {
    const admin = await signIn(server, 'ada', PASSWORD)
    const grants = [{ repository: 'ada/web-shop', permission: 'write' }]
    const invited = await admin.post('/api/gitstead/1/invitations', { workspace: 'ada', role: 'collaborator', grants })
    const bob = await open()
    await bob.goto(invited.body.url)
    await bob.getByText('Ada Lovelace invites you').waitFor()
    await fillAccount(bob, { username: 'bob', name: 'Bob', password: 'bob has a password' })
    await bob.getByRole('button', { name: 'Join' }).click()
    const command = await bob.getByText(/^git clone/).innerText()
    expect(command).toBe(`git clone ${server.url}/ada/web-shop.git`)

    const work = join(dir, 'bob')
    const remote = withLogin(command.replace('git clone ', ''), 'bob', 'bob has a password')
    await git(dir, ['clone', '-q', remote, 'bob'])
    await commitFile(work, 'README.md', '# Web Shop\n')
    await commitFile(work, 'src/price.ts', 'export const price = (cents: number): string => (cents / 100).toFixed(2)\n')
    await git(work, ['push', '-q', 'origin', 'HEAD:main'])
    await ada.getByRole('table', { name: 'Files' }).getByRole('link', { name: 'README.md', exact: true }).waitFor()
    expect(await ada.getByText('Waiting for your first push').count()).toBe(0)
  })

  it('browses files, commits and branches', async () => {
    await ada.getByRole('link', { name: 'src', exact: true }).click()
    await ada.getByRole('link', { name: 'price.ts', exact: true }).click()
    await ada.getByText('toFixed').waitFor()
    await ada.getByRole('button', { name: 'Link to line 1' }).click()
    await expect.poll(() => ada.url()).toContain('#lines-1')
    await ada.getByRole('tab', { name: 'Commits' }).click()
    await ada.getByRole('link', { name: 'Change src/price.ts' }).click()
    await ada.getByText('1 file changed').waitFor()
    await ada.getByRole('tab', { name: 'Branches' }).click()
    await ada.getByRole('button', { name: 'New branch' }).click()
    await ada.getByLabel(/^Name/).fill('topic/one')
    await ada.getByRole('button', { name: 'Create branch' }).click()
    await ada.getByRole('link', { name: 'topic/one' }).waitFor()
    await ada.goBack()
    await ada.getByText('1 file changed').waitFor()
  })

  it('shows a push to an open page without a reload', async () => {
    await ada.goto(`${server.url}/ada/web-shop/commits`)
    await ada.getByText('Change README.md').waitFor()
    const work = join(dir, 'bob')
    await commitFile(work, 'later.txt', 'later\n')
    await git(work, ['push', '-q', 'origin', 'HEAD:main'])
    await ada.getByText('Change later.txt').waitFor()
  })

  it('revokes, and the teammate is refused everywhere', async () => {
    await ada.goto(`${server.url}/ada/web-shop/settings/access`)
    await ada.getByRole('button', { name: 'Remove the access of Bob (bob)' }).click()
    await ada.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await expect.poll(() => ada.getByText('Bob (bob)').count()).toBe(0)
    const refused = await tryGit(join(dir, 'bob'), ['fetch', 'origin'])
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toMatch(/nothing here, or you may not see it/)
    const bob = await open()
    await bob.goto(`${server.url}/sign-in?next=%2Fada%2Fweb-shop`)
    await bob.getByLabel('User name').fill('bob')
    await bob.getByRole('textbox', { name: 'Password' }).fill('bob has a password')
    await bob.getByRole('button', { name: 'Sign in' }).click()
    await bob.getByText('There is nothing here, or you may not see it.').waitFor()
  })

  it('renames, and the old address leads to the new one', async () => {
    await ada.getByRole('link', { name: 'General' }).click()
    await ada.getByLabel(/^Name/).fill('Shop')
    await ada.getByRole('button', { name: 'Save' }).click()
    await expect.poll(() => ada.url()).toContain('/ada/shop/settings')
    await ada.getByText('Saved.').waitFor()
    await ada.goto(`${server.url}/ada/web-shop/commits`)
    await expect.poll(() => ada.url()).toContain('/ada/shop/commits')
  })

  it('deletes only when the name was typed', async () => {
    await ada.goto(`${server.url}/ada/shop/settings`)
    await ada.getByRole('button', { name: 'Delete this repository' }).click()
    const button = ada.getByRole('button', { name: 'Delete for good' })
    expect(await button.isDisabled()).toBe(true)
    await ada.getByLabel('Type ada/shop to confirm').fill('ada/shop')
    await button.click()
    await ada.getByText('No repository yet').waitFor()
  })

  it('says no to a wrong password, and keeps what was typed', async () => {
    const page = await open()
    await page.goto(`${server.url}/sign-in`)
    await page.getByLabel('User name').fill('ada')
    await page.getByRole('textbox', { name: 'Password' }).fill('not this one')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('The user name or the password is wrong.').waitFor()
    expect(await page.getByLabel('User name').inputValue()).toBe('ada')
  })

  it('lets in with a link from the machine itself, once', async () => {
    const link = (): string => {
      const { stdout } = gitstead(['user', 'link', 'ada', '--json', '--data', server.data])
      return (JSON.parse(stdout) as { token: string }).token
    }
    const page = await open()
    const used = `${server.url}/enter?next=%2Faccount%2Fprofile#token=${link()}`
    await page.goto(used)
    await page.getByRole('textbox', { name: 'Current password' }).waitFor()
    expect(page.url()).toBe(`${server.url}/account/profile`)
    const again = await open()
    await again.goto(used)
    await again.getByText('This link has been used').waitFor()
    await again.getByRole('link', { name: 'Sign in with a password' }).click()
    await again.getByLabel('User name').waitFor()
    expect(again.url()).not.toContain('token')
  })

  it.each(['https://elsewhere.example/', '//elsewhere.example/', '/\\elsewhere.example/', 'elsewhere.example'])(
    'goes on to no page of others after signing in: %s',
    async (next) => {
      const entered = await open()
      const { stdout } = gitstead(['user', 'link', 'ada', '--json', '--data', server.data])
      const { token } = JSON.parse(stdout) as { token: string }
      await entered.goto(`${server.url}/enter?next=${encodeURIComponent(next)}#token=${token}`)
      await entered.waitForURL(`${server.url}/`)
      const signed = await open()
      await signed.goto(`${server.url}/sign-in?next=${encodeURIComponent(next)}`)
      await signed.getByLabel('User name').fill('ada')
      await signed.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
      await signed.getByRole('button', { name: 'Sign in' }).click()
      await signed.waitForURL(`${server.url}/`)
    },
  )

  it('left no error in any console', () => expect(problems).toEqual([]))
})
