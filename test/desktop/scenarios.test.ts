// The scenarios with the stand-in for Electron.
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openBrowser } from '../helpers/browser.ts'
import { freePort } from '../helpers/program.ts'
import { closeDesktops, openDesktop } from './launch.ts'
import { type Driven, groups, strangerAt } from './scenarios.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())

describe.each(groups)('$name', ({ settings, prepare, stranger, steps }) => {
  let desktop: Driven
  let leave = (): void => {}
  beforeAll(async () => {
    const port = await freePort()
    if (stranger) leave = await strangerAt(port)
    const opened = await openDesktop({
      browser,
      ...(settings && { settings: { ...settings, port } }),
      ...(prepare && { prepare }),
    })
    const { standIn, view } = opened
    desktop = {
      ...opened,
      repositories: () => view().webContents.page,
      opened: () => Promise.resolve(standIn.outside.opened.splice(0)),
      link: (address) => {
        standIn.app.emit('second-instance', {}, ['electron', '.', address])
        return Promise.resolve()
      },
    }
  })
  afterAll(async () => {
    leave()
    await closeDesktops()
  })
  it.each(steps)('%s', { timeout: 120_000 }, (_name, play) => play(desktop))
})
