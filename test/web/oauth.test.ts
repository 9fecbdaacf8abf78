// OAuth in a real browser: a consumer is registered, asks a person who signs in first, is let in, and is let in no more.
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage } from '../helpers/browser.ts'
import { client, signIn } from '../helpers/client.ts'
import { ADMIN } from '../helpers/server.ts'
import { called, libraryOf } from '../helpers/oauth1.ts'
import { closeSite, makeRepository, openSite, type Site } from '../helpers/site.ts'

let site: Site
let browser: Browser
let page: Page
let app: HttpServer
const came: URLSearchParams[] = []

beforeAll(async () => {
  site = await openSite()
  await makeRepository(site, 'shop')
  app = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://app')
    if (pathname === '/back') came.push(searchParams)
    response.setHeader('Content-Type', 'text/html')
    response.end('<!doctype html><title>app</title><h1>Back at the app</h1>')
  })
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', () => resolve()))
  browser = await openBrowser()
  page = await signedInPage(browser, site.server, '/workspaces/ada/oauth-consumers')
})
afterAll(async () => {
  await browser.close()
  app.closeAllConnections()
  app.close()
  await closeSite(site)
})

it('registers, asks, lets in, and lets in no more', async () => {
  await page.getByText('No consumer yet').waitFor()
  await page.getByRole('button', { name: 'Add a consumer' }).click()
  const form = page.getByRole('dialog', { name: 'Add a consumer' })
  await form.getByLabel('Name').fill('Build robot')
  await form.getByLabel('Callback address').fill('http://127.0.0.1/back')
  await form.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The secret of the consumer').waitFor()
  const secret = await page.getByRole('status').filter({ hasText: 'Copy it now' }).locator('pre').innerText()
  const { values } = await page.evaluate(async () =>
    (await fetch('/api/gitstead/1/workspaces/ada/oauth-consumers')).json(),
  )
  const key: string = values[0].key

  const back = `http://127.0.0.1:${(app.address() as AddressInfo).port}/back`
  const asked = new URLSearchParams({
    response_type: 'code',
    client_id: key,
    redirect_uri: back,
    state: '12345678901234567890',
  })
  const guest = await (await browser.newContext({ viewport: { width: 375, height: 800 } })).newPage()
  await guest.goto(`${site.server.url}/site/oauth2/authorize?${asked.toString()}`)
  await guest.getByLabel('User name').fill(ADMIN.name)
  await guest.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
  await guest.getByRole('button', { name: 'Sign in' }).click()
  await guest.getByRole('heading', { name: 'Let Build robot in?' }).waitFor()
  await guest.getByText('this machine').waitFor()
  await guest.getByText('Read repositories: clone and fetch').waitFor()
  expect(await pageFaults(guest)).toEqual([])
  await guest.getByRole('button', { name: 'Allow' }).click()
  await guest.getByText('Back at the app').waitFor()
  expect(came[0]?.get('state')).toBe('12345678901234567890')

  const got = await fetch(`${site.server.url}/site/oauth2/access_token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: came[0]?.get('code') ?? '',
      redirect_uri: back,
      client_id: key,
      client_secret: secret,
    }),
  })
  const { access_token: token, ...rest } = (await got.json()) as { access_token: string }
  expect(got.status, JSON.stringify(rest)).toBe(200)
  const caller = client(site.server, { Authorization: `Bearer ${token}` })
  expect((await caller.get('/2.0/repositories/ada/shop')).status).toBe(200)

  await guest.goto(`${site.server.url}/site/oauth2/authorize?${asked.toString()}`)
  await guest.getByRole('button', { name: 'Deny' }).click()
  await guest.getByText('Back at the app').waitFor()
  expect(came[1]?.get('error')).toBe('access_denied')

  await page.goto(`${site.server.url}/account/applications`)
  await page.getByRole('button', { name: 'Revoke Build robot' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('No application yet').waitFor()
  expect((await caller.get('/2.0/repositories/ada/shop')).status).toBe(401)
})

it('tells a person of an address that is not the application’s, and goes nowhere', async () => {
  const asked = new URLSearchParams({ response_type: 'code', client_id: 'nobody', redirect_uri: 'https://evil.test/' })
  await page.goto(`${site.server.url}/site/oauth2/authorize?${asked.toString()}`)
  await page.getByText('There is no application of this client_id.').waitFor()
  expect(new URL(page.url()).origin).toBe(site.server.url)
})

it('switches OAuth 1.0a on, asks as it was done then, and gives a code where no browser can lead back', async () => {
  const made = await (
    await signIn(site.server)
  ).post('/api/gitstead/1/workspaces/ada/oauth-consumers', {
    name: 'Old reporter',
    callback_url: 'http://127.0.0.1/back',
    scopes: ['repository'],
  })
  const back = `http://127.0.0.1:${(app.address() as AddressInfo).port}/back`
  const byHand = libraryOf(site.server, made.body, 'oob')
  const byBrowser = libraryOf(site.server, made.body, back)
  const ask = async (library: typeof byHand): Promise<[token: string, secret: string]> => {
    const asked = await called<[string, string]>((done) => library.getOAuthRequestToken(done))
    await page.goto(`${site.server.url}/api/1.0/oauth/authenticate?oauth_token=${asked[0]}`)
    return asked
  }
  await expect(ask(byHand)).rejects.toThrow(/switched off/)
  await page.goto(`${site.server.url}/api/1.0/oauth/authenticate?oauth_token=x`)
  await page.getByText('OAuth 1.0a is switched off on this server.').waitFor()

  await page.goto(`${site.server.url}/admin/settings`)
  await page.getByLabel('Signed requests of OAuth 1.0a').click()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()

  const [token, secret] = await ask(byHand)
  await page.getByRole('heading', { name: 'Let Old reporter in?' }).waitFor()
  await page.getByText('You get a code, which you type into the application.').waitFor()
  expect(await pageFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.getByRole('heading', { name: 'One more step' }).waitFor()
  expect(await pageFaults(page)).toEqual([])
  const verifier = await page.locator('pre').innerText()
  const [access, accessSecret] = await called<[string, string]>((done) =>
    byHand.getOAuthAccessToken(token, secret, verifier, done),
  )
  const shop = `${site.server.url}/2.0/repositories/ada/shop`
  const read = () => called<[string]>((done) => byHand.get(shop, access, accessSecret, done))
  expect(JSON.parse((await read())[0]).name).toBe('shop')

  await ask(byHand)
  await page.getByRole('button', { name: 'Deny' }).click()
  await page.getByText('Old reporter was told nothing.').waitFor()

  came.length = 0
  const [second] = await ask(byBrowser)
  await page.getByText('this machine').waitFor()
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.getByText('Back at the app').waitFor()
  expect(Object.fromEntries(came[0] ?? [])).toEqual({ oauth_token: second, oauth_verifier: expect.any(String) })

  await page.goto(`${site.server.url}/account/applications`)
  await page.getByRole('button', { name: 'Revoke Old reporter' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('No application yet').waitFor()
  await expect(read()).rejects.toThrow(/it has ended/)
})
