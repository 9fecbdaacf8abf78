// The bridge between the control page and the shell: names go through, everything else is checked on the other side.
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron'
import type { Bridge, DesktopState } from './contract.ts'

// Written out, as what the page loads in a sandbox cannot load the contract with its schemas.
const CHANNEL = 'gitstead:'
const STATE_CHANNEL = 'gitstead:pushed-state'

const bridge: Bridge = {
  ask: (name, ...given) => ipcRenderer.invoke(CHANNEL + name, ...given),
  onState(hear) {
    const pass = (_event: IpcRendererEvent, state: DesktopState): void => hear(state)
    ipcRenderer.on(STATE_CHANNEL, pass)
    return () => void ipcRenderer.off(STATE_CHANNEL, pass)
  },
}

contextBridge.exposeInMainWorld('gitstead', bridge)
