// Quitting: what is under way is asked about, the server drains, and only then the program ends.
import type { Desk } from './desk.ts'

export interface Leaving {
  /** Whether the window may really close. */
  mayClose: () => boolean
}

export function openLeaving(desk: () => Desk, before: () => void): Leaving {
  let drained = false
  let asking = false
  let ending: Promise<void> | undefined
  const end = async (): Promise<void> => {
    const { now, supervisor, guard, discovery, platform } = desk()
    now.quitting = true
    before()
    guard.release()
    discovery.close()
    now.api?.close()
    await supervisor.stop()
    drained = true
    platform.app.quit()
  }
  const leave = async (): Promise<void> => {
    const { now } = desk()
    const transfers = now.attached ? 0 : (now.overview?.transfers.length ?? 0)
    if (transfers === 0 || (await mayLeave(desk(), transfers))) await (ending ??= end())
  }
  const { platform, windows } = desk()
  platform.app.on('before-quit', (event) => {
    if (drained) return
    event.preventDefault()
    if (asking || ending) return
    asking = true
    void leave().finally(() => (asking = false))
  })
  // The machine goes down or the person signs out: nobody is asked, and it waits for us where it can.
  const sessionEnds = (event?: { preventDefault: () => void }): void => {
    event?.preventDefault()
    ending ??= end()
  }
  platform.powerMonitor.on('shutdown', sessionEnds)
  windows.window.on('session-end', () => sessionEnds())
  return { mayClose: () => drained || closed(desk()) }
}

/** Closing is not quitting, unless it was set to be; that is said once. */
function closed({ platform, settings, now }: Desk): boolean {
  if (settings.get().quitOnClose) platform.app.quit()
  else if (!settings.get().closeTold && !now.quitting) {
    settings.note({ closeTold: true })
    void platform.dialog.showMessageBox({
      type: 'info',
      message: 'The window is closed, the server runs on',
      detail: 'Repositories stay reachable. Open the window again from the tray, or by starting Gitstead once more.',
      buttons: ['OK'],
    })
  }
  return false
}

/** People's pushes and clones are under way: ends when they are through, or at once, or not at all. */
async function mayLeave({ platform, now }: Desk, transfers: number): Promise<boolean> {
  const { response } = await platform.dialog.showMessageBox({
    type: 'question',
    message: transfers === 1 ? 'A transfer is under way' : `${transfers} transfers are under way`,
    detail: 'Quitting now ends what takes longer than ten seconds; whoever waits for it has to try again.',
    buttons: ['Wait for them, then quit', 'Quit now', 'Stay'],
    defaultId: 0,
    cancelId: 2,
  })
  if (response === 0)
    while ((now.overview?.transfers.length ?? 0) > 0) await new Promise((resolve) => setTimeout(resolve, 250))
  return response !== 2
}
