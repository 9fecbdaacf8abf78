// HTTPS in a real browser: an admin switches it on, a guest learns to trust it, and the shown lines make git work.
import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage } from '../helpers/browser.ts'
import { git, gitEnv } from '../helpers/git.ts'
import { adminFiles, secureRemote } from '../helpers/secure.ts'
import { ADMIN } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

let site: Site
let browser: Browser
let ada: Page
let fingerprint: string
const secureUrl = (): string => `https://127.0.0.1:${site.server.port}`

beforeAll(async () => {
  site = await openSite()
  const { work } = await makeRepository(site, 'web')
  await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
  browser = await openBrowser()
})
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

it('is off at first, and the page for everybody says so', async () => {
  const guest = await (await browser.newContext()).newPage()
  await guest.goto(`${site.server.url}/trust`)
  await guest.getByText('HTTPS is off').waitFor()
  await guest.context().close()
})

it('an admin switches it on, and sees what the certificate holds for', async () => {
  ada = await signedInPage(browser, site.server, '/admin/https')
  await ada.getByLabel('Made by this server').check()
  await ada.getByRole('button', { name: 'Save' }).click()
  await ada.getByText('Saved.').waitFor()
  const certificate = ada.getByRole('region', { name: 'The certificate' })
  await certificate.getByText('127.0.0.1', { exact: true }).waitFor()
  fingerprint = (await ada.getByLabel('Fingerprint', { exact: true }).innerText()).replaceAll('\u200b', '')
  expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
  await ada.getByRole('button', { name: 'Make a new one now' }).click()
  await certificate.getByText('Done.').waitFor()
  expect(await pageFaults(ada)).toEqual([])
})

it('a guest over plain HTTP reads how to trust it, and the lines do what they say', async () => {
  const guest = await (await browser.newContext({ viewport: { width: 375, height: 800 } })).newPage()
  await guest.goto(`${site.server.url}/sign-in`)
  await guest.getByRole('link', { name: 'How to trust it' }).click()
  await guest.getByText('Compare the fingerprint').waitFor()
  const shown = (await guest.getByLabel('Fingerprint', { exact: true }).innerText()).replaceAll('\u200b', '')
  expect(shown).toBe(fingerprint)
  expect(await pageFaults(guest)).toEqual([])
  const [fetchIt = '', trustIt = ''] = await guest.locator('pre').allInnerTexts()
  await guest.getByText('Windows', { exact: true }).first().click()
  expect((await guest.locator('pre').allInnerTexts()).join('\n')).toContain('http.schannelUseSSLCAInfo')
  expect(trustIt).toContain(`http.${secureUrl()}/.sslCAInfo`)

  const home = join(site.dir, 'home')
  mkdirSync(home, { recursive: true })
  const { stdout, stderr } = spawnSync('sh', ['-ec', `${fetchIt}\n${trustIt}`], { env: gitEnv(home), encoding: 'utf8' })
  expect(stdout, stderr).toContain(fingerprint)
  await git(site.dir, ['clone', '-q', secureRemote(site, 'web'), 'trusting'], { HOME: home })
  const [download] = await Promise.all([
    guest.waitForEvent('download'),
    guest.getByRole('link', { name: 'Download the authority' }).click(),
  ])
  expect(new X509Certificate(readFileSync(await download.path())).fingerprint256).toBe(fingerprint)
  await guest.context().close()
})

it('a page over HTTPS signs in, changes and shows https addresses', async () => {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage()
  await page.goto(`${secureUrl()}/sign-in?next=%2Fada%2Fweb`)
  await page.getByLabel('User name').fill(ADMIN.name)
  await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText(`git clone ${secureUrl()}/ada/web.git`).waitFor()
  await page.goto(`${secureUrl()}/account/profile`)
  await page.getByLabel('Your name').fill('Ada over HTTPS')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => page.getByText('Saved.').count()).toBeGreaterThan(0)
  await page.context().close()
})

it('files that cannot be used are refused in words, and what was typed stays', async () => {
  const files = adminFiles(site.dir)
  await ada.getByLabel('From files on this machine').check()
  await ada.getByLabel('Certificate file').fill('/nowhere/site.crt')
  await ada.getByLabel('Key file').fill(files.key_file)
  await ada.getByRole('button', { name: 'Save' }).click()
  await ada.getByText('There is no certificate file /nowhere/site.crt.').waitFor()
  expect(await ada.getByLabel('Key file').inputValue()).toBe(files.key_file)
  await ada.getByLabel('Certificate file').fill(files.certificate_file)
  await ada.getByRole('button', { name: 'Save' }).click()
  await ada.getByText('On, with certificate files of yours').waitFor()
  expect(await ada.getByRole('button', { name: 'Replace the authority' }).count()).toBe(0)
})

it('an authority is replaced only after a question, and everybody has to trust the new one', async () => {
  await ada.getByLabel('Made by this server').check()
  await ada.getByRole('button', { name: 'Save' }).click()
  await ada.getByRole('button', { name: 'Replace the authority' }).click()
  await ada.getByRole('button', { name: 'Replace it' }).click()
  const now = async (): Promise<string> =>
    (await ada.getByLabel('Fingerprint', { exact: true }).innerText()).replaceAll('\u200b', '')
  await expect.poll(now).not.toBe(fingerprint)
  await ada.getByLabel('None').check()
  await ada.getByRole('button', { name: 'Save' }).click()
  await ada.getByText('Off', { exact: true }).waitFor()
})
