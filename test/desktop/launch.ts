// Starts the desktop as it is built, with the stand-in under the name `electron`: the bundle, its preload and its pages
// are those that a package holds; the server is the real one, as a child.
import { mkdirSync, writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compileFunction, constants } from 'node:vm'
import type { Browser, Page } from 'playwright'
import type { Answers, AskName, DesktopState } from '../../main/contract.ts'
import { eventually } from '../helpers/invariant.ts'
import { freePort } from '../helpers/program.ts'
import { addAdmin, remove, tempDir } from '../helpers/server.ts'
import {
  openStandIn,
  type StandIn,
  type StandInOptions,
  type StandInTray,
  type StandInView,
  type StandInWindow,
} from './standin.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'out', 'main', 'index.js')
const standIns = new Map<string, StandIn>()
Reflect.set(globalThis, '__standIns', standIns)

/** By Node itself: the test runner would take the import in its own hands, past the hooks. */
const load = compileFunction('return import(url)', ['url'], {
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}) as (url: string) => Promise<unknown>

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'electron') return next(specifier, context)
    const id = new URL(context.parentURL ?? 'file:///').searchParams.get('desk') ?? ''
    return { url: `standin:${id}`, shortCircuit: true }
  },
  load(url, context, next) {
    if (!url.startsWith('standin:')) return next(url, context)
    const id = url.slice('standin:'.length)
    const names = Object.keys(standIns.get(id)?.module ?? {})
    const source = [
      `const module = globalThis.__standIns.get(${JSON.stringify(id)}).module`,
      ...names.map((name) => `export const ${name} = module.${name}`),
    ].join('\n')
    return { format: 'module', source, shortCircuit: true }
  },
})

export interface Desktop {
  standIn: StandIn
  window: StandInWindow
  /** The control page. */
  page: Page
  userData: string
  data: string
  port: number
  /** Asks as the page does, through the bridge. */
  ask: <N extends AskName>(name: N, given?: unknown) => Promise<Answers[N]>
  state: () => Promise<DesktopState>
  /** Waits until the state is as wanted; throws with what it is otherwise. */
  until: (wanted: (state: DesktopState) => boolean, ms?: number) => Promise<DesktopState>
  tray: () => StandInTray
  view: () => StandInView
  quit: () => Promise<void>
}

export interface DesktopOptions {
  browser: Browser
  userData?: string
  args?: string[]
  env?: Record<string, string>
  standIn?: Partial<StandInOptions>
  /** Another one than was built here. */
  bundle?: string
  /** A link of another program that starts it. */
  link?: string | undefined
  /** Called before the bundle runs. */
  prepare?: (userData: string) => void
  /** Of settings that name a free port and a folder: this one without an account, or else one with the admin's. */
  settings?: { folder?: string; port?: number; raw?: object }
}

const QUICK = { GITSTEAD_WORKERS: '1', GITSTEAD_BCRYPT_COST: '4', GITSTEAD_QUIET_SECONDS: '0' }

/** Arguments and environment are those of the process: as the bundle finds them at its start, and not after it. */
async function runBundle(bundle: string, id: string, argv: string[], env: Record<string, string>): Promise<void> {
  const before = { argv: process.argv, env: { ...process.env } }
  process.argv = argv
  Object.assign(process.env, env)
  try {
    // What is awaited at the top of it would be awaited for ever.
    await load(`${pathToFileURL(bundle).href}?desk=${id}`)
  } finally {
    process.argv = before.argv
    for (const name of Object.keys(env)) Reflect.deleteProperty(process.env, name)
    Object.assign(process.env, before.env)
  }
}

/** The window that is opened once it is ready. */
async function firstWindow(standIn: StandIn, link: string | undefined): Promise<StandInWindow> {
  if (link !== undefined) standIn.app.emit('open-url', { preventDefault: () => {} }, link)
  standIn.loaded()
  await eventually(() => standIn.outside.windows.length > 0 || standIn.app.ended, 5000)
  const [window] = standIn.outside.windows
  if (!window) throw new Error(`no window was opened: ${JSON.stringify(standIn.outside.dialogs)}`)
  return window
}

let turns = 0
const running: Desktop[] = []

export async function openDesktop({ browser, args = [], prepare, ...options }: DesktopOptions): Promise<Desktop> {
  const userData = options.userData ?? tempDir('gitstead-desktop-')
  mkdirSync(userData, { recursive: true })
  const port = options.settings?.port ?? (await freePort())
  const data = join(userData, options.settings?.folder ?? 'data')
  if (options.settings) {
    if (options.settings.folder === undefined) addAdmin(data)
    writeFileSync(join(userData, 'settings.json'), JSON.stringify({ data, port, ...options.settings.raw }))
  }
  prepare?.(userData)
  const standIn = openStandIn({ browser, userData, ...options.standIn })
  const id = String(++turns)
  standIns.set(id, standIn)
  await runBundle(options.bundle ?? MAIN, id, ['electron', '.', ...args], { ...QUICK, ...options.env })
  const window = await firstWindow(standIn, options.link)
  const page = await window.webContents.page
  const ask = <N extends AskName>(name: N, given?: unknown): Promise<Answers[N]> =>
    page.evaluate(
      ([asked, sent]) => {
        const { ask: asks } = Reflect.get(globalThis, 'gitstead')
        return sent === undefined ? asks(asked) : asks(asked, sent)
      },
      [name, given] as const,
    ) as Promise<Answers[N]>
  const state = (): Promise<DesktopState> => ask('state')
  const desktop: Desktop = {
    standIn,
    window,
    page,
    userData,
    data,
    port,
    ask,
    state,
    until: async (wanted, ms = 60_000) => {
      if (!(await eventually(async () => wanted(await state()), ms)))
        throw new Error(`It did not come to that: ${JSON.stringify(await state(), undefined, 1)}`)
      return state()
    },
    tray: () =>
      need(
        standIn.outside.trays.find((tray) => !tray.destroyed),
        'tray',
      ),
    view: () => need(window.views.at(-1), 'view'),
    quit: async () => {
      standIn.app.quit()
      await standIn.ended
    },
  }
  running.push(desktop)
  await page.waitForSelector('.bar, form').catch(() => {})
  return desktop
}

function need<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`There is no ${what}.`)
  return found
}

/** Ends what the tests have opened, with their servers. */
export async function closeDesktops(): Promise<void> {
  for (const desktop of running.splice(0)) {
    desktop.standIn.outside.answers.push({ response: 1 })
    await desktop.quit()
    await desktop.standIn.close()
    remove(desktop.userData)
  }
}

/** Nothing is under way in the shell that a test has to wait for. */
export async function settled({ until }: Desktop): Promise<void> {
  await until(({ server }) => server.state !== 'starting')
}
