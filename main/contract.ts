// What the control page and the shell say to each other. The page knows these types and the names; the schemas stay here.
import { z } from 'zod'
import { Settings } from './settings.ts'
import type { ServerStatus } from './supervisor.ts'
import type { LanAddress } from './addresses.ts'

const Name = z.string().min(1).max(62)
const Password = z.string().min(1).max(1000)

/** Each thing that the page may ask for, with the shape of what it sends along. */
export const Asks = {
  state: z.undefined(),
  logs: z.undefined(),
  chooseFolder: z.undefined(),
  firstRun: z.strictObject({
    name: Name,
    password: Password,
    lan: z.boolean(),
    startAtLogin: z.boolean(),
  }),
  start: z.undefined(),
  restart: z.undefined(),
  pause: z.undefined(),
  resume: z.undefined(),
  takePort: z.strictObject({ port: Settings.shape.port.unwrap() }),
  setSettings: z.strictObject({
    lan: z.boolean().optional(),
    discovery: z.boolean().optional(),
    startAtLogin: z.boolean().optional(),
    startInBackground: z.boolean().optional(),
    quitOnClose: z.boolean().optional(),
    hideTray: z.boolean().optional(),
    keepAwake: z.boolean().optional(),
    updates: z
      .url({ protocol: /^https$/ })
      .nullable()
      .optional(),
  }),
  selfTest: z.undefined(),
  show: z.strictObject({ surface: z.enum(['control', 'repositories']) }),
  /** In the pages of repositories, which have no bar of a browser above them. */
  go: z.strictObject({ where: z.enum(['back', 'forward', 'reload']) }),
  openFolder: z.strictObject({ which: z.enum(['data', 'logs']) }),
  overview: z.undefined(),
  people: z.undefined(),
  invite: z.strictObject({ note: z.string().max(200) }),
  repositories: z.undefined(),
  createRepository: z.strictObject({ name: Name }),
  cancelTransfer: z.strictObject({ id: z.string().min(1).max(100) }),
  recover: z.strictObject({ name: Name, password: Password, factorOff: z.boolean() }),
  exportDiagnostics: z.undefined(),
  moveData: z.undefined(),
  answerLink: z.strictObject({ follow: z.boolean() }),
  checkUpdates: z.undefined(),
  openUpdate: z.undefined(),
} as const

export type AskName = keyof typeof Asks
export type Ask<N extends AskName> = z.infer<(typeof Asks)[N]>

export interface Person {
  name: string
  displayName: string
  admin: boolean
  disabled: boolean
  secondFactor: boolean
}

export interface Transfer {
  id: string
  direction: 'clone' | 'push'
  repository: string
  account: string
  address: string
  /** A time in milliseconds. */
  since: number
  /** Bytes that went over the line so far. */
  bytes: number
}

export interface Disk {
  volume: string
  free: number
  total: number
  problem: string | null
}

/** What the server says of itself, as often as it is asked. */
export interface Overview {
  disks: Disk[]
  clients: number
  transfers: Transfer[]
  pushes: { repository: string; account: string; at: string }[]
  /** The fingerprint of the certificate, where HTTPS is on. */
  https: { on: boolean; fingerprint: string | null }
}

export interface RepositoryEntry {
  path: string
  cloneUrl: string
  empty: boolean
}

export interface TestedAddress extends LanAddress {
  reached: boolean
  said: string
}

export interface Outcome {
  /** In words for a person: why it was not done, or undefined where it was. */
  problem?: string
}

/** What comes back for each ask. */
export interface Answers {
  state: DesktopState
  logs: string[]
  chooseFolder: { folder: string | null }
  firstRun: Outcome
  start: Outcome
  restart: Outcome
  pause: Outcome
  resume: Outcome
  takePort: Outcome
  setSettings: Outcome
  selfTest: TestedAddress[]
  show: Outcome
  go: Outcome
  openFolder: Outcome
  overview: Overview | null
  people: Person[]
  invite: Outcome & { link?: string }
  repositories: RepositoryEntry[]
  createRepository: Outcome & { cloneUrl?: string }
  cancelTransfer: Outcome
  recover: Outcome
  exportDiagnostics: Outcome & { file?: string }
  moveData: Outcome
  answerLink: Outcome
  checkUpdates: Outcome
  openUpdate: Outcome
}

export interface DesktopState {
  version: string
  server: ServerStatus
  /** Set where a server that somebody else started holds the data: this window shows it and cannot stop it. */
  attached: { url: string; pid: number } | null
  paused: boolean
  firstRun: boolean
  settings: Omit<Settings, 'window' | 'closeTold' | 'lanHost'>
  dataFolder: string
  lan: LanAddress[]
  /** What stands in the way of the port, where something does. */
  port: { busy: 'stranger' | 'ourselves'; free: number | null } | null
  move: { state: 'copying' | 'verifying' | 'done' | 'failed'; done: number; total: number; words: string } | null
  update: { state: 'off' | 'none' | 'found' | 'failed'; version: string | null; words: string } | null
  /** A link that another program handed over, and that waits for a click. */
  link: { words: string } | null
  /** What was put right at the start, in words. */
  notes: string[]
  surface: 'control' | 'repositories'
  /** The part of the control page that the tray or a link asked for; each ask has a number of its own. */
  section: { name: 'logs' | 'settings'; turn: number } | null
}

/** What the preload puts into the page. */
export interface Bridge {
  ask: <N extends AskName>(name: N, ...given: undefined extends Ask<N> ? [] : [Ask<N>]) => Promise<Answers[N]>
  /** Gives a function that ends it. */
  onState: (hear: (state: DesktopState) => void) => () => void
}

export const CHANNEL = 'gitstead:'
export const STATE_CHANNEL = 'gitstead:pushed-state'
