// The tray itself: shows the model, is gone where it is not wanted, and is no loss on desktops that have none.
import { join } from 'node:path'
import type { MenuItemConstructorOptions, Tray } from 'electron'
import type { DesktopState } from './contract.ts'
import type { Platform } from './platform.ts'
import { type TrayCommand, type TrayItem, trayOf } from './tray.ts'

export interface TrayIcon {
  /** Null takes it away. */
  show: (state: DesktopState | null, recent: readonly string[]) => void
}

export function openTray({ Tray, Menu, image, files }: Platform, obey: (command: TrayCommand) => void): TrayIcon {
  let tray: Tray | undefined
  let shown = ''
  const template = (items: readonly TrayItem[]): MenuItemConstructorOptions[] =>
    items.flatMap(({ label, command, enabled, begins, items: inner }) => [
      ...(begins ? [{ type: 'separator' as const }] : []),
      {
        label,
        enabled,
        ...(inner ? { submenu: template(inner) } : {}),
        ...(command ? { click: () => obey(command) } : {}),
      },
    ])
  return {
    show: (state, recent) => {
      if (state === null) {
        tray?.destroy()
        tray = undefined
        shown = ''
        return
      }
      const model = trayOf(state, recent)
      if (JSON.stringify(model) === shown) return
      shown = JSON.stringify(model)
      const picture = image(join(files.icons, `tray-${model.picture}.png`))
      if (!tray) {
        tray = new Tray(picture)
        tray.on('click', () => obey({ do: 'open' }))
      }
      tray.setImage(picture)
      tray.setToolTip(`Gitstead: ${model.words}`)
      tray.setContextMenu(Menu.buildFromTemplate(template(model.menu)))
    },
  }
}
