// Joins the parts of the desktop: one window, one tray, one server; whatever the server can answer is asked of the server.
import { join } from 'node:path'
import { checkUpdates, handlersOf, showControl } from './asks.ts'
import { beginning, dataFolder, type Desk, serverUrl, stateOf, tell } from './desk.ts'
import { openDiscovery } from './discovery.ts'
import { openGuard } from './guard.ts'
import { boot, followServer, keepLooking, look } from './hosting.ts'
import { openDoor } from './ipc.ts'
import { type Leaving, openLeaving } from './leaving.ts'
import { linkIn, wishOf } from './links.ts'
import { openKeptLog } from './log.ts'
import { isBackground } from './login.ts'
import { menuOf } from './menu.ts'
import type { Platform } from './platform.ts'
import { serve } from './program.ts'
import { instanceAt } from './server-api.ts'
import { openSettings } from './settings.ts'
import { openSupervisor } from './supervisor.ts'
import type { TrayCommand } from './tray.ts'
import { openTray } from './tray-icon.ts'
import { openWindows } from './windows.ts'

/** How long the server may take to answer a look at its health. */
const HEALTH_MS = 5000

/** Starts the desktop; does nothing where another one runs already, which shows itself then. */
export async function startShell(platform: Platform): Promise<void> {
  const { app, args } = platform
  if (!app.requestSingleInstanceLock()) return app.quit()
  app.setAsDefaultProtocolClient('gitstead')
  let early: string | undefined
  let wake = (link: string | undefined): void => void (early = link ?? early)
  // On macOS, a link that starts the program comes before it is ready.
  app.on('open-url', (event, link) => {
    event.preventDefault()
    wake(link)
  })
  app.on('second-instance', (_event, given) => wake(linkIn(given)))
  await app.whenReady()
  const desk = openDesk(platform)
  openDoor(platform.ipcMain, platform.control, handlersOf(desk))
  followServer(desk)
  wake = (link) => {
    desk.windows.show()
    if (link !== undefined) desk.now.wish = wishOf(link) ?? desk.now.wish
    tell(desk)
  }
  app.on('activate', () => wake(undefined))
  // The program goes on without a window.
  app.on('window-all-closed', () => {})
  const link = early ?? linkIn(args)
  if (link !== undefined || !(desk.settings.get().startInBackground || isBackground(args))) wake(link)
  await boot(desk)
}

function openDesk(platform: Platform): Desk {
  const { app, program } = platform
  const settings = openSettings(app.getPath('userData'))
  const log = openKeptLog(join(app.getPath('userData'), 'logs'))
  const now = beginning(settings.healed === null ? [] : [settings.healed])
  const supervisor = openSupervisor({
    spawn: () => {
      const { lan, lanHost, port } = settings.get()
      const data = dataFolder({ now, settings })
      return serve(program, { data, host: lan ? lanHost : '127.0.0.1', port, line: log.line })
    },
    check: async (url) => (await instanceAt(url, HEALTH_MS)) !== undefined,
    clock: {
      set: (work, ms) => setTimeout(work, ms),
      clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
      now: Date.now,
    },
  })
  // Parts that tell of something know the others by this one object, which is whole before any of them has to tell.
  let leaving: Leaving | undefined
  const desk: Desk = {
    platform,
    settings,
    log,
    supervisor,
    now,
    windows: openWindows({
      platform,
      places: () => ({ control: platform.control, server: serverUrl({ now, supervisor }) }),
      size: settings.get().window,
      resized: (size) => settings.note({ window: size }),
      closing: () => leaving?.mayClose() ?? true,
    }),
    tray: openTray(platform, (command) => void obey(desk, command)),
    guard: openGuard(platform.powerSaveBlocker, platform.powerMonitor, () => void woke(desk)),
    discovery: openDiscovery('Gitstead', (words) => {
      now.notes.push(words)
      tell(desk)
    }),
  }
  leaving = openLeaving(() => desk, keepLooking(desk))
  platform.Menu.setApplicationMenu(platform.Menu.buildFromTemplate(menuOf(process.platform, desk.windows)))
  return desk
}

/** The machine slept: the server may be hung, and the addresses may be others. */
async function woke(desk: Desk): Promise<void> {
  await desk.supervisor.look()
  await look(desk)
  tell(desk)
}

async function obey(desk: Desk, command: TrayCommand): Promise<void> {
  const { windows, platform, supervisor, now } = desk
  switch (command.do) {
    case 'open':
      return windows.show()
    case 'copy-address':
      return platform.clipboard.writeText(sharedUrl(desk))
    case 'copy-clone':
      return platform.clipboard.writeText(`${sharedUrl(desk)}/${command.path}.git`)
    case 'pause':
      now.paused = true
      await supervisor.stop()
      return tell(desk)
    case 'resume':
      now.paused = false
      return supervisor.start()
    case 'restart':
      return supervisor.restart()
    case 'updates':
      windows.show()
      return void (await checkUpdates(desk))
    case 'logs':
    case 'settings':
      showControl(desk, command.do)
      return windows.show()
    case 'quit':
      return platform.app.quit()
  }
}

/** As others reach it, where they do. */
function sharedUrl(desk: Desk): string {
  const { settings, lan } = stateOf(desk)
  return (settings.lan ? lan[0]?.url : undefined) ?? serverUrl(desk) ?? ''
}
