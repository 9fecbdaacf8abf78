// npm run screenshots: starts a server with a small team on it and takes the pictures that the README shows.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildIfStale, root } from './fresh.mjs'
import { openBrowser } from '../test/helpers/browser.ts'
import { client, signIn, teammate } from '../test/helpers/client.ts'
import { commitFile, git, withLogin } from '../test/helpers/git.ts'
import { remove, startServer, tempDir } from '../test/helpers/server.ts'

const PASSWORD = 'correct horse battery'
const PRICE = `/** What a customer reads: euros, with two digits. */
export function price(cents: number): string {
  return (cents / 100).toFixed(2)
}
`

buildIfStale()
const out = join(root, 'docs', 'screenshots')
mkdirSync(out, { recursive: true })
const dir = tempDir()
const server = await startServer({ admin: false })
try {
  await fill()
  await shoot()
} finally {
  await server.stop()
  remove(server.data)
  remove(dir)
}

/** A small team with two repositories, a push and an invitation. */
async function fill(): Promise<void> {
  const token = new URL(server.setup ?? '').hash.replace('#token=', '')
  const ada = { username: 'ada', display_name: 'Ada Lovelace', password: PASSWORD }
  await client(server).post('/api/gitstead/1/setup', { token, ...ada })
  const admin = await signIn(server, 'ada', PASSWORD)
  await admin.post('/2.0/repositories/ada/web-shop', { description: 'The shop and its prices', visibility: 'internal' })
  await admin.post('/2.0/repositories/ada/handbook', { description: 'How we work' })
  await admin.put('/api/gitstead/1/admin/https', { mode: 'own' })
  await teammate(server, admin, { name: 'bob', grants: [{ repository: 'ada/web-shop', permission: 'write' }] })
  await git(dir, ['clone', '-q', withLogin(`${server.url}/ada/web-shop.git`, 'ada', PASSWORD), 'shop'])
  const work = join(dir, 'shop')
  await commitFile(work, 'README.md', '# Web shop\n\nOur small shop. Run it with `npm start`.\n')
  await commitFile(work, 'package.json', '{ "name": "web-shop", "type": "module" }\n')
  await commitFile(work, 'src/price.ts', PRICE)
  await commitFile(work, 'src/pages/cart.ts', "import { price } from '../price.ts'\n\nconsole.log(price(1999))\n")
  await git(work, ['push', '-q', 'origin', 'HEAD:main', 'HEAD:refs/heads/topic/checkout'])
  await admin.post('/2.0/repositories/ada/archive', { description: 'What we sold before' })
  await git(work, ['push', '-q', withLogin(`${server.url}/ada/archive.git`, 'ada', PASSWORD), 'HEAD:main'])
  const closed = { mode: 'read-only', reason: 'Moving to the new disk. Back at noon.' }
  await admin.put('/api/gitstead/1/repositories/ada/archive/quarantine', closed)
}

async function shoot(): Promise<void> {
  const browser = await openBrowser()
  const answer = await client(server).post('/api/gitstead/1/session', { username: 'ada', password: PASSWORD })
  const [name = '', value = ''] = (answer.headers.get('set-cookie') ?? '').split(';')[0]?.split('=', 2) ?? []
  const PICTURES = [
    ['dashboard', '/', 1200, 'light'],
    ['source', '/ada/web-shop', 1200, 'light'],
    ['file-dark', '/ada/web-shop/src/main/src/price.ts', 1200, 'dark'],
    ['empty', '/ada/handbook', 1200, 'light'],
    ['settings-dark', '/ada/web-shop/settings', 1200, 'dark'],
    ['https', '/admin/https', 1200, 'light'],
    ['trust-phone-dark', '/trust', 375, 'dark'],
    ['read-only', '/ada/archive', 1200, 'light'],
    ['availability', '/ada/archive/settings/availability', 1200, 'light'],
    ['storage', '/admin/storage', 1200, 'light'],
    ['storage-dark', '/admin/storage', 1200, 'dark'],
    ['people', '/admin/people', 1200, 'light'],
    ['source-phone', '/ada/web-shop', 375, 'light'],
    ['dashboard-phone-dark', '/', 375, 'dark'],
    ['limits', '/admin/limits', 1200, 'light'],
    ['second-factor-dark', '/account/second-factor', 1200, 'dark'],
  ] as const
  for (const [file, path, width, colorScheme] of PICTURES) {
    const context = await browser.newContext({ viewport: { width, height: 720 }, colorScheme, reducedMotion: 'reduce' })
    await context.addCookies([{ name, value, url: server.url }])
    const page = await context.newPage()
    await page.goto(server.url + path)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await page.waitForLoadState('networkidle').catch(() => {})
    await page.waitForTimeout(700)
    await page.screenshot({ path: join(out, `${file}.png`) })
    await context.close()
  }
  await browser.close()
}
