// The rest of the desk: tray, closing, second starts, links of other programs, recovery, logs, diagnostics, sleep, login.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, pageFaults } from '../helpers/browser.ts'
import { basic, type Client, client } from '../helpers/client.ts'
import { eventually } from '../helpers/invariant.ts'
import { ADMIN } from '../helpers/server.ts'
import { closeDesktops, type Desktop, openDesktop } from './launch.ts'
import { choose } from './standin.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(async () => {
  await closeDesktops()
  await browser.close()
})

async function running(raw: object = {}, args: string[] = [], link?: string): Promise<Desktop & { url: string }> {
  const desktop = await openDesktop({ browser, args, link, settings: { raw: { closeTold: true, ...raw } } })
  const { server } = await desktop.until((state) => state.server.state === 'running')
  return Object.assign(desktop, { url: server.url ?? '' })
}

/** One desktop that many look at: each leaves it running, with its window open. */
let desk: Desktop & { url: string }
const ada = (password = ADMIN.password): Client => client({ url: desk.url }, basic(ADMIN.name, password))
const open = (part: string): Promise<void> => desk.page.getByRole('tab', { name: part }).click()

beforeAll(async () => {
  desk = await running()
  await ada().post('/2.0/repositories/ada/web')
})

describe('the tray', () => {
  it('shows the state in its picture and its words, pauses and resumes', async () => {
    const { tray, url, until } = desk
    expect(tray().words).toBe(`Gitstead: Running at ${url}`)
    expect(tray().image).toMatch(/tray-running\.png$/)
    tray().choose('Pause sharing')
    await until((state) => state.paused && state.server.state === 'stopped')
    expect(tray().words).toBe('Gitstead: Sharing is paused')
    expect(tray().image).toMatch(/tray-stopped\.png$/)
    tray().choose('Resume sharing')
    await until((state) => state.server.state === 'running')
    expect(tray().image).toMatch(/tray-running\.png$/)
  })

  it('copies the address, and the clone URL of a repository', async () => {
    const { tray, url, standIn } = desk
    tray().choose('Copy address')
    expect(standIn.outside.clipboard).toBe(url)
    const offered = (): boolean => JSON.stringify(tray().menu).includes('ada/web')
    expect(await eventually(offered, 40_000)).toBe(true)
    tray().choose('ada/web')
    expect(standIn.outside.clipboard).toBe(`${url}/ada/web.git`)
  })

  it('opens the window, the log and the settings', async () => {
    const { tray, window, page } = desk
    window.close()
    expect(window.visible).toBe(false)
    tray().choose('Logs')
    expect(window.visible).toBe(true)
    await page.getByRole('tab', { name: 'Logs', selected: true }).waitFor()
    tray().choose('Settings')
    await page.getByRole('tab', { name: 'Settings', selected: true }).waitFor()
  })

  it('is gone where it is not wanted, and comes back', async () => {
    const { page, tray, standIn, until } = desk
    const first = tray()
    await open('Settings')
    await page.getByRole('switch', { name: /No icon in the tray/ }).click()
    await until((state) => state.settings.hideTray)
    expect(first.destroyed).toBe(true)
    await page.getByRole('switch', { name: /No icon in the tray/ }).click()
    await until((state) => !state.settings.hideTray)
    expect(standIn.outside.trays.filter((one) => !one.destroyed)).toHaveLength(1)
  })
})

describe('the menu', () => {
  it('makes the page larger and smaller, and never its bar wider than its place', async () => {
    const { standIn, window, page, until, view } = desk
    await page.getByText('Repositories', { exact: true }).click()
    await until(({ surface }) => surface === 'repositories')
    choose(standIn.outside.menu, 'Larger')
    choose(standIn.outside.menu, 'Larger')
    expect([window.webContents.zoom, view().webContents.zoom]).toEqual([1.25, 1.25])
    expect(view().bounds).toMatchObject({ y: 65, height: window.size.height - 65 })
    choose(standIn.outside.menu, 'Actual size')
    expect(view().bounds).toMatchObject({ y: 52 })
  })

  it('and the bar lead back and forward through the pages of repositories', async () => {
    const { standIn, page, view, url, ask } = desk
    const pages = await view().webContents.page
    await pages.waitForURL(`${url}/`)
    await pages.getByRole('link', { name: 'web' }).first().click()
    await pages.waitForURL(`${url}/ada/web`)
    choose(standIn.outside.menu, 'Back')
    await pages.waitForURL(`${url}/`)
    await page.getByRole('button', { name: 'Forward' }).click()
    await pages.waitForURL(`${url}/ada/web`)
    await page.getByRole('button', { name: 'Load again' }).click()
    await pages.getByRole('heading', { level: 1 }).first().waitFor()
    await ask('show', { surface: 'control' })
  })
})

describe('a second start', () => {
  it('shows the window of the first', () => {
    const { window, standIn } = desk
    window.close()
    window.minimized = true
    standIn.app.emit('second-instance', {}, ['electron', '.'])
    expect([window.visible, window.minimized]).toEqual([true, false])
  })

  it('opens nothing, and ends', async () => {
    await expect(openDesktop({ browser, settings: {}, standIn: { second: true } })).rejects.toThrow('no window')
  })
})

describe('links of other programs', () => {
  it.each([
    'gitstead://repository/ada/web/../../admin',
    'gitstead://repository/ada',
    'gitstead://delete/everything',
    'gitstead://open?next=https://example.com',
    'gitstead://user@open',
    'https://example.com/',
  ])('that wish for something else are none: %s', async (link) => {
    desk.standIn.app.emit('open-url', { preventDefault: () => {} }, link)
    expect((await desk.state()).link).toBe(null)
  })

  it('can be left alone, and come with the first start as well, before it is ready on some systems', async () => {
    const { page, until, quit } = await running({}, [], 'gitstead://logs')
    await page.getByText('A link asks to show the log.').waitFor()
    await page.getByRole('button', { name: 'Leave it' }).click()
    const { section } = await until(({ link }) => link === null)
    expect(section).toBe(null)
    await quit()
  })
})

describe('people', () => {
  it('are invited with a link that works', async () => {
    const { page, url } = desk
    await open('People')
    await page.getByLabel('Who is it for').fill('Bob')
    await page.getByRole('button', { name: 'Make a link' }).click()
    const link = page.getByText(`${url}/invite#token=`)
    await link.waitFor()
    const token = (await link.innerText()).split('token=')[1] ?? ''
    const { body } = await client({ url }).get(`/api/gitstead/1/links/${token}`)
    expect(body).toMatchObject({ kind: 'invitation', workspace: 'ada' })
  })
})

describe('help', () => {
  it('shows the log, and saves diagnostics without secrets', async () => {
    const { page, standIn, userData } = desk
    await ada('wrong wrong wrong').get('/2.0/user')
    await open('Logs')
    await page
      .getByLabel('Log')
      .getByText(/ready at/)
      .first()
      .waitFor()
    const filePath = join(userData, 'saved.txt')
    standIn.outside.answers.push({ canceled: false, filePath })
    await page.getByRole('button', { name: 'Export diagnostics' }).click()
    await page.getByText(`Saved as ${filePath}`).waitFor()
    const text = readFileSync(filePath, 'utf8')
    for (const part of ['== Gitstead ==', '== Settings ==', '== Doctor ==', '== Log ==', 'ready at'])
      expect(text).toContain(part)
    expect(text).not.toMatch(/wrong wrong|correct horse/)
    expect(statSync(filePath).mode & 0o077).toBe(0)
    await page.getByRole('button', { name: 'Open the folder' }).click()
    expect(await eventually(() => standIn.outside.paths.length > 0)).toBe(true)
    expect(existsSync(join(userData, 'logs', 'gitstead.log'))).toBe(true)
    expect(await pageFaults(page)).toEqual([])
  })
})

describe('the machine', () => {
  it('is kept awake where that was chosen, and no longer than it shares', async () => {
    const { page, standIn, until, ask } = desk
    expect(standIn.outside.blockers.size).toBe(0)
    await open('Settings')
    await page.getByRole('switch', { name: /Keep this machine awake/ }).click()
    await until((state) => state.settings.keepAwake)
    expect(standIn.outside.blockers.size).toBe(1)
    await ask('pause')
    await until((state) => state.server.state === 'stopped')
    expect(standIn.outside.blockers.size).toBe(0)
    await ask('setSettings', { keepAwake: false })
    await ask('resume')
    await until((state) => state.server.state === 'running')
  })

  it('is looked after when it wakes up', async () => {
    const { standIn, until, state } = desk
    const { server } = await state()
    standIn.power.emit('resume')
    expect((await until((now) => now.server.state === 'running')).server.pid).toBe(server.pid)
  })

  it('starts us at login where that was chosen', async () => {
    const { page, userData, until } = desk
    const entry = join(userData, 'appData', 'autostart', 'gitstead.desktop')
    await open('Settings')
    await page.getByRole('switch', { name: /Start when I sign in/ }).click()
    await until((state) => state.settings.startAtLogin)
    expect(readFileSync(entry, 'utf8')).toMatch(/^Exec=".+" --background$/m)
    await page.getByRole('switch', { name: /Start when I sign in/ }).click()
    await until((state) => !state.settings.startAtLogin)
    expect(existsSync(entry)).toBe(false)
  })

  it('starts the file of an AppImage, not the folder that it is mounted at', async () => {
    const env = { APPIMAGE: '/opt/Gitstead.AppImage' }
    const { userData, until, ask, quit } = await openDesktop({ browser, env, settings: { raw: { closeTold: true } } })
    await until((state) => state.server.state === 'running')
    expect(await ask('setSettings', { startAtLogin: true })).toEqual({})
    const entry = readFileSync(join(userData, 'appData', 'autostart', 'gitstead.desktop'), 'utf8')
    expect(entry).toContain('Exec="/opt/Gitstead.AppImage" --background\n')
    await quit()
  })

  it('is not asked about newer versions where no place for them is set', async () => {
    await open('Settings')
    await desk.page.getByRole('button', { name: 'Check now' }).click()
    await desk.page.getByText('No place is set where newer versions are looked up.').waitFor()
  })
})

it('each part of the page is whole on a narrow window, in the dark too', async () => {
  const { page, window } = desk
  for (const width of [1120, 420]) {
    await window.resize({ width, height: 780 })
    await page.emulateMedia({ colorScheme: width === 420 ? 'dark' : 'light' })
    for (const part of ['Overview', 'People', 'Activity', 'Storage', 'Logs', 'Settings']) {
      await open(part)
      await page.getByRole('tabpanel').waitFor()
      expect(await pageFaults(page), `${part} at ${width} px`).toEqual([])
    }
  }
})

describe('closing the window', () => {
  it('leaves the server running, and is explained once', async () => {
    const { window, standIn, state, tray } = await running({ closeTold: false })
    standIn.outside.answers.push({ response: 0 })
    expect(window.close()).toBe(false)
    expect(window.visible).toBe(false)
    expect(standIn.outside.dialogs).toMatchObject([
      { kind: 'message', given: { message: expect.stringMatching('the server runs on') } },
    ])
    window.close()
    expect(standIn.outside.dialogs).toHaveLength(1)
    expect((await state()).server.state).toBe('running')
    tray().choose('Quit Gitstead')
    await standIn.ended
  })

  it('quits where that was chosen', async () => {
    const { window, standIn } = await running({ quitOnClose: true })
    window.close()
    await standIn.ended
  })

  it('gives the screen back first, where it filled it', () => {
    const { window } = desk
    window.setFullScreen(true)
    expect(window.close()).toBe(false)
    expect([window.fullScreen, window.visible]).toEqual([false, false])
    window.show()
  })
})

it('a page whose process crashed is loaded again, but not without end', async () => {
  const { page, window } = desk
  const loads = (): Promise<boolean> =>
    page.waitForEvent('load', { timeout: 3000 }).then(
      () => true,
      () => false,
    )
  const crash = (reason: string): Promise<boolean> => {
    const loaded = loads()
    window.webContents.emit('render-process-gone', {}, { reason, exitCode: 1 })
    return loaded
  }
  expect(await crash('clean-exit')).toBe(false)
  for (let turn = 0; turn < 3; turn++) expect(await crash('crashed')).toBe(true)
  expect(await crash('crashed')).toBe(false)
  await page.getByRole('tab', { name: 'Overview' }).waitFor()
})

it.each([
  ['in the background', {}, ['--background']],
  ['where that was chosen', { startInBackground: true }, []],
])('the first start %s opens no window', async (_name, raw, args) => {
  const { window, quit } = await running(raw, args)
  expect(window.visible).toBe(false)
  await quit()
})
