// What the desktop does for those who use it, told once: played with the stand-in, and with a real Electron where there
// is one. A scenario knows the desktop by what a person sees, the bridge of the page, and a few acts of the system around.
import { createServer } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect } from 'vitest'
import type { Answers, AskName, DesktopState } from '../../main/contract.ts'
import { pageFaults } from '../helpers/browser.ts'
import { basic, client } from '../helpers/client.ts'
import { eventually } from '../helpers/invariant.ts'
import { treeOf } from '../helpers/proc.ts'
import { isRunning } from '../helpers/program.ts'
import { ADMIN } from '../helpers/server.ts'

export interface Driven {
  /** The control page. */
  page: Page
  userData: string
  data: string
  port: number
  ask: <N extends AskName>(name: N, given?: unknown) => Promise<Answers[N]>
  state: () => Promise<DesktopState>
  until: (wanted: (state: DesktopState) => boolean, ms?: number) => Promise<DesktopState>
  quit: () => Promise<void>
  /** The page in the view of the repositories. */
  repositories: () => Promise<Page>
  /** What was handed to the system's browser since it was asked the last time. */
  opened: () => Promise<string[]>
  /** Another program hands a link over. */
  link: (address: string) => Promise<void>
}

export interface Group {
  name: string
  /** As `openDesktop` takes them. */
  settings?: { folder?: string; raw?: object }
  prepare?: (userData: string) => void
  /** What stands at the port that the desktop is told to take, before it starts. */
  stranger?: true
  steps: [name: string, play: (desktop: Driven) => Promise<void>][]
}

const urlOf = async ({ until }: Driven): Promise<string> =>
  (await until((state) => state.server.state === 'running')).server.url ?? ''
const pidOf = async ({ state }: Driven): Promise<number> => (await state()).server.pid ?? 0
const tab = ({ page }: Driven, name: string): Promise<void> => page.getByRole('tab', { name }).click()

async function staysAt(page: Page, address: string): Promise<boolean> {
  const before = page.url()
  await page.evaluate((to) => void (location.href = to), address).catch(() => {})
  await page.waitForTimeout(300)
  return page.url() === before
}

export const groups: Group[] = [
  {
    name: 'a desktop that was never set up',
    settings: { folder: 'data' },
    steps: [
      [
        'asks for a folder, an account and who may reach it, and then serves this machine only',
        async (desktop) => {
          const { page, until, data } = desktop
          await page.getByRole('heading', { name: 'Welcome to Gitstead' }).waitFor()
          await page.getByText(data).waitFor()
          expect(await pageFaults(page)).toEqual([])
          await page.getByLabel('User name').fill(ADMIN.name)
          await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
          await page.getByRole('textbox', { name: 'The same once more' }).fill(ADMIN.password)
          await page.getByRole('button', { name: 'Start Gitstead' }).click()
          const { settings, server } = await until((state) => state.server.state === 'running')
          expect(settings).toMatchObject({ lan: false, startAtLogin: false, admin: 'ada', data })
          expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:/)
          await page.getByRole('region', { name: 'The server' }).getByText('Running').waitFor()
          const answer = await client({ url: server.url ?? '' }, basic(ADMIN.name, ADMIN.password)).get('/2.0/user')
          expect(answer.body).toMatchObject({ username: 'ada' })
        },
      ],
    ],
  },
  {
    name: 'a desktop with damaged settings',
    prepare: (folder) => writeFileSync(join(folder, 'settings.json'), '{"data": "/x", '),
    steps: [
      [
        'says so and begins anew',
        async ({ page, state }) => {
          await page.getByText('The settings could not be read').waitFor()
          expect((await state()).settings.data).toBe(null)
        },
      ],
    ],
  },
  {
    name: 'a desktop whose port a stranger has',
    settings: {},
    stranger: true,
    steps: [
      [
        'says so, and takes the next free one when asked',
        async ({ page, until }) => {
          const state = await until((now) => now.port !== null)
          expect(state).toMatchObject({ server: { state: 'failed', refused: 'port' }, port: { busy: 'stranger' } })
          await page.getByText('Another program uses it.').waitFor()
          expect(await pageFaults(page)).toEqual([])
          await page.getByRole('button', { name: `Use port ${state.port?.free}` }).click()
          const after = await until((now) => now.server.state === 'running')
          expect(after.settings.port).toBe(state.port?.free)
          expect(after.server.url).toBe(`http://127.0.0.1:${state.port?.free}`)
        },
      ],
    ],
  },
  {
    name: 'a desktop that runs',
    settings: { raw: { lanHost: '127.0.0.2', closeTold: true } },
    steps: [
      [
        'isolates its page: two functions and nothing of Node',
        async ({ page }) => {
          const seen = await page.evaluate(() => ({
            bridge: Object.keys(Reflect.get(globalThis, 'gitstead')),
            node: ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis),
          }))
          expect(seen).toEqual({ bridge: ['ask', 'onState'], node: [] })
        },
      ],
      [
        'leads its page nowhere, and opens the web in the system’s browser',
        async (desktop) => {
          const { page, opened } = desktop
          const url = await urlOf(desktop)
          expect(await staysAt(page, 'https://example.com/')).toBe(true)
          expect(await staysAt(page, `${url}/`)).toBe(true)
          expect(await opened()).toEqual([])
          await page.evaluate(() => void window.open('https://example.com/help'))
          await page.evaluate(() => void window.open('file:///etc/passwd'))
          await page.waitForTimeout(300)
          expect(await opened()).toEqual(['https://example.com/help'])
        },
      ],
      [
        'refuses what its page may not ask',
        async ({ ask }) => {
          await expect(ask('setSettings', { data: '/etc' })).rejects.toThrow('is not what it takes')
          await expect(ask('openFolder', { which: '/etc' })).rejects.toThrow('is not what it takes')
          await expect(ask('quit' as 'state')).rejects.toThrow('No handler registered')
        },
      ],
      [
        'shows the repositories signed in, without a bridge',
        async (desktop) => {
          const url = await urlOf(desktop)
          await client({ url }, basic(ADMIN.name, ADMIN.password)).post('/2.0/repositories/ada/web')
          await desktop.page.getByText('Repositories', { exact: true }).click()
          await desktop.until(({ surface }) => surface === 'repositories')
          const pages = await desktop.repositories()
          await pages.waitForURL(`${url}/`)
          await pages.getByRole('link', { name: 'web' }).first().waitFor()
          expect(await pages.evaluate(() => 'gitstead' in globalThis)).toBe(false)
          await desktop.page.getByText('This machine', { exact: true }).click()
          await desktop.until(({ surface }) => surface === 'control')
        },
      ],
      [
        'follows a link of another program when somebody agrees',
        async (desktop) => {
          const { page, link, until } = desktop
          await link('gitstead://repository/ada/web')
          await page.getByText('A link asks to open the repository ada/web.').waitFor()
          expect((await until((state) => state.link !== null)).surface).toBe('control')
          await page.getByRole('button', { name: 'Open it' }).click()
          await until(({ surface }) => surface === 'repositories')
          await (await desktop.repositories()).waitForURL(`${await urlOf(desktop)}/ada/web`)
          await desktop.ask('show', { surface: 'control' })
        },
      ],
      [
        'starts its server again that ended by force, and says so',
        async (desktop) => {
          const { until, page } = desktop
          await tab(desktop, 'Overview')
          const pid = await pidOf(desktop)
          process.kill(pid, 'SIGKILL')
          const { server } = await until((state) => state.server.state === 'running' && state.server.pid !== pid)
          expect(server.failures).toBe(1)
          await page.getByRole('region', { name: 'The server' }).getByText('Running').waitFor()
        },
      ],
      [
        'restarts at the same address, pauses and resumes',
        async (desktop) => {
          const { page, until } = desktop
          const url = await urlOf(desktop)
          const first = await pidOf(desktop)
          await page.getByRole('button', { name: 'Restart' }).click()
          const { server } = await until((state) => state.server.state === 'running' && state.server.pid !== first)
          expect(server).toMatchObject({ url, failures: 0 })
          await page.getByRole('button', { name: 'Pause sharing' }).click()
          await page.getByText('Nobody reaches Gitstead until you resume.').waitFor()
          expect(isRunning(server.pid ?? 0)).toBe(false)
          await expect(fetch(url)).rejects.toThrow()
          await page.getByRole('button', { name: 'Resume sharing' }).click()
          await until((state) => state.server.state === 'running')
        },
      ],
      [
        'switches the network on and off: addresses appear, are tested, and go',
        async (desktop) => {
          const { page, until, port } = desktop
          await expect(fetch(`http://127.0.0.2:${port}/`)).rejects.toThrow()
          await tab(desktop, 'Settings')
          await page.getByRole('switch', { name: /Others on the local network/ }).click()
          const { lan } = await until((state) => state.settings.lan && state.server.state === 'running')
          expect(lan).toEqual([{ interface: '', address: '127.0.0.2', url: `http://127.0.0.2:${port}` }])
          await tab(desktop, 'Overview')
          await page.getByRole('img', { name: `The address http://127.0.0.2:${port} as a picture` }).waitFor()
          await page.getByRole('button', { name: 'Test these addresses' }).click()
          await page.getByText('Answers.').waitFor()
          expect(await pageFaults(page)).toEqual([])
          const pid = await pidOf(desktop)
          await tab(desktop, 'Settings')
          await page.getByRole('switch', { name: /Others on the local network/ }).click()
          await until((state) => !state.settings.lan && state.server.state === 'running' && state.server.pid !== pid)
          await expect(fetch(`http://127.0.0.2:${port}/`)).rejects.toThrow()
        },
      ],
      [
        'gives the admin a new password, which asks for no old one',
        async (desktop) => {
          const { page } = desktop
          const url = await urlOf(desktop)
          const status = async (password: string): Promise<number> =>
            (await client({ url }, basic(ADMIN.name, password)).get('/2.0/user')).status
          await tab(desktop, 'People')
          await page.getByRole('button', { name: 'Set a new password' }).click()
          await page.getByRole('textbox', { name: 'New password' }).fill('short')
          await page.getByRole('button', { name: 'Set the password' }).click()
          await page.getByRole('alert').getByText(/10/).waitFor()
          await page.getByRole('textbox', { name: 'New password' }).fill('another horse battery')
          expect(await pageFaults(page)).toEqual([])
          await page.getByRole('button', { name: 'Set the password' }).click()
          await page.getByRole('dialog').waitFor({ state: 'detached' })
          expect(await status('another horse battery')).toBe(200)
          expect(await status(ADMIN.password)).toBe(401)
        },
      ],
      [
        'quits with all of its processes',
        async (desktop) => {
          const all = treeOf([await pidOf(desktop)])
          expect(all.length).toBeGreaterThan(1)
          await desktop.quit()
          expect(await eventually(() => !all.some(isRunning))).toBe(true)
        },
      ],
    ],
  },
]

/** Somebody who has the port; gives what ends them. */
export async function strangerAt(port: number): Promise<() => void> {
  const stranger = createServer()
  await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve))
  return () => void stranger.close()
}
