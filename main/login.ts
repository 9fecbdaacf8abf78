// Starting with the session of the person: by the system's own list, on Linux by an autostart entry.
import type { App } from 'electron'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface LoginParts {
  app: Pick<App, 'setLoginItemSettings' | 'getPath'>
  system: NodeJS.Platform
  /** The program that is to be started. */
  executable: string
}

const BACKGROUND = '--background'

export function startAtLogin({ app, system, executable }: LoginParts, wanted: boolean): void {
  if (system !== 'linux') return app.setLoginItemSettings({ openAtLogin: wanted, args: [BACKGROUND] })
  const entry = join(app.getPath('appData'), 'autostart', 'gitstead.desktop')
  if (!wanted) return rmSync(entry, { force: true })
  mkdirSync(dirname(entry), { recursive: true })
  const exec = `"${executable.replaceAll(/["\\$`]/g, String.raw`\$&`)}" ${BACKGROUND}`
  writeFileSync(
    entry,
    `[Desktop Entry]\nType=Application\nName=Gitstead\nExec=${exec}\nX-GNOME-Autostart-enabled=true\n`,
  )
}

export function isBackground(args: readonly string[]): boolean {
  return args.includes(BACKGROUND)
}
