// The state of the server in words, and in a colour that never stands alone.
import type { DesktopState } from '../../main/contract.ts'

type Told = Pick<DesktopState, 'server' | 'attached' | 'paused' | 'firstRun'>

/** Where it answers, or null. */
export function addressOf({ attached, server }: Told): string | null {
  return attached?.url ?? (server.state === 'running' ? server.url : null)
}

export function isUp(state: Told): boolean {
  return addressOf(state) !== null
}

export function toneOf({ attached, server, paused }: Told): 'good' | 'busy' | 'bad' | 'none' {
  if (attached || server.state === 'running') return 'good'
  if (server.state === 'failed') return 'bad'
  return paused || server.state === 'stopped' ? 'none' : 'busy'
}

export function wordsOf({ attached, server, paused, firstRun }: Told): string {
  if (attached) return 'Running as a service'
  if (firstRun) return 'Not set up yet'
  if (paused) return 'Paused'
  return {
    running: 'Running',
    starting: 'Starting…',
    'backing-off': 'Starting again…',
    failed: 'Does not run',
    stopped: 'Stopped',
  }[server.state]
}
