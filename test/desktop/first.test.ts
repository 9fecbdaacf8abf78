// The first run in the window, and what comes after it.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../helpers/browser.ts'
import { basic, client } from '../helpers/client.ts'
import { git, makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { ADMIN } from '../helpers/server.ts'
import { closeDesktops, type Desktop, openDesktop, settled } from './launch.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterEach(closeDesktops)
afterAll(() => browser.close())

/** A desktop that was never set up, with a folder of its own. */
const fresh = (folder = 'data'): Promise<Desktop> => openDesktop({ browser, settings: { folder } })

async function fill({ page }: Desktop, password = ADMIN.password, again = password): Promise<void> {
  await page.getByLabel('User name').fill(ADMIN.name)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('textbox', { name: 'The same once more' }).fill(again)
  await page.getByRole('button', { name: 'Start Gitstead' }).click()
}

describe('the first run', () => {
  it('says what is wrong with a password, and sends nothing', async () => {
    const desktop = await fresh()
    await fill(desktop, 'short', 'other')
    await desktop.page.getByText('At least 10 letters.').waitFor()
    await desktop.page.getByText('This is not the same password.').waitFor()
    expect(existsSync(desktop.data)).toBe(false)
  })

  it('says what the server refuses, and keeps what was typed', async () => {
    const desktop = await fresh()
    const { page } = desktop
    await page.getByLabel('User name').fill('a/b')
    await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
    await page.getByRole('textbox', { name: 'The same once more' }).fill(ADMIN.password)
    await page.getByRole('button', { name: 'Start Gitstead' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByLabel('User name').inputValue()).toBe('a/b')
    expect((await desktop.state()).firstRun).toBe(true)
  })

  it('takes another folder, also one with blanks and letters of other languages', async () => {
    const desktop = await fresh()
    const folder = join(desktop.userData, 'Dätä of the team – 仓库')
    desktop.standIn.outside.answers.push({ canceled: false, filePaths: [folder] })
    await desktop.page.getByRole('button', { name: 'Choose another folder' }).click()
    await desktop.page.getByText(folder).waitFor()
    await fill(desktop)
    const { server, dataFolder } = await desktop.until((state) => state.server.state === 'running')
    expect(dataFolder).toBe(folder)
    const kept = JSON.parse(readFileSync(join(desktop.userData, 'settings.json'), 'utf8'))
    expect(kept.data).toBe(folder)
    const work = join(desktop.userData, 'work')
    await makeWork(work)
    const ada = client({ url: server.url ?? '' }, basic(ADMIN.name, ADMIN.password))
    expect((await ada.post('/2.0/repositories/ada/web')).status).toBe(201)
    await git(work, ['push', '-q', withLogin(`${server.url}/ada/web.git`, ADMIN.name, ADMIN.password), 'main'])
  })

  it('says that a folder cannot be used', async () => {
    const desktop = await fresh('blocked/data')
    writeFileSync(join(desktop.userData, 'blocked'), 'a file')
    await fill(desktop)
    await desktop.page
      .getByRole('alert')
      .getByText(/cannot be made/)
      .waitFor()
    expect((await desktop.state()).server.state).toBe('stopped')
  })

  it('is none where the folder has accounts already', async () => {
    const desktop = await openDesktop({ browser, settings: {} })
    const { firstRun } = await desktop.until((state) => state.server.state === 'running')
    expect(firstRun).toBe(false)
  })

  it('leads to the first repository, and sees the first push without a reload', { timeout: 120_000 }, async () => {
    const { page, until, userData } = await openDesktop({ browser, settings: {} })
    const { server } = await until((state) => state.server.state === 'running')
    await page.getByLabel('Name', { exact: true }).fill('web')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('region', { name: 'Waiting for the first push to ada/web' }).waitFor()
    await page.getByText(`git clone ${server.url}/ada/web.git`).waitFor()
    const work = join(userData, 'work')
    await makeWork(work)
    const pushed = await tryGit(work, [
      'push',
      '-q',
      withLogin(`${server.url}/ada/web.git`, 'ada', ADMIN.password),
      'main',
    ])
    expect(pushed).toMatchObject({ code: 0 })
    await page.getByRole('region', { name: /Waiting for the first push/ }).waitFor({ state: 'detached' })
  })
})

it('says why it cannot start at all, and ends', async () => {
  const blocked = openDesktop({ browser, prepare: (folder) => writeFileSync(join(folder, 'logs'), 'a file') })
  await expect(blocked).rejects.toThrow('Gitstead could not start')
})

describe('settings', () => {
  it('of which one makes no sense keep the others', async () => {
    const desktop = await openDesktop({ browser, settings: { raw: { keepAwake: true, hideTray: 'yes' } } })
    await desktop.page.getByText('Of the settings, hideTray could not be used').waitFor()
    expect((await desktop.state()).settings).toMatchObject({ keepAwake: true, hideTray: false })
  })

  it('cannot be written: the window says so, and the server runs on', async () => {
    const desktop = await openDesktop({ browser, settings: {} })
    await desktop.until((state) => state.server.state === 'running')
    // As root, modes stop nobody: a folder stands where the new file would.
    mkdirSync(join(desktop.userData, 'settings.json.new'))
    chmodSync(join(desktop.userData, 'settings.json.new'), 0o700)
    await settled(desktop)
    expect((await desktop.ask('setSettings', { keepAwake: true })).problem).toMatch(/settings/)
    expect((await desktop.state()).server.state).toBe('running')
  })
})
