// What pages may not do: lead elsewhere, open windows, ask for rights, speak to the shell from where they should not.
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../helpers/browser.ts'
import { eventually } from '../helpers/invariant.ts'
import { closeDesktops, type Desktop, openDesktop } from './launch.ts'
import type { StandInSession } from './contents.ts'

let browser: Browser
let desktop: Desktop
let page: Page
let url: string

beforeAll(async () => {
  browser = await openBrowser()
  desktop = await openDesktop({ browser, settings: {} })
  page = desktop.page
  url = (await desktop.until(({ server }) => server.state === 'running')).server.url ?? ''
})
afterAll(async () => {
  await closeDesktops()
  await browser.close()
})

const opened = (): string[] => desktop.standIn.outside.opened.splice(0)

/** Where a page is after it tried to go somewhere else. */
async function leads(from: Page, to: string): Promise<string> {
  await from.evaluate((address) => void (location.href = address), to).catch(() => {})
  await from.waitForTimeout(300)
  return from.url()
}

describe('the control page', () => {
  it('leads nowhere else, not even to our own server', async () => {
    const before = page.url()
    expect(await leads(page, 'https://example.com/')).toBe(before)
    expect(await leads(page, `${url}/`)).toBe(before)
    expect(opened()).toEqual([])
  })

  it('opens no window: what is of the web goes to the system’s browser', async () => {
    await page.evaluate(() => void window.open('https://example.com/help'))
    expect(await eventually(() => desktop.standIn.outside.opened.length > 0)).toBe(true)
    expect(opened()).toEqual(['https://example.com/help'])
    expect(desktop.window.webContents.lastOpen).toBe('deny')
  })

  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://host/share',
    'ms-settings:privacy',
    'http://a:b@example.com/',
  ])('hands %s to nobody', async (address) => {
    await page.evaluate((to) => void window.open(to), address).catch(() => {})
    await page.waitForTimeout(300)
    expect(opened()).toEqual([])
  })

  it('gets no rights of the machine but to copy text', () => {
    const { defaultSession } = desktop.standIn.module['session'] as { defaultSession: StandInSession }
    const { request, check } = defaultSession
    const granted: string[] = []
    for (const right of ['media', 'geolocation', 'notifications', 'clipboard-read', 'clipboard-sanitized-write']) {
      request?.({}, right, (yes) => yes && granted.push(`asked for ${right}`))
      if (check?.({}, right)) granted.push(`has ${right}`)
    }
    expect(granted).toEqual(['asked for clipboard-sanitized-write', 'has clipboard-sanitized-write'])
  })

  it('loads nothing from elsewhere: its policy names no other place', async () => {
    const answer = await page.evaluate(async () => {
      const faults: string[] = []
      document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => faults.push(violatedDirective))
      await fetch('https://example.com/').catch(() => {})
      const image = new Image()
      image.src = 'https://example.com/a.png'
      await new Promise((resolve) => setTimeout(resolve, 200))
      return faults
    })
    expect(answer).toEqual(expect.arrayContaining(['connect-src', 'img-src']))
  })
})

describe('the door between page and shell', () => {
  it('is closed to a frame, even one of our own', async () => {
    const said = await page.evaluate(async () => {
      const frame = document.createElement('iframe')
      frame.src = '/mark.svg'
      document.body.append(frame)
      await new Promise((resolve) => frame.addEventListener('load', resolve))
      let bridge
      try {
        bridge = Reflect.get(frame.contentWindow ?? {}, 'gitstead')
      } catch {
        return 'no bridge: blocked'
      }
      const answer = bridge
        ? await bridge.ask('state').then(
            () => 'let in',
            (error: Error) => error.message,
          )
        : 'no bridge'
      frame.remove()
      return answer
    })
    expect(said).toMatch(/may not ask|no bridge/)
  })

  it('asks who speaks: no frame, a frame inside, another place', async () => {
    const handler = desktop.standIn.handlers.get('gitstead:state')
    const own = 'app://gitstead/desktop.html'
    const parent = { url: own, parent: null }
    for (const senderFrame of [
      null,
      { url: own, parent },
      { url: `${url}/`, parent: null },
      { url: 'app://other/desktop.html', parent: null },
      { url: 'data:text/html,x', parent: null },
    ])
      expect(() => handler?.({ senderFrame })).toThrow('may not ask')
    expect(() => handler?.({ senderFrame: parent })).not.toThrow()
  })

  it.each<[string, unknown]>([
    ['takePort', { port: 80 }],
    ['takePort', { port: '7990' }],
    ['takePort', {}],
    ['setSettings', { lan: 'yes' }],
    ['setSettings', { data: '/etc' }],
    ['setSettings', { updates: 'http://example.com/' }],
    ['show', { surface: 'everything' }],
    ['openFolder', { which: '/etc' }],
    ['recover', { name: 'ada' }],
    ['state', { more: 1 }],
    ['firstRun', { name: 'x', password: 'y', lan: false, startAtLogin: false, data: '/tmp' }],
  ])('refuses %s with %j', async (name, given) => {
    await expect(desktop.ask(name as 'state', given)).rejects.toThrow('is not what it takes')
  })

  it('knows no other names', async () => {
    await expect(desktop.ask('quit' as 'state')).rejects.toThrow('No handler registered')
  })
})

describe('the pages of repositories', () => {
  let view: Page
  it('stand signed in, in cookies of their own and without a bridge, below the bar', async () => {
    await page.getByText('Repositories', { exact: true }).click()
    await desktop.until(({ surface }) => surface === 'repositories')
    view = await desktop.view().webContents.page
    await view.getByRole('heading', { level: 1 }).first().waitFor()
    await view.waitForURL(`${url}/`)
    expect(await view.evaluate(() => 'gitstead' in globalThis)).toBe(false)
    expect(view.context()).not.toBe(page.context())
    expect(desktop.view().bounds).toMatchObject({ x: 0, y: 52 })
    await view.getByRole('link', { name: 'New repository' }).first().waitFor()
  })

  it('lead to each other, and elsewhere only in the system’s browser', async () => {
    expect(await leads(view, `${url}/account/profile`)).toBe(`${url}/account/profile`)
    expect(await leads(view, 'https://example.com/')).toBe(`${url}/account/profile`)
    expect(opened()).toEqual(['https://example.com/'])
    expect(await leads(view, 'file:///etc/passwd')).toBe(`${url}/account/profile`)
    expect(opened()).toEqual([])
  })

  it('are followed by the window when it changes its size', async () => {
    await desktop.window.resize({ width: 700, height: 600 })
    expect(desktop.view().bounds).toEqual({ x: 0, y: 52, width: 700, height: 548 })
  })

  it('go behind the control page again, and come back as they were', async () => {
    await page.getByText('This machine', { exact: true }).click()
    await desktop.until(({ surface }) => surface === 'control')
    expect(desktop.view().visible).toBe(false)
    await page.getByText('Repositories', { exact: true }).click()
    await desktop.until(({ surface }) => surface === 'repositories')
    expect(view.url()).toBe(`${url}/account/profile`)
    await page.getByText('This machine', { exact: true }).click()
    await desktop.until(({ surface }) => surface === 'control')
  })
})
