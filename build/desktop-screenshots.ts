// The pictures of the control page for the README: the built shell with its stand-in for Electron, at two sizes, light and
// dark. `npm run screenshots` takes them after those of the web pages.
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { root } from './fresh.mjs'
import { type Desktop, closeDesktops, openDesktop } from '../test/desktop/launch.ts'
import { openBrowser } from '../test/helpers/browser.ts'
import { signIn, teammate } from '../test/helpers/client.ts'
import { commitFile, git, makeWork, tryGit, withLogin } from '../test/helpers/git.ts'
import { eventually } from '../test/helpers/invariant.ts'
import { freePort, hook } from '../test/helpers/program.ts'
import { ADMIN } from '../test/helpers/server.ts'

const out = join(root, 'docs', 'screenshots', 'desktop')
mkdirSync(out, { recursive: true })
const SIZES = { wide: { width: 1120, height: 780 }, narrow: { width: 420, height: 780 } } as const

const browser = await openBrowser()
try {
  await firstRun()
  await running()
  await stranger()
} finally {
  await closeDesktops()
  await browser.close()
}

/** One screen, four times. */
async function shoot({ page, window }: Pick<Desktop, 'page' | 'window'>, name: string): Promise<void> {
  for (const [size, box] of Object.entries(SIZES))
    for (const colorScheme of ['light', 'dark'] as const) {
      await window.resize(box)
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.waitForTimeout(700)
      await page.screenshot({ path: join(out, `${name}-${size}-${colorScheme}.png`), fullPage: true })
    }
}

async function firstRun(): Promise<void> {
  const desktop = await openDesktop({ browser, settings: { folder: 'Gitstead' } })
  await desktop.page.getByLabel('User name').fill('ada')
  await shoot(desktop, 'first-run')
}

async function running(): Promise<void> {
  const desktop = await openDesktop({
    browser,
    settings: { raw: { lan: true, lanHost: '127.0.0.2', closeTold: true } },
  })
  const { page, data, userData, until, ask } = desktop
  const { server } = await until((state) => state.server.state === 'running')
  await until((state) => state.lan.length > 0)
  const url = server.url ?? ''
  const admin = await signIn({ url }, ADMIN.name, ADMIN.password)
  await shoot(desktop, 'first-repository')
  await admin.post('/2.0/repositories/ada/web-shop', { visibility: 'internal' })
  await eventually(async () => (await ask('repositories')).length === 1)
  await page.reload()
  await page.getByText('Waiting for the first push').waitFor()
  await shoot(desktop, 'first-push')
  await teammate({ url }, admin, { name: 'bob', grants: [{ repository: 'ada/web-shop', permission: 'write' }] })
  const work = join(userData, 'work')
  await makeWork(work)
  const remote = (name: string, password: string): string => withLogin(`${url}/ada/web-shop.git`, name, password)
  await git(work, ['push', '-q', remote('ada', ADMIN.password), 'main'])
  await commitFile(work, 'price.ts', 'export const price = 1\n')
  await git(work, ['push', '-q', remote('bob', 'bob has a password'), 'main'])
  await page.getByText('Waiting for the first push').waitFor({ state: 'detached' })
  for (const part of ['Overview', 'People', 'Storage', 'Settings', 'Logs']) await shootPart(desktop, part)
  hook(data, 'pre-receive', 'sleep 60')
  await commitFile(work, 'price.ts', 'export const price = 2\n')
  const push = tryGit(work, ['push', '-q', remote('bob', 'bob has a password'), 'main'])
  await eventually(async () => (await ask('overview'))?.transfers.length === 1)
  await shootPart(desktop, 'Activity')
  const [transfer] = (await ask('overview'))?.transfers ?? []
  await ask('cancelTransfer', { id: transfer?.id })
  await push
}

async function shootPart(desktop: Desktop, name: string): Promise<void> {
  await desktop.page.getByRole('tab', { name }).click()
  await shoot(desktop, name.toLowerCase())
}

async function stranger(): Promise<void> {
  const port = await freePort()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
  try {
    const desktop = await openDesktop({ browser, settings: { port } })
    await desktop.page.getByText('Another program uses it.').waitFor()
    await shoot(desktop, 'port-taken')
  } finally {
    other.close()
  }
}
