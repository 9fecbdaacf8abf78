// A site with one of each, and a look at a list of its pages in a real browser: they fit, and everybody can use them.
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { follow, openBrowser, pageFaults, SEEN, settled, signedInPage } from './browser.ts'
import { signIn } from './client.ts'
import { commitFile, git, withLogin } from './git.ts'
import { ADMIN, remove, type Server, startServer, tempDir } from './server.ts'

let server: Server
let browser: Browser
let dir: string
let page: Page

const views = [
  { width: 1280, colorScheme: 'light', usual: true },
  { width: 375, colorScheme: 'dark', usual: true },
  { width: 1280, colorScheme: 'dark', usual: false },
  { width: 375, colorScheme: 'light', usual: false },
] as const

/** Each page at both widths and in both themes. */
export function lookAt(pages: readonly string[], { all = 0 } = {}): void {
  beforeAll(async () => {
    server = await startServer()
    dir = tempDir()
    browser = await openBrowser()
    const admin = await signIn(server)
    await admin.post('/2.0/repositories/ada/pages', { description: 'A repository with a description.' })
    await admin.post('/2.0/repositories/ada/empty')
    await admin.post('/2.0/repositories/ada/closed')
    await admin.put('/api/gitstead/1/repositories/ada/closed/quarantine', { mode: 'off', reason: 'A test.' })
    await admin.post('/api/gitstead/1/workspaces', { slug: 'team', name: 'The team' })
    const work = join(dir, 'pages')
    await git(dir, ['clone', '-q', withLogin(`${server.url}/ada/pages.git`, ADMIN.name, ADMIN.password), 'pages'])
    await commitFile(work, 'README.md', '# Pages\n')
    await commitFile(work, 'src/a.ts', `export const long = '${'x'.repeat(300)}'\n`)
    await git(work, ['push', '-q', 'origin', 'HEAD:main'])
    page = await signedInPage(browser, server)
  })

  afterAll(async () => {
    await browser.close()
    await server.stop()
    remove(dir)
    remove(server.data)
  })

  it.each(pages)('%s is accessible and fits, wide and narrow, light and dark', async (path) => {
    for (const { width, colorScheme, usual } of views) {
      if (!usual && pages.indexOf(path) >= all) continue
      await page.setViewportSize({ width, height: 800 })
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      // Pages follow the window and the theme by themselves; the first few show that they come up like that too.
      if (pages.indexOf(path) < all) await page.goto(server.url + path)
      else if (width === 1280) await follow(page, server.url + path)
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      await settled(page)
      expect(
        await pageFaults(page, width === 1280 && colorScheme === 'light' ? undefined : SEEN),
        `${path} at ${width} px, ${colorScheme}`,
      ).toEqual([])
    }
  })
}
