// The menu of the program: what keyboards expect, and the ways through the pages of repositories.
import type { MenuItemConstructorOptions } from 'electron'
import type { Windows } from './windows.ts'

/** Nothing of development in it: no consoles, and no reload of the control page. */
export function menuOf(
  system: NodeJS.Platform,
  { go, zoom }: Pick<Windows, 'go' | 'zoom'>,
): MenuItemConstructorOptions[] {
  const mac = system === 'darwin'
  return [
    ...(mac ? [{ role: 'appMenu' as const }] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        { label: 'Actual size', accelerator: 'CmdOrCtrl+0', click: () => zoom(0) },
        { label: 'Larger', accelerator: 'CmdOrCtrl+Plus', click: () => zoom(1) },
        { label: 'Smaller', accelerator: 'CmdOrCtrl+-', click: () => zoom(-1) },
        { role: 'togglefullscreen' },
      ],
    },
    {
      label: 'Go',
      submenu: [
        { label: 'Back', accelerator: mac ? 'Cmd+[' : 'Alt+Left', click: () => go('back') },
        { label: 'Forward', accelerator: mac ? 'Cmd+]' : 'Alt+Right', click: () => go('forward') },
        { label: 'Load again', accelerator: 'CmdOrCtrl+R', click: () => go('reload') },
      ],
    },
    { role: 'windowMenu' },
  ]
}
