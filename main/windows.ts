// The one window: the control page in it, the pages of repositories in a view of their own above it, and their locks.
import type { BrowserWindow, Session, WebContents, WebContentsView } from 'electron'
import { STATE_CHANNEL, type DesktopState } from './contract.ts'
import { type Places, type Surface, verdictOf } from './navigation.ts'
import type { Platform } from './platform.ts'

/** A window is pulled through many sizes: the last one is told. */
const SETTLED_MS = 500
/** The bar of the control page stays in sight above the view; as in renderer/desktop. */
const BAR_HEIGHT = 52
const MOST_REVIVALS = 3
const PARTITION = 'repositories'
const SAFE = { contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true } as const

export type Direction = 'back' | 'forward' | 'reload'

const ZOOMS = [0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2] as const
const USUAL_ZOOM = ZOOMS.indexOf(1)

export interface Windows {
  readonly window: BrowserWindow
  push: (state: DesktopState) => void
  show: () => void
  /** Shows the pages of repositories at this address, or what was open there when none is given. */
  openRepositories: (address?: string) => Promise<void>
  closeRepositories: () => void
  /** In the pages of repositories; nothing where none are in sight. */
  go: (where: Direction) => void
  /** One step larger or smaller, or as it was. */
  zoom: (step: 1 | 0 | -1) => void
  readonly surface: Surface
  /** Whether a view of this server is there already. */
  hasRepositories: () => boolean
  /** The server is another one or at another place: what is open of it is worth nothing. */
  forgetRepositories: () => void
}

export interface WindowsParts {
  platform: Platform
  places: () => Places
  size: { width: number; height: number }
  resized: (size: { width: number; height: number }) => void
  /** Whether the window may go when it is closed, or is hidden only. */
  closing: () => boolean
}

export function openWindows({ platform, places, size, resized, closing }: WindowsParts): Windows {
  const { session, files, control } = platform
  deny(session.defaultSession)
  const window = new platform.BrowserWindow({
    ...size,
    minWidth: 360,
    minHeight: 480,
    show: false,
    title: 'Gitstead',
    autoHideMenuBar: true,
    webPreferences: { ...SAFE, preload: files.preload },
  })
  lock(platform, window.webContents, 'control', places)
  const view = openView(platform, window, places)
  let zoomed: number = USUAL_ZOOM
  let settling: NodeJS.Timeout | undefined
  window.on('resize', () => {
    view.fit()
    clearTimeout(settling)
    settling = setTimeout(() => {
      if (window.isDestroyed()) return
      const { width, height } = window.getBounds()
      resized({ width, height })
    }, SETTLED_MS).unref()
  })
  window.on('close', (event) => {
    if (closing()) return
    event.preventDefault()
    hide(window)
  })
  void window.loadURL(`${control}/desktop.html`)
  return {
    window,
    get surface() {
      return view.isShown() ? 'repositories' : 'control'
    },
    push: (state) => {
      if (!window.isDestroyed()) window.webContents.send(STATE_CHANNEL, state)
    },
    show: () => {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
    },
    go: view.go,
    zoom: (step) => {
      zoomed = step === 0 ? USUAL_ZOOM : Math.min(ZOOMS.length - 1, Math.max(0, zoomed + step))
      const factor = ZOOMS[zoomed] ?? 1
      window.webContents.setZoomFactor(factor)
      view.zoom(factor)
    },
    hasRepositories: view.isThere,
    openRepositories: view.show,
    closeRepositories: view.hide,
    forgetRepositories: view.forget,
  }
}

/** On macOS, a window that fills the screen would leave it black. */
function hide(window: BrowserWindow): void {
  if (!window.isFullScreen()) return window.hide()
  window.once('leave-full-screen', () => window.hide())
  window.setFullScreen(false)
}

interface View {
  isThere: () => boolean
  isShown: () => boolean
  show: (address?: string) => Promise<void>
  hide: () => void
  forget: () => void
  go: (where: Direction) => void
  zoom: (factor: number) => void
  /** To the size of the window. */
  fit: () => void
}

function openView(platform: Platform, window: BrowserWindow, places: () => Places): View {
  let view: WebContentsView | undefined
  let shown = false
  let zoom = 1
  const make = (): WebContentsView => {
    const session = platform.session.fromPartition(PARTITION)
    deny(session)
    const made = new platform.WebContentsView({ webPreferences: { ...SAFE, session } })
    lock(platform, made.webContents, 'repositories', places)
    window.contentView.addChildView(made)
    return made
  }
  const fit = (): void => {
    const { width, height } = window.getContentBounds()
    const bar = Math.round(BAR_HEIGHT * zoom)
    view?.setBounds({ x: 0, y: bar, width, height: Math.max(0, height - bar) })
    view?.webContents.setZoomFactor(zoom)
  }
  const hide = (): void => {
    shown = false
    view?.setVisible(false)
    window.webContents.focus()
  }
  return {
    isThere: () => view !== undefined,
    isShown: () => shown,
    fit,
    hide,
    go: (where) => {
      if (!view || !shown) return
      const { navigationHistory } = view.webContents
      if (where === 'reload') view.webContents.reload()
      else if (where === 'back') navigationHistory.goBack()
      else navigationHistory.goForward()
    },
    zoom: (factor) => {
      zoom = factor
      fit()
    },
    show: async (address) => {
      view ??= make()
      const now = view
      fit()
      now.setVisible(true)
      shown = true
      if (address !== undefined) await now.webContents.loadURL(address)
      now.webContents.focus()
    },
    forget: () => {
      if (!view) return
      hide()
      window.contentView.removeChildView(view)
      view.webContents.close()
      view = undefined
    },
  }
}

/** Our pages put text on the clipboard when a person clicks on Copy, and ask for nothing else of the machine. */
const GRANTED = 'clipboard-sanitized-write'

function deny(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer) => answer(permission === GRANTED))
  session.setPermissionCheckHandler((_contents, permission) => permission === GRANTED)
}

function lock({ openOutside }: Platform, contents: WebContents, surface: Surface, places: () => Places): void {
  contents.setWindowOpenHandler(({ url }) => {
    if (verdictOf(surface, 'window', url, places()) === 'outside') openOutside(url)
    return { action: 'deny' }
  })
  const judge = (event: { preventDefault: () => void; url: string; isMainFrame?: boolean }): void => {
    const verdict = verdictOf(surface, event.isMainFrame === false ? 'frame' : 'page', event.url, places())
    if (verdict === 'allow') return
    event.preventDefault()
    if (verdict === 'outside') openOutside(event.url)
  }
  contents.on('will-navigate', judge)
  contents.on('will-redirect', judge)
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame) judge(event)
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  reviveWhenGone(contents)
}

/** A page whose process crashed would stay blank; one that crashes each time stays so. */
function reviveWhenGone(contents: WebContents): void {
  let left = MOST_REVIVALS
  contents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit' && left-- > 0) contents.reload()
  })
}
