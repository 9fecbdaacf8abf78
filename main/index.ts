// The start of the desktop, and the only file that takes values from electron: it hands the rest what it may use.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  net,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  session,
  shell,
  Tray,
  WebContentsView,
} from 'electron'
import { mayOpenOutside } from './navigation.ts'
import { startShell } from './shell.ts'
import { nodeOf, pageOf, serverEnv } from './package.ts'

const HOST = 'gitstead'
const out = join(import.meta.dirname, '..')
const resources = app.isPackaged ? process.resourcesPath : undefined

protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
])
void app.whenReady().then(() => {
  protocol.handle('app', async ({ url }) => {
    const file = pageOf(join(out, 'renderer'), url, HOST)
    if (file === undefined) return new Response('There is no such page.', { status: 404 })
    const answer = await net.fetch(pathToFileURL(file.path).href)
    return new Response(answer.body, { status: answer.status, headers: file.headers })
  })
})

// Not awaited: Electron gets ready only after this module has come to its end.
startShell({
  app,
  BrowserWindow,
  WebContentsView,
  Tray,
  Menu,
  image: (path) => nativeImage.createFromPath(path),
  ipcMain,
  dialog,
  clipboard,
  openPath: (path) => shell.openPath(path),
  openOutside: (url) => {
    if (mayOpenOutside(url)) void shell.openExternal(url)
  },
  session,
  powerMonitor,
  powerSaveBlocker,
  program: {
    node: nodeOf(resources, createRequire(import.meta.url)),
    main: join(resources === undefined ? out : join(resources, 'app.asar.unpacked', 'out'), 'server', 'main.js'),
    env: serverEnv(process.env, resources),
  },
  // The file of an AppImage, not the folder that it is mounted at while it runs.
  executable: process.env['APPIMAGE'] ?? process.execPath,
  files: {
    preload: join(out, 'preload', 'preload.cjs'),
    icons: resources === undefined ? join(out, '..', 'build', 'icons') : join(resources, 'icons'),
  },
  control: `app://${HOST}`,
  args: process.argv.slice(1),
}).catch((error: unknown) => {
  dialog.showErrorBox('Gitstead could not start', error instanceof Error ? error.message : String(error))
  app.quit()
})
