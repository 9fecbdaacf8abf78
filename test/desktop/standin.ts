// A stand-in for Electron: what the shell uses of it, driving Debian's Chromium. It knows no more than that, and throws
// on all else and on windows that are not locked. It shows that our own code does what it should; that Electron does
// what this stand-in does, only a real Electron shows.
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright'
import {
  checkPreferences,
  closed,
  Contents,
  type Invoked,
  type Preferences,
  prevented,
  type Scheme,
  StandInSession,
  strict,
} from './contents.ts'

interface Size {
  width: number
  height: number
}
type Bounds = Size & { x: number; y: number }

/** What was done to the system around: looked at by tests, and told how to answer. */
export interface Outside {
  opened: string[]
  paths: string[]
  clipboard: string
  login: unknown[]
  protocols: string[]
  /** Answers of dialogs, in turn; each call without one is a failure of the test. */
  answers: unknown[]
  dialogs: unknown[]
  blockers: Set<number>
  trays: StandInTray[]
  windows: StandInWindow[]
  /** The menu of the program. */
  menu: MenuItem[]
}

export interface StandIn {
  outside: Outside
  app: StandInApp
  power: EventEmitter
  /** What the built bundle imports by the name `electron`. */
  module: Record<string, unknown>
  handlers: Map<string, Invoked>
  /** The module that is started has come to its end. */
  loaded: () => void
  /** When the program would have ended. */
  ended: Promise<void>
  close: () => Promise<void>
}

export interface StandInOptions {
  browser: Browser
  userData: string
  /** Whether another one holds the lock of the single instance. */
  second?: boolean
  /** The folder of a package, when it is to run as one. */
  resources?: string
}

class StandInApp extends EventEmitter {
  readonly isPackaged: boolean
  ended = false
  readonly #options: StandInOptions
  readonly #outside: Outside
  readonly #leave: () => void
  readonly #ready: Promise<void>
  constructor(
    options: StandInOptions,
    outside: Outside,
    { leave, ready }: { leave: () => void; ready: Promise<void> },
  ) {
    super()
    this.#ready = ready
    this.#options = options
    this.#outside = outside
    this.#leave = leave
    this.isPackaged = options.resources !== undefined
    Reflect.set(process, 'resourcesPath', options.resources)
  }
  requestSingleInstanceLock(): boolean {
    return this.#options.second !== true
  }
  /** As the real one: not before the module that is started has come to its end. */
  whenReady(): Promise<void> {
    return this.#ready
  }
  getPath(name: string): string {
    return name === 'userData' ? this.#options.userData : `${this.#options.userData}/${name}`
  }
  getVersion(): string {
    return '0.1.0'
  }
  setLoginItemSettings(settings: unknown): void {
    this.#outside.login.push(settings)
  }
  setAsDefaultProtocolClient(scheme: string): boolean {
    this.#outside.protocols.push(scheme)
    return true
  }
  quit(): void {
    if (prevented(this, 'before-quit')) return
    for (const window of this.#outside.windows) if (!window.destroyed && prevented(window, 'close')) return
    if (prevented(this, 'will-quit')) return
    this.emit('quit', {}, 0)
    this.ended = true
    this.#leave()
  }
}

export class StandInView {
  readonly webContents: Contents
  visible = true
  bounds: Bounds | undefined
  constructor(webContents: Contents) {
    this.webContents = webContents
  }
  setBounds(bounds: Bounds): void {
    this.bounds = bounds
    void this.webContents.page
      .then((page) => page.setViewportSize({ width: bounds.width, height: Math.max(1, bounds.height) }))
      .catch(closed)
  }
  setVisible(visible: boolean): void {
    this.visible = visible
  }
}

export class StandInWindow extends EventEmitter {
  readonly webContents: Contents
  readonly options: Record<string, unknown>
  readonly views: StandInView[] = []
  readonly contentView: { addChildView: (view: StandInView) => void; removeChildView: (view: StandInView) => void }
  visible: boolean
  minimized = false
  destroyed = false
  size: Size
  constructor(options: Record<string, unknown>, webContents: Contents) {
    super()
    this.options = options
    this.webContents = webContents
    this.visible = options['show'] !== false
    this.size = { width: Number(options['width'] ?? 800), height: Number(options['height'] ?? 600) }
    this.contentView = strict('contentView', {
      addChildView: (view: StandInView) => void this.views.push(unwrap(view)),
      removeChildView: (view: StandInView) => void this.views.splice(this.views.indexOf(unwrap(view)), 1),
    })
    void this.#fit().catch(closed)
  }
  async #fit(): Promise<void> {
    const page = await this.webContents.page
    await page.setViewportSize(this.size)
  }
  /** As a person does it. */
  async resize(size: Size): Promise<void> {
    this.size = size
    await this.#fit()
    this.emit('resize')
  }
  /** As a person does it; gives whether it went. */
  close(): boolean {
    if (prevented(this, 'close')) return false
    this.destroyed = true
    return true
  }
  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url)
  }
  getBounds(): Bounds {
    return { x: 0, y: 0, ...this.size }
  }
  getContentBounds(): Bounds {
    return { x: 0, y: 0, ...this.size }
  }
  isMinimized(): boolean {
    return this.minimized
  }
  isDestroyed(): boolean {
    return this.destroyed
  }
  restore(): void {
    this.minimized = false
  }
  show(): void {
    this.visible = true
  }
  hide(): void {
    this.visible = false
  }
  fullScreen = false
  isFullScreen(): boolean {
    return this.fullScreen
  }
  setFullScreen(wanted: boolean): void {
    this.fullScreen = wanted
    this.emit(wanted ? 'enter-full-screen' : 'leave-full-screen')
  }
  focus(): void {}
}

interface MenuItem {
  label?: string
  type?: string
  enabled?: boolean
  submenu?: MenuItem[]
  click?: () => void
}

export class StandInTray extends EventEmitter {
  image: string
  words = ''
  menu: MenuItem[] = []
  destroyed = false
  constructor(image: { path: string }) {
    super()
    this.image = image.path
  }
  setImage(image: { path: string }): void {
    this.image = image.path
  }
  setToolTip(words: string): void {
    this.words = words
  }
  setContextMenu(menu: { items: MenuItem[] }): void {
    this.menu = menu.items
  }
  destroy(): void {
    this.destroyed = true
  }
  /** As a person does it: throws where the item is not there or cannot be clicked. */
  choose(label: string): void {
    choose(this.menu, label)
  }
}

/** Throws where the item is not there or cannot be clicked. */
export function choose(items: MenuItem[], label: string): void {
  const item =
    items.find((one) => one.label === label) ??
    items.flatMap((one) => one.submenu ?? []).find((one) => one.label === label)
  if (!item?.click || item.enabled === false) throw new Error(`The menu does not offer "${label}".`)
  item.click()
}

const originals = new WeakMap<object, StandInView>()
const unwrap = (view: StandInView): StandInView => originals.get(view) ?? view

export function openStandIn(options: StandInOptions): StandIn {
  const outside: Outside = {
    opened: [],
    paths: [],
    clipboard: '',
    login: [],
    protocols: [],
    answers: [],
    dialogs: [],
    blockers: new Set(),
    trays: [],
    windows: [],
    menu: [],
  }
  const handlers = new Map<string, Invoked>()
  const schemes = new Map<string, Scheme>()
  const sessions = new Map<string, StandInSession>()
  const power = new EventEmitter()
  let leave = (): void => {}
  const ended = new Promise<void>((resolve) => (leave = resolve))
  const loaded = Promise.withResolvers<void>()
  const app = new StandInApp(options, outside, { leave, ready: loaded.promise })

  const sessionOf = (name: string): StandInSession => {
    const found = sessions.get(name) ?? new StandInSession(options.browser)
    sessions.set(name, found)
    return found
  }
  const answer = (kind: string, ...given: unknown[]): Promise<unknown> => {
    outside.dialogs.push({ kind, given: given.at(-1) })
    if (outside.answers.length === 0) throw new Error(`A dialog was opened that no test expects: ${kind}`)
    return Promise.resolve(outside.answers.shift())
  }
  const contentsOf = (preferences: Preferences, fallback: string): Contents => {
    checkPreferences(preferences)
    return new Contents(preferences, preferences.session ?? sessionOf(fallback), schemes, handlers)
  }
  let blocker = 0

  const module = {
    app: strict('app', app),
    BrowserWindow: function (given: { webPreferences?: Preferences } & Record<string, unknown>) {
      const window = new StandInWindow(given, contentsOf(given.webPreferences ?? {}, ''))
      outside.windows.push(window)
      return strict('BrowserWindow', window)
    },
    WebContentsView: function (given: { webPreferences?: Preferences }) {
      const view = new StandInView(contentsOf(given.webPreferences ?? {}, ''))
      const shown = strict('WebContentsView', view)
      originals.set(shown, view)
      return shown
    },
    Tray: function (image: { path: string }) {
      const tray = new StandInTray(image)
      outside.trays.push(tray)
      return strict('Tray', tray)
    },
    Menu: strict('Menu', {
      buildFromTemplate: (items: MenuItem[]) => ({ items }),
      setApplicationMenu: ({ items }: { items: MenuItem[] }) => void (outside.menu = items),
    }),
    nativeImage: strict('nativeImage', {
      createFromPath: (path: string) => {
        readFileSync(path)
        return { path }
      },
    }),
    net: strict('net', { fetch: (url: string) => Promise.resolve(new Response(readFileSync(fileURLToPath(url)))) }),
    ipcMain: strict('ipcMain', {
      handle: (channel: string, handler: Invoked) => {
        if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
        handlers.set(channel, handler)
      },
    }),
    dialog: strict('dialog', {
      showOpenDialog: (...given: unknown[]) => answer('open', ...given),
      showSaveDialog: (...given: unknown[]) => answer('save', ...given),
      showMessageBox: (...given: unknown[]) => answer('message', ...given),
      showErrorBox: (title: string, content: string) => void outside.dialogs.push({ kind: 'error', title, content }),
    }),
    clipboard: strict('clipboard', {
      writeText: (text: string) => {
        outside.clipboard = text
        return Promise.resolve()
      },
    }),
    shell: strict('shell', {
      openExternal: (url: string) => {
        outside.opened.push(url)
        return Promise.resolve()
      },
      openPath: (path: string) => {
        outside.paths.push(path)
        return Promise.resolve('')
      },
    }),
    session: strict('session', { defaultSession: sessionOf(''), fromPartition: sessionOf }),
    protocol: strict('protocol', {
      registerSchemesAsPrivileged: () => {},
      handle: (scheme: string, handler: Scheme) => void schemes.set(scheme, handler),
    }),
    powerMonitor: strict('powerMonitor', power),
    powerSaveBlocker: strict('powerSaveBlocker', {
      start: () => {
        outside.blockers.add(++blocker)
        return blocker
      },
      stop: (id: number) => void outside.blockers.delete(id),
    }),
  }
  return {
    outside,
    app,
    power,
    module,
    handlers,
    ended,
    loaded: loaded.resolve,
    close: async () => {
      for (const session of sessions.values()) await (await session.context).close().catch(() => {})
    },
  }
}
