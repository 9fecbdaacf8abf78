// Keeps the machine awake while somebody's transfer runs, or as long as the admin wants; and looks after it when it woke up.
import type { PowerMonitor, PowerSaveBlocker } from 'electron'

export interface Guard {
  /** Told of each change in what is under way. */
  look: (now: { transfers: number; keepAwake: boolean; serving: boolean }) => void
  release: () => void
}

export function openGuard(
  blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>,
  monitor: Pick<PowerMonitor, 'on'>,
  woke: () => void,
): Guard {
  let held: number | undefined
  const release = (): void => {
    if (held !== undefined) blocker.stop(held)
    held = undefined
  }
  monitor.on('resume', woke)
  return {
    look: ({ transfers, keepAwake, serving }) => {
      if (!serving || (transfers === 0 && !keepAwake)) release()
      else held ??= blocker.start('prevent-app-suspension')
    },
    release,
  }
}
