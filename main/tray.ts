// What the tray shows: its picture, its words and its menu, worked out from the state alone.
import type { DesktopState } from './contract.ts'

export type TrayPicture = 'running' | 'busy' | 'stopped' | 'failed'

export type TrayCommand =
  | { do: 'open' }
  | { do: 'copy-clone'; path: string }
  | { do: 'copy-address' }
  | { do: 'pause' | 'resume' | 'restart' | 'logs' | 'updates' | 'settings' | 'quit' }

export interface TrayItem {
  label: string
  command?: TrayCommand
  enabled: boolean
  /** A line between groups stands before it. */
  begins?: true
  items?: TrayItem[]
}

export interface TrayModel {
  picture: TrayPicture
  words: string
  menu: TrayItem[]
}

/** How many repositories the menu offers. */
const RECENT = 8

export function trayOf(state: DesktopState, recent: readonly string[]): TrayModel {
  const words = statusWords(state)
  const url = urlOf(state)
  const up = url !== null
  const own = state.attached === null && !state.firstRun
  const menu: TrayItem[] = [
    { label: words, enabled: false },
    { label: 'Open Gitstead', command: { do: 'open' }, enabled: true, begins: true },
    {
      label: 'Copy clone URL',
      enabled: up && recent.length > 0,
      items: recent
        .slice(0, RECENT)
        .map((path) => ({ label: path, command: { do: 'copy-clone', path }, enabled: true })),
    },
    { label: 'Copy address', command: { do: 'copy-address' }, enabled: up },
    state.paused
      ? { label: 'Resume sharing', command: { do: 'resume' }, enabled: own, begins: true }
      : {
          label: 'Pause sharing',
          command: { do: 'pause' },
          enabled: own && state.server.state !== 'stopped',
          begins: true,
        },
    { label: 'Restart server', command: { do: 'restart' }, enabled: own && !state.paused },
    { label: 'Logs', command: { do: 'logs' }, enabled: true },
    { label: 'Back up now', enabled: false },
    { label: 'Check for updates', command: { do: 'updates' }, enabled: state.settings.updates !== null, begins: true },
    { label: 'Settings', command: { do: 'settings' }, enabled: true },
    { label: 'Quit Gitstead', command: { do: 'quit' }, enabled: true, begins: true },
  ]
  return { picture: pictureOf(state), words, menu }
}

/** Where the server answers, whoever started it; null while it does not. */
export function urlOf({ attached, server }: Pick<DesktopState, 'attached' | 'server'>): string | null {
  return attached?.url ?? (server.state === 'running' ? server.url : null)
}

function pictureOf({ attached, paused, server }: DesktopState): TrayPicture {
  if (attached) return 'running'
  if (server.state === 'running') return 'running'
  if (server.state === 'failed') return 'failed'
  return paused || server.state === 'stopped' ? 'stopped' : 'busy'
}

export function statusWords({ attached, paused, server, firstRun }: DesktopState): string {
  if (attached) return `Running as a service at ${attached.url}`
  if (firstRun) return 'Not set up yet'
  if (paused) return 'Sharing is paused'
  switch (server.state) {
    case 'running':
      return `Running at ${server.url}`
    case 'starting':
      return 'Starting…'
    case 'backing-off':
      return 'Stopped unexpectedly, starting again…'
    case 'failed':
      return 'Does not run: see the window'
    case 'stopped':
      return 'Stopped'
  }
}
