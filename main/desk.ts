// What the parts of the shell share: the state of the desktop, and one way to tell all who show it that it changed.
import type { SettingsFile } from './settings.ts'
import { lanAddresses } from './addresses.ts'
import type { Status } from './commands.ts'
import type { DesktopState, Outcome, Overview } from './contract.ts'
import type { Discovery } from './discovery.ts'
import type { Guard } from './guard.ts'
import { type Wish, wordsOf } from './links.ts'
import type { KeptLog } from './log.ts'
import type { Platform } from './platform.ts'
import { type ServerApi, ServerRefusal } from './server-api.ts'
import type { Supervisor } from './supervisor.ts'
import { urlOf } from './tray.ts'
import type { TrayIcon } from './tray-icon.ts'
import type { Update } from './updates.ts'
import type { Windows } from './windows.ts'

/** What changes while the program runs. */
export interface Now {
  status: Status
  attached: DesktopState['attached']
  paused: boolean
  /** A folder that was chosen and not yet kept. */
  chosen: string | null
  port: DesktopState['port']
  move: DesktopState['move']
  wish: Wish | undefined
  section: DesktopState['section']
  update: Update | undefined
  updateState: DesktopState['update']
  notes: string[]
  api: ServerApi | undefined
  overview: Overview | null
  /** Repositories that changed last, by their paths. */
  recent: string[]
  /** It is being left: what is asked from here on is not begun. */
  quitting: boolean
}

export interface Desk {
  platform: Platform
  settings: SettingsFile
  log: KeptLog
  supervisor: Supervisor
  windows: Windows
  tray: TrayIcon
  guard: Guard
  discovery: Discovery
  now: Now
}

const NO_STATUS: Status = { data: '', running: null, accounts: 0, admins: [], instance: null, version: '' }

export function beginning(notes: string[]): Now {
  return {
    status: NO_STATUS,
    attached: null,
    paused: false,
    chosen: null,
    port: null,
    move: null,
    wish: undefined,
    section: null,
    update: undefined,
    updateState: null,
    notes,
    api: undefined,
    overview: null,
    recent: [],
    quitting: false,
  }
}

export function dataFolder({ now, settings }: Pick<Desk, 'now' | 'settings'>): string {
  return now.chosen ?? settings.get().data ?? now.status.data
}

/** Where the server answers, whoever started it; null while it does not. */
export function serverUrl({ now, supervisor }: Pick<Desk, 'now' | 'supervisor'>): string | null {
  return urlOf({ attached: now.attached, server: supervisor.status })
}

export function stateOf(desk: Desk): DesktopState {
  const { now, settings, supervisor, windows, platform } = desk
  const { window: _window, closeTold: _closeTold, lanHost: _lanHost, ...shown } = settings.get()
  return {
    version: platform.app.getVersion(),
    server: supervisor.status,
    attached: now.attached,
    paused: now.paused,
    firstRun: now.status.accounts === 0 && now.attached === null,
    settings: shown,
    dataFolder: dataFolder(desk),
    lan: lanAddresses({
      port: portOf(desk),
      scheme: now.overview?.https.on ? 'https' : 'http',
      host: settings.get().lanHost,
    }),
    port: now.port,
    move: now.move,
    update: now.updateState,
    link: now.wish ? { words: wordsOf(now.wish) } : null,
    notes: now.notes,
    surface: windows.surface,
    section: now.section,
  }
}

/** The port at which it really answers, or is to answer. */
function portOf(desk: Desk): number {
  const url = serverUrl(desk)
  return url === null ? desk.settings.get().port : Number(new URL(url).port || 80)
}

/** Everybody who shows the state gets it as it is now. */
export function tell(desk: Desk): void {
  const { windows, tray, guard, discovery, settings, now } = desk
  const state = stateOf(desk)
  const { keepAwake, hideTray, lan, discovery: announced } = settings.get()
  const serving = serverUrl(desk) !== null
  windows.push(state)
  tray.show(hideTray ? null : state, now.recent)
  guard.look({ transfers: now.overview?.transfers.length ?? 0, keepAwake, serving })
  discovery.follow(serving && lan && announced && !now.attached ? portOf(desk) : null)
}

export const done: Outcome = {}

/** Runs what the server may refuse, and gives its words then. */
export async function attempt<T extends object>(
  desk: Desk,
  work: (api: ServerApi) => Promise<T>,
): Promise<Outcome & Partial<T>> {
  const { api } = desk.now
  const refused = (problem: string): Outcome & Partial<T> => Object.assign<Outcome, Partial<T>>({ problem }, {})
  if (!api) return refused('The server does not run.')
  try {
    return await work(api)
  } catch (error) {
    return refused(error instanceof ServerRefusal ? error.message : 'The server did not answer in time.')
  }
}

/** Only of a server that we started ourselves. */
export function mine(desk: Desk, work: () => Promise<Outcome> | Outcome): Promise<Outcome> | Outcome {
  return desk.now.attached ? { problem: 'This server was started elsewhere, as a service: change it there.' } : work()
}
