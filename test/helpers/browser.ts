// A real browser for the tests, and a person who is signed in with it.
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type Page } from 'playwright'
import { findChromium } from '../../build/chromium.mjs'
import { ADMIN, type Server } from './server.ts'

const FLAGS = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync']

export function openBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ ...(executablePath ? { executablePath } : {}), args: [...root, ...FLAGS] })
}

/** Signs in through the form, in cookies of its own, and waits for the page at `path`. */
export async function signedInPage(
  browser: Browser,
  server: Pick<Server, 'url'>,
  path = '/',
  { name, password } = ADMIN,
): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(15_000)
  await page.goto(`${server.url}/sign-in?next=${encodeURIComponent(path)}`)
  await page.getByLabel('User name').fill(name)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((url) => url.pathname !== '/sign-in')
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  // The frame around the page knows who reads now, without a reload.
  await page.getByRole('button', { name: 'Sign in' }).waitFor({ state: 'hidden' })
  await page.getByRole('link', { name: 'Sign in' }).waitFor({ state: 'hidden' })
  return page
}

/** Nothing is being fetched any more, and nothing stands in for what is to come. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const fetched = performance.getEntriesByType('resource').length
      const quiet = Reflect.get(window, 'fetchedBefore') === fetched
      Reflect.set(window, 'fetchedBefore', fetched)
      const moves = document
        .getAnimations()
        .some(({ playState, effect }) => playState === 'running' && effect?.getTiming().iterations !== Infinity)
      return quiet && !moves && document.querySelector('[aria-busy="true"]') === null
    },
    undefined,
    { polling: 150 },
  )
}

/** What is wrong with the page as it stands: wider than the window, or seriously hard for some people to use. */
export async function pageFaults(page: Page): Promise<string[]> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  // In the page itself: without frames of other origins nothing is gained by a second page, which takes a second to open.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return [
    ...(overflow > 0 ? [`${overflow} px wider than the window`] : []),
    ...serious.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`),
  ]
}
