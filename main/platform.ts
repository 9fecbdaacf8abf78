// The slice of Electron that the shell uses, by the types of electron itself: what is not here is not touched.
import type {
  App,
  BrowserWindow,
  BrowserWindowConstructorOptions,
  Clipboard,
  Dialog,
  IpcMain,
  Menu,
  NativeImage,
  PowerMonitor,
  PowerSaveBlocker,
  Session,
  Shell,
  Tray,
  WebContentsView,
  WebContentsViewConstructorOptions,
} from 'electron'
import type { Program } from './program.ts'

export interface Platform {
  app: Pick<
    App,
    | 'requestSingleInstanceLock'
    | 'whenReady'
    | 'quit'
    | 'on'
    | 'getPath'
    | 'getVersion'
    | 'setLoginItemSettings'
    | 'setAsDefaultProtocolClient'
  >
  BrowserWindow: new (options: BrowserWindowConstructorOptions) => BrowserWindow
  WebContentsView: new (options: WebContentsViewConstructorOptions) => WebContentsView
  Tray: new (image: NativeImage) => Tray
  Menu: Pick<typeof Menu, 'buildFromTemplate' | 'setApplicationMenu'>
  image: (path: string) => NativeImage
  ipcMain: Pick<IpcMain, 'handle'>
  dialog: Pick<Dialog, 'showOpenDialog' | 'showSaveDialog' | 'showMessageBox'>
  clipboard: Pick<Clipboard, 'writeText'>
  openPath: Shell['openPath']
  openOutside: (url: string) => void
  session: { defaultSession: Session; fromPartition: (partition: string) => Session }
  powerMonitor: Pick<PowerMonitor, 'on'>
  powerSaveBlocker: Pick<PowerSaveBlocker, 'start' | 'stop'>
  program: Program
  /** What starts the desktop again. */
  executable: string
  files: { preload: string; icons: string }
  /** Where the control page stands: `app://gitstead`. */
  control: string
  args: readonly string[]
}
