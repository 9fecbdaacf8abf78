// How this process itself fares: memory, time on the processor, how late its event loop runs, what it holds open.
import { readdir } from 'node:fs/promises'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'

export interface Vitals {
  rss: number
  heap: number
  /** Seconds on the processor since its start. */
  cpu: number
  /** Part of the time in which the event loop had work, since the last look. */
  busy: number
  /** Milliseconds by which the event loop ran late since the last look. */
  loop: { mean: number; p99: number; max: number }
  sockets: number
  /** Open files of all kinds; null where the system does not say. */
  files: number | null
}

/** Often enough to see what people feel, rarely enough to leave an idle machine asleep. */
const RESOLUTION_MS = 50
/** Several may look; each look covers at least this long. */
const KEPT_MS = 5000

/** What `look` gives covers the time since the look before, or a little more when several look at once. */
export function openVitals(): { look: () => Promise<Vitals> } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let last = performance.eventLoopUtilization()
  let taken = { at: -Infinity, busy: 0, loop: { mean: 0, p99: 0, max: 0 } }
  const look = async (): Promise<Vitals> => {
    const now = performance.now()
    if (now - taken.at > KEPT_MS) {
      taken = { at: now, busy: performance.eventLoopUtilization(last).utilization, loop: lateness(delay) }
      last = performance.eventLoopUtilization()
      delay.reset()
    }
    const { rss, heapUsed } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const files = await readdir('/proc/self/fd').catch(() => undefined)
    const { busy, loop } = taken
    return { rss, heap: heapUsed, cpu: (user + system) / 1e6, busy, loop, sockets, files: files?.length ?? null }
  }
  return { look }
}

/** The histogram holds the distances of a clock's ticks: what is longer than one tick is lateness. */
function lateness(delay: ReturnType<typeof monitorEventLoopDelay>): Vitals['loop'] {
  return { mean: late(delay.mean), p99: late(delay.percentile(99)), max: late(delay.max) }
}

function late(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS) : 0
}
