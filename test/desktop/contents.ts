// The contents of a window or view of the stand-in: a page of Chromium with the preload's world, whose ways elsewhere are
// asked about before they are taken, and whose scheme of our own is answered by the shell.
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright'
import { BRIDGE, ISOLATED } from './worlds.ts'

interface Loaded {
  preventDefault: () => void
  defaultPrevented: boolean
}
export type Scheme = (request: Request) => Promise<Response>
export type Invoked = (event: { senderFrame: SenderFrame | null }, ...given: unknown[]) => unknown

export interface SenderFrame {
  url: string
  parent: SenderFrame | null
}

export interface Preferences {
  preload?: string
  session?: StandInSession
  contextIsolation?: boolean
  sandbox?: boolean
  nodeIntegration?: boolean
  webSecurity?: boolean
}

/** Like `EventEmitter`'s emit, with an event that can be prevented; gives whether it was. */
export function prevented(emitter: EventEmitter, name: string, facts: object = {}, ...more: unknown[]): boolean {
  const event: Loaded = {
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true
    },
    ...facts,
  }
  emitter.emit(name, event, ...more)
  return event.defaultPrevented
}

/** A page may close while something is asked of it: that comes to nothing. */
export function closed(error: unknown): void {
  if (!/has been closed|Target closed/.test(String(error))) throw error
}

/** Throws on what is not there, as the real one would have it and this one has not. */
export function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, key) {
      if (typeof key === 'string' && !(key in object) && key !== 'then' && key !== 'toJSON')
        throw new Error(`The stand-in knows no ${name}.${key}.`)
      const value: unknown = Reflect.get(object, key, object)
      return typeof value === 'function' && !String(value).startsWith('class ') ? value.bind(object) : value
    },
  })
}

export class StandInSession {
  readonly context: Promise<BrowserContext>
  request?: (contents: unknown, permission: string, answer: (granted: boolean) => void) => void
  check?: (contents: unknown, permission: string) => boolean
  constructor(browser: Browser) {
    this.context = browser.newContext({ viewport: { width: 1120, height: 780 } })
  }
  setPermissionRequestHandler(handler: StandInSession['request'] & object): void {
    this.request = handler
  }
  setPermissionCheckHandler(handler: StandInSession['check'] & object): void {
    this.check = handler
  }
}

export class Contents extends EventEmitter {
  readonly page: Promise<Page>
  /** What the last attempt to open a window came to. */
  lastOpen: string | undefined
  #cdp: CDPSession | undefined
  #open: ((details: { url: string }) => { action: string }) | undefined
  /** Contexts of the preload's world, by the frame that each belongs to. */
  readonly #worlds = new Map<number, string>()
  readonly #schemes: Map<string, Scheme>
  readonly #handlers: Map<string, Invoked>
  #loading = false
  #mainFrame = ''

  constructor(
    preferences: Preferences,
    session: StandInSession,
    schemes: Map<string, Scheme>,
    handlers: Map<string, Invoked>,
  ) {
    super()
    this.#schemes = schemes
    this.#handlers = handlers
    this.page = this.#make(preferences, session)
  }

  async #make({ preload }: Preferences, session: StandInSession): Promise<Page> {
    const context = await session.context
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const cdp = await context.newCDPSession(page)
    this.#cdp = cdp
    await cdp.send('Page.enable')
    // Keeps its id wherever it goes; asked now, as a page whose next document is held back answers nothing.
    this.#mainFrame = (await cdp.send('Page.getFrameTree')).frameTree.frame.id
    cdp.on('Runtime.executionContextCreated', ({ context: made }) => {
      const { frameId } = made.auxData as { frameId?: string }
      if (made.name === 'preload' && frameId !== undefined) this.#worlds.set(made.id, frameId)
    })
    cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => this.#worlds.delete(executionContextId))
    cdp.on(
      'Runtime.bindingCalled',
      ({ payload, executionContextId }) => void this.#invoked(payload, executionContextId).catch(closed),
    )
    await cdp.send('Runtime.enable')
    if (preload !== undefined) {
      const source = ISOLATED.replace('%PRELOAD%', () => readFileSync(preload, 'utf8'))
      await cdp.send('Runtime.addBinding', { name: '__standin', executionContextName: 'preload' })
      await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: BRIDGE })
      await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source, worldName: 'preload' })
    }
    cdp.on('Fetch.requestPaused', (paused) => void this.#paused(page, paused).catch(closed))
    await cdp.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] })
    cdp.on('Page.windowOpen', ({ url }) => this.#asked(url))
    // Whatever was decided: the real one opens nothing by itself where it was denied.
    context.on('page', (other) => void (other !== page && this.lastOpen === 'deny' && other.close()))
    return page
  }

  #asked(url: string): void {
    if (!this.#open) throw new Error('a window was opened and nobody decides about it')
    this.lastOpen = this.#open({ url: fromWeb(url) }).action
  }

  async #paused(page: Page, { requestId, request, frameId, resourceType, redirectedRequestId }: Paused): Promise<void> {
    const cdp = this.#cdp
    if (!cdp) return
    const url = fromWeb(request.url)
    const fail = (): Promise<unknown> =>
      cdp.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' }).catch(() => {})
    if (resourceType === 'Document') {
      const isMainFrame = frameId === this.#mainFrame
      const name = redirectedRequestId === undefined ? 'will-navigate' : 'will-redirect'
      const facts = { url, isMainFrame }
      if (!this.#loading || redirectedRequestId !== undefined) {
        if (isMainFrame && prevented(this, name, facts)) return void (await fail())
        if (prevented(this, 'will-frame-navigate', facts)) return void (await fail())
      }
    }
    const scheme = this.#schemes.get(new URL(url).protocol.slice(0, -1))
    if (!scheme) return void (await cdp.send('Fetch.continueRequest', { requestId }).catch(() => {}))
    const answer = await scheme(new Request(url))
    const body = Buffer.from(await answer.arrayBuffer()).toString('base64')
    const responseHeaders = [...answer.headers].map(([name, value]) => ({ name, value }))
    await cdp
      .send('Fetch.fulfillRequest', { requestId, responseCode: answer.status, responseHeaders, body })
      .catch(() => {})
    void page
  }

  async #invoked(payload: string, executionContextId: number): Promise<void> {
    const { id, channel, given } = JSON.parse(payload) as { id: number; channel: string; given: unknown[] }
    const frame = await this.#frameOf(this.#worlds.get(executionContextId))
    let reply: { answer?: unknown; error?: string }
    try {
      const handler = this.#handlers.get(channel)
      if (!handler) throw new Error(`No handler registered for '${channel}'`)
      reply = { answer: structuredClone(await handler({ senderFrame: frame }, ...given)) }
    } catch (error) {
      reply = { error: `Error invoking remote method '${channel}': ${String(error)}` }
    }
    await this.#inWorld(executionContextId, `__standinReply(${id}, ${JSON.stringify(reply)})`)
  }

  async #frameOf(wanted: string | undefined): Promise<SenderFrame | null> {
    if (!this.#cdp || wanted === undefined) return null
    const { frameTree } = await this.#cdp.send('Page.getFrameTree')
    const find = (tree: FrameTree, parent: SenderFrame | null): SenderFrame | null => {
      const here = { url: fromWeb(tree.frame.url), parent }
      if (tree.frame.id === wanted) return here
      for (const child of tree.childFrames ?? []) {
        const found = find(child, here)
        if (found) return found
      }
      return null
    }
    return find(frameTree, null)
  }

  async #inWorld(contextId: number, expression: string): Promise<void> {
    await this.#cdp?.send('Runtime.evaluate', { contextId, expression }).catch(() => {}) // Its page may be gone.
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#open = handler
  }
  send(channel: string, ...given: unknown[]): void {
    const call = `__standinPush(${JSON.stringify(channel)}, ${JSON.stringify(given)})`
    for (const id of this.#worlds.keys()) void this.#inWorld(id, call)
  }
  async loadURL(url: string): Promise<void> {
    const page = await this.page
    this.#loading = true
    await page.goto(toWeb(url)).finally(() => (this.#loading = false))
  }
  readonly navigationHistory = strict('navigationHistory', {
    goBack: () => void this.page.then((page) => page.goBack()).catch(closed),
    goForward: () => void this.page.then((page) => page.goForward()).catch(closed),
  })
  zoom = 1
  setZoomFactor(factor: number): void {
    this.zoom = factor
  }
  reload(): void {
    void this.page.then((page) => page.reload()).catch(closed)
  }
  focus(): void {}
  close(): void {
    void this.page.then((page) => page.close()).catch(() => {})
  }
}

interface Paused {
  requestId: string
  request: { url: string }
  frameId: string
  resourceType: string
  redirectedRequestId?: string
}
interface FrameTree {
  frame: { id: string; url: string }
  childFrames?: FrameTree[]
}

/** Chromium routes no schemes of ours: they stand at names that it takes for secure, and come back under their own. */
function toWeb(url: string): string {
  const { protocol, host, pathname, search, hash } = new URL(url)
  return protocol === 'app:' ? `http://${host}.app.localhost${pathname}${search}${hash}` : url
}
function fromWeb(url: string): string {
  return url.replace(/^http:\/\/([^./]+)\.app\.localhost/, 'app://$1')
}

const KNOWN = new Set(['preload', 'session', 'contextIsolation', 'sandbox', 'nodeIntegration', 'webSecurity'])

export function checkPreferences(preferences: Preferences): void {
  const { contextIsolation, sandbox, nodeIntegration, webSecurity } = preferences
  if (contextIsolation !== true || sandbox !== true || nodeIntegration !== false || webSecurity !== true)
    throw new Error('A window has to state that it is isolated, sandboxed, without Node and with web security.')
  const unknown = Object.keys(preferences).find((name) => !KNOWN.has(name))
  if (unknown !== undefined) throw new Error(`The stand-in knows no preference ${unknown}.`)
}
