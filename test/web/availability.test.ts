// Quarantine in a real browser: the admin closes a repository, others read why, and the admin opens it again.
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage } from '../helpers/browser.ts'
import { signIn, teammate } from '../helpers/client.ts'
import { git, makeWork, withLogin } from '../helpers/git.ts'
import { ADMIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'

const REASON = 'A leaked key is being removed.'
let server: Server
let browser: Browser
let dir: string
let ada: Page
let bob: Page

beforeAll(async () => {
  server = await startServer()
  const admin = await signIn(server)
  await admin.post('/2.0/repositories/ada/web')
  await teammate(server, admin, { name: 'bob', grants: [{ repository: 'ada/web', permission: 'admin' }] })
  dir = tempDir()
  await makeWork(join(dir, 'work'))
  await git(join(dir, 'work'), [
    'push',
    '-q',
    withLogin(`${server.url}/ada/web.git`, ADMIN.name, ADMIN.password),
    'main',
  ])
  browser = await openBrowser()
  ada = await signedInPage(browser, server, '/ada/web/settings/availability')
  bob = await signedInPage(browser, server, '/ada/web', { name: 'bob', password: 'bob has a password' })
})
afterAll(async () => {
  await browser.close()
  await server.stop()
  remove(server.data)
  remove(dir)
})

const save = (): Promise<void> => ada.getByRole('button', { name: 'Save' }).click()

it('the admin makes it read-only with a reason that everybody reads on its pages', async () => {
  await ada.getByRole('radio', { name: 'Read-only' }).check()
  await save()
  // The browser itself asks for the reason; what was chosen stays.
  expect(await ada.getByRole('radio', { name: 'Read-only' }).isChecked()).toBe(true)
  await ada.getByLabel(/^Reason/).fill(REASON)
  await save()
  await ada.getByText('This repository is read-only').waitFor()
  await bob.reload()
  await bob.getByText(REASON).waitFor()
  await bob.getByText('README.md').first().waitFor()
  expect(await bob.getByRole('link', { name: 'Change this' }).count()).toBe(0)
  expect(await pageFaults(bob)).toEqual([])
  await bob.goto(`${server.url}/ada/web/settings`)
  await bob.getByRole('link', { name: 'Access' }).waitFor()
  expect(await bob.getByRole('link', { name: 'Availability' }).count()).toBe(0)
})

it('and switches it off after a question: others see that it is, and why', async () => {
  await ada.getByRole('radio', { name: 'Switched off' }).check()
  await save()
  await ada.getByRole('dialog').getByText('Nobody can clone').waitFor()
  await ada.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click()
  await ada.getByText('This repository is switched off').waitFor()
  await bob.goto(`${server.url}/ada/web`)
  await bob.getByText('Not available right now').waitFor()
  await bob.getByText(REASON).waitFor()
  expect(await pageFaults(bob)).toEqual([])
  await bob.goto(server.url)
  await bob.getByText('switched off').waitFor()
})

it('the way back is the same page, also when one comes from the front', async () => {
  await ada.goto(`${server.url}/ada/web`)
  await ada.getByRole('link', { name: 'Change this' }).click()
  await ada.getByRole('radio', { name: /^Open/ }).check()
  await save()
  await ada.getByText('Saved.').waitFor()
  await ada.getByText('This repository is switched off').waitFor({ state: 'detached' })
  await bob.goto(`${server.url}/ada/web`)
  await bob.getByText('README.md').first().waitFor()
})
