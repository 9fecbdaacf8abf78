// A real browser for the tests, and a person who is signed in with it.
import axe from 'axe-core'
import { chromium, type Browser, type Page, type Request } from 'playwright'
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
  watch(page)
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

/** Goes there as a link does: the program is not loaded anew where it is there already. */
export async function follow(page: Page, url: string): Promise<void> {
  if (new URL(page.url()).origin !== new URL(url).origin) await page.goto(url)
  else await page.evaluate((to) => history.pushState(undefined, '', to), url)
}

/** As `follow`, and waits until nothing of the page before is left. */
export async function visit(page: Page, url: string): Promise<void> {
  await follow(page, url)
  await settled(page)
}

/** What each page of `signedInPage` is fetching. */
const fetching = new WeakMap<Page, Set<Request>>()

function watch(page: Page): void {
  const open = new Set<Request>()
  fetching.set(page, open)
  // The stream of news never ends.
  page.on('request', (request) => request.resourceType() !== 'eventsource' && open.add(request))
  page.on('requestfinished', (request) => open.delete(request))
  page.on('requestfailed', (request) => open.delete(request))
  // Of the page before, nobody says that it ended.
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) for (const one of open) if (one.isNavigationRequest()) open.delete(one)
  })
}

/** Nothing is being fetched any more, nothing moves, and nothing stands in for what is to come. */
export async function settled(page: Page): Promise<void> {
  const open = fetching.get(page)
  if (!open) throw new Error('only pages of signedInPage are watched')
  const until = Date.now() + 15_000
  // Twice in turn, as what has come may ask for more once it is drawn.
  for (let calm = 0; calm < 2; calm = (await isCalm(page)) && open.size === 0 ? calm + 1 : 0)
    if (Date.now() > until) throw new Error(`not settled: ${[...open].map((one) => one.url()).join(' ')}`)
}

/** As it stands two frames later. */
function isCalm(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
    const moves = document
      .getAnimations()
      .some(({ playState, effect }) => playState === 'running' && effect?.getTiming().iterations !== Infinity)
    return !moves && document.querySelector('[aria-busy="true"], [aria-label="Loading"]') === null
  })
}

/** What width and colours decide about; all else is the same in each view of a page. */
export const SEEN = [
  'color-contrast',
  'target-size',
  'scrollable-region-focusable',
  'link-in-text-block',
  'meta-viewport',
]

/** What comes or goes by degrees has come or gone: half of the way its colours are no one's. */
function stillness(): Promise<void> {
  return new Promise((resolve) => {
    const until = performance.now() + 2000
    const look = (): void => {
      const moves = document.getAnimations().some(({ playState, effect }) => {
        return playState === 'running' && effect?.getTiming().iterations !== Infinity
      })
      if (moves && performance.now() < until) requestAnimationFrame(look)
      else resolve()
    }
    requestAnimationFrame(look)
  })
}

/**
 * What is wrong with the page as it stands: wider than the window, or seriously hard for some people to use, by all rules
 * of axe or by some.
 */
export async function pageFaults(page: Page, rules?: string[]): Promise<string[]> {
  await page.evaluate(stillness)
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const serious = await page.evaluate(async (values) => {
    const run: typeof axe.run = Reflect.get(window, 'axe').run
    // Not in frames: what stands in ours are drawings in a sandbox, which answer nobody.
    const options: axe.RunOptions = { resultTypes: ['violations'], iframes: false }
    if (values) options.runOnly = { type: 'rule', values }
    const { violations } = await run(document, options)
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)
  }, rules)
  return [...(overflow > 0 ? [`${overflow} px wider than the window`] : []), ...serious]
}
