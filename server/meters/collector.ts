// Memory that nobody uses any more goes back when there is nothing else to do: V8 by itself waits for more work to come.
import { performance } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export interface CollectorParts {
  /** Part of the time since the last look in which there was work. */
  busy: () => number
  /** Bytes that the heap has from the system. */
  held: () => number
  collect: () => void
}

const LOOK_MS = 2000
const QUIET_BELOW = 0.05
/** Looks in turn that saw no work. */
const QUIET_LOOKS = 2
/** A collection takes some 30 ms: for less than this it is not worth it. */
const WORTH_BYTES = 8 * 1024 * 1024

/** Gives what is called at each look. */
export function openCollector({ busy, held, collect }: CollectorParts): () => void {
  let quiet = 0
  let left = 0
  return () => {
    quiet = busy() < QUIET_BELOW ? quiet + 1 : 0
    if (quiet < QUIET_LOOKS || held() - left < WORTH_BYTES) return
    collect()
    left = held()
    quiet = 0
  }
}

/** For as long as this process runs. */
export function collectWhenIdle(): void {
  // Contexts that are made from here on have it, ours does not get it.
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as NonNullable<typeof globalThis.gc>
  let last = performance.eventLoopUtilization()
  const look = openCollector({
    busy: () => {
      const { utilization } = performance.eventLoopUtilization(last)
      last = performance.eventLoopUtilization()
      return utilization
    },
    held: () => {
      const { total_heap_size, external_memory } = getHeapStatistics()
      return total_heap_size + external_memory
    },
    collect: () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' }),
  })
  setInterval(look, LOOK_MS).unref()
}
