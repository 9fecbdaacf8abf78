// What the desktop remembers, in one file of its own: read with a schema, healed where it is damaged, written at once or not.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export const Settings = z.object({
  /** Folder of the data; null until the first run has chosen one. */
  data: z.string().min(1).nullable().default(null),
  /** The account in whose name the window asks the server. */
  admin: z.string().min(1).nullable().default(null),
  port: z.int().min(1024).max(65535).default(7990),
  /** Whether other machines of the network reach the server. */
  lan: z.boolean().default(false),
  /** At which addresses of this machine others reach it: all of them, or this one. Set by hand only. */
  lanHost: z.union([z.ipv4(), z.literal('0.0.0.0')]).default('0.0.0.0'),
  /** Whether it is found by name in the network. */
  discovery: z.boolean().default(false),
  startAtLogin: z.boolean().default(false),
  startInBackground: z.boolean().default(false),
  quitOnClose: z.boolean().default(false),
  hideTray: z.boolean().default(false),
  keepAwake: z.boolean().default(false),
  /** Where newer versions are looked up; null for nowhere. */
  updates: z
    .url({ protocol: /^https$/ })
    .nullable()
    .default(null),
  /** Said once: closing the window leaves the server running. */
  closeTold: z.boolean().default(false),
  window: z
    .object({ width: z.int().min(360).max(10_000), height: z.int().min(400).max(10_000) })
    .default({ width: 1120, height: 780 }),
})
export type Settings = z.infer<typeof Settings>

export interface SettingsFile {
  get: () => Settings
  /** Throws where they cannot be written; then they are as before. */
  change: (change: Partial<Settings>) => Settings
  /** For what is no loss where it cannot be written. */
  note: (change: Pick<Partial<Settings>, 'window' | 'closeTold'>) => void
  /** What was wrong with the file when it was read, in words. */
  healed: string | null
}

/** Reads the settings of the folder; single values that make no sense become their defaults, and the file is kept aside. */
export function openSettings(folder: string): SettingsFile {
  const path = join(folder, 'settings.json')
  const { settings, healed } = read(path)
  let now = settings
  return {
    get: () => now,
    change: (change) => {
      const next = Settings.parse({ ...now, ...change })
      write(path, next)
      now = next
      return now
    },
    note: (change) => {
      now = { ...now, ...change }
      try {
        write(path, now)
      } catch {
        // Known until the program ends.
      }
    },
    healed,
  }
}

function read(path: string): { settings: Settings; healed: string | null } {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return { settings: Settings.parse({}), healed: null }
  }
  const found = parsed(text)
  const result = Settings.safeParse(found ?? {})
  if (found && result.success) return { settings: result.data, healed: null }
  writeFileSync(`${path}.damaged`, text, { mode: 0o600 })
  const wrong =
    found && !result.success ? new Set(result.error.issues.map(({ path: [key] }) => String(key))) : undefined
  const rest = Object.fromEntries(Object.entries(found ?? {}).filter(([key]) => !wrong?.has(key)))
  const what = wrong ? `Of the settings, ${[...wrong].join(', ')} could not be used` : 'The settings could not be read'
  return { settings: Settings.parse(rest), healed: `${what}; the file as it was is ${path}.damaged.` }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function write(path: string, settings: Settings): void {
  const fresh = `${path}.new`
  writeFileSync(fresh, `${JSON.stringify(settings, undefined, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(fresh, path)
}
