// npm run screenshots: starts a server with a small team on it and takes the pictures that the README shows.
import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildIfStale, root } from './fresh.mjs'
import { openBrowser } from '../test/helpers/browser.ts'
import { type Client, client, signIn, teammate } from '../test/helpers/client.ts'
import { commitFile, git, withLogin } from '../test/helpers/git.ts'
import { remove, startServer, tempDir } from '../test/helpers/server.ts'

const PASSWORD = 'correct horse battery'
const PRICE = `/** What a customer reads: euros, with two digits. */
export function price(cents: number): string {
  return (cents / 100).toFixed(2)
}
`

const README = `# Web shop

Our small shop. Run it with \`npm start\`; prices are in [src/price.ts](src/price.ts).

| page | what it shows |
| ---- | ------------- |
| cart | what is in it |
| shop | all there is  |

- [x] Prices with two digits
- [ ] Gift vouchers

\`\`\`mermaid
graph LR
  cart --> price --> customer
\`\`\`
`

buildIfStale()
const out = join(root, 'docs', 'screenshots')
mkdirSync(out, { recursive: true })
const dir = tempDir()
const server = await startServer({ admin: false })
/** Where a program of others asks for a person's consent. */
let consent = '/'
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
  await commitFile(work, 'README.md', README)
  await commitFile(work, 'package.json', '{ "name": "web-shop", "type": "module" }\n')
  await commitFile(work, 'src/price.ts', PRICE)
  await commitFile(work, 'src/pages/cart.ts', "import { price } from '../price.ts'\n\nconsole.log(price(1999))\n")
  await git(work, ['push', '-q', 'origin', 'HEAD:main', 'HEAD:refs/heads/topic/checkout'])
  await admin.post('/2.0/repositories/ada/archive', { description: 'What we sold before' })
  await git(work, ['push', '-q', withLogin(`${server.url}/ada/archive.git`, 'ada', PASSWORD), 'HEAD:main'])
  const closed = { mode: 'read-only', reason: 'Moving to the new disk. Back at noon.' }
  await admin.put('/api/gitstead/1/repositories/ada/archive/quarantine', closed)
  await happen(admin, work)
}

/** What a team does: a teammate pushes and names somebody, programs get their ways in. */
async function happen(admin: Client, work: string): Promise<void> {
  const { body } = await admin.post('/api/gitstead/1/workspaces/ada/oauth-consumers', {
    name: 'Release notes',
    callback_url: 'https://notes.example.com/back',
    scopes: ['account', 'repository'],
  })
  consent = `/site/oauth2/authorize?response_type=code&client_id=${body.key}&state=0123456789abcdef`
  await admin.post('/api/gitstead/1/tokens', { label: 'Nightly report', scopes: ['repository'] })
  await admin.post('/2.0/repositories/ada/web-shop/hooks', {
    url: 'https://ci.example.com/gitstead',
    description: 'Build server',
    events: ['repo:push'],
  })
  await writeFile(join(work, 'src', 'price.ts'), PRICE.replace('(cents / 100)', '(Math.round(cents) / 100)'))
  await git(work, ['commit', '-qam', 'Round before it is shown\n\n@ada please have a look.'])
  await git(work, ['push', '-q', withLogin(`${server.url}/ada/web-shop.git`, 'bob', 'bob has a password'), 'HEAD:main'])
}

async function shoot(): Promise<void> {
  const browser = await openBrowser()
  const answer = await client(server).post('/api/gitstead/1/session', { username: 'ada', password: PASSWORD })
  const [name = '', value = ''] = (answer.headers.get('set-cookie') ?? '').split(';')[0]?.split('=', 2) ?? []
  for (const { file, path, width, colorScheme } of pictures()) {
    const context = await browser.newContext({ viewport: { width, height: 720 }, colorScheme, reducedMotion: 'reduce' })
    await context.addCookies([{ name, value, url: server.url }])
    const page = await context.newPage()
    await page.goto(server.url + path)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    // The stream of news never ends: what a page asks for is there soon.
    await page.waitForTimeout(1500)
    await page.screenshot({ path: join(out, `${file}.png`) })
    await context.close()
  }
  await browser.close()
}

interface Picture {
  file: string
  path: string
  width: number
  colorScheme: 'light' | 'dark'
}

function pictures(): Picture[] {
  const pages: [name: string, path: string][] = [
    ['dashboard', '/'],
    ['source', '/ada/web-shop'],
    ['file', '/ada/web-shop/src/main/src/price.ts'],
    ['blame', '/ada/web-shop/annotate/main/src/price.ts'],
    ['edit', '/ada/web-shop/edit/main/src/price.ts'],
    ['commits', '/ada/web-shop/commits/main'],
    ['commit', '/ada/web-shop/commit/main'],
    ['compare', '/ada/web-shop/compare/main..topic/checkout'],
    ['branches', '/ada/web-shop/branches'],
    ['search', '/ada/web-shop/search?q=price'],
    ['insights', '/ada/web-shop/insights'],
    ['empty', '/ada/handbook'],
    ['activity', '/ada/web-shop/activity'],
    ['settings', '/ada/web-shop/settings'],
    ['webhooks', '/ada/web-shop/settings/webhooks'],
    ['availability', '/ada/archive/settings/availability'],
    ['read-only', '/ada/archive'],
    ['notifications', '/notifications'],
    ['second-factor', '/account/second-factor'],
    ['tokens', '/account/tokens'],
    ['consent', consent],
    ['people', '/admin/people'],
    ['operations', '/admin/operations'],
    ['slow-requests', '/admin/slow-requests'],
    ['jobs', '/admin/jobs'],
    ['limits', '/admin/limits'],
    ['storage', '/admin/storage'],
    ['audit', '/admin/audit'],
    ['mail', '/admin/mail'],
    ['https', '/admin/https'],
  ]
  const phone: [name: string, path: string][] = [
    ['dashboard', '/'],
    ['source', '/ada/web-shop'],
    ['commit', '/ada/web-shop/commit/main'],
    ['trust', '/trust'],
    ['operations', '/admin/operations'],
  ]
  return [
    ...pages.flatMap(([name, path]) => both(name, path, 1200)),
    ...phone.flatMap(([name, path]) => both(`${name}-phone`, path, 375)),
  ]
}

function both(file: string, path: string, width: number): Picture[] {
  return [
    { file, path, width, colorScheme: 'light' },
    { file: `${file}-dark`, path, width, colorScheme: 'dark' },
  ]
}
