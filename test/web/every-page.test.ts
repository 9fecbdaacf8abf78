// Each page in a real browser, at both widths and in both themes: it fits, and everybody can use it.
import { join } from 'node:path'
import type { Browser, BrowserContext } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, pageFaults } from '../helpers/browser.ts'
import { client, signIn } from '../helpers/client.ts'
import { commitFile, git, withLogin } from '../helpers/git.ts'
import { ADMIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'

const PAGES = [
  '/',
  '/new',
  '/ada/pages',
  '/ada/pages/src/main/src/a.ts',
  '/ada/pages/commits',
  '/ada/pages/branches',
  '/ada/pages/settings',
  '/ada/pages/settings/access',
  '/ada/pages/settings/webhooks',
  '/ada/empty',
  '/nothing/here',
  '/account/profile',
  '/account/second-factor',
  '/account/app-passwords',
  '/account/tokens',
  '/account/applications',
  '/site/authorize#client_id=none',
  '/site/authorize#oauth_token=none',
  '/workspaces/team/oauth-consumers',
  '/account/sessions',
  '/account/notifications',
  '/notifications',
  '/admin/people',
  '/admin/invitations',
  '/admin/groups',
  '/admin/operations',
  '/admin/slow-requests',
  '/admin/jobs',
  '/admin/limits',
  '/admin/audit',
  '/admin/mail',
  '/admin/token-keys',
  '/workspaces/ada/webhooks',
  '/ada/pages/settings/availability',
  '/ada/closed/settings/availability',
  '/ada/closed',
  '/ada/pages/settings/deploy-tokens',
  '/admin/https',
  '/admin/storage',
  '/ada/pages/settings/storage',
  '/trust',
  '/admin/settings',
  '/import',
  '/ada',
  '/new-workspace',
  '/workspaces/team/members',
  '/workspaces/team/projects',
  '/workspaces/ada/activity',
  '/ada/pages/activity',
  '/people/ada',
  '/workspaces/team/groups',
  '/workspaces/team/settings',
]
let server: Server
let browser: Browser
let dir: string
let context: BrowserContext

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
  const answer = await client(server).post('/api/gitstead/1/session', {
    username: ADMIN.name,
    password: ADMIN.password,
  })
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';')
  const [name = '', value = ''] = cookie.split('=', 2)
  context = await browser.newContext()
  await context.addCookies([{ name, value, url: server.url }])
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  remove(dir)
  remove(server.data)
})

const views = [
  { width: 1280, colorScheme: 'light', pages: PAGES },
  { width: 375, colorScheme: 'dark', pages: PAGES },
  { width: 1280, colorScheme: 'dark', pages: PAGES.slice(0, 4) },
  { width: 375, colorScheme: 'light', pages: PAGES.slice(0, 4) },
] as const
it.each(views)(
  'is accessible and fits $width px in $colorScheme',
  { timeout: 240_000 },
  async ({ width, colorScheme, pages }) => {
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const path of pages) {
      await page.goto(server.url + path)
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      await page.waitForLoadState('networkidle')
      expect(await pageFaults(page), `${path} at ${width} px`).toEqual([])
    }
    await page.close()
  },
)
