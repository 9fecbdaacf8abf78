// Slows down guessing: failures are counted per account and per address, and refuse further tries before bcrypt runs.
import { Fault } from '../../kit/fault.ts'

export interface Throttle {
  /** Faults with `auth.throttled` while one of the keys has to wait. */
  check(keys: string[]): void
  failed(keys: string[]): void
  succeeded(keys: string[]): void
}

/** Failures that cost nothing; each further one doubles the wait, from one second up to five minutes. */
const FREE_FAILURES = { account: 5, address: 20 }
const LONGEST_WAIT_MS = 5 * 60_000
const FORGET_MS = 30 * 60_000
const MOST_KEYS = 20_000

export function openThrottle(now: () => number = Date.now): Throttle {
  const entries = new Map<string, { failures: number; last: number }>()

  function wait(key: string): number {
    const entry = entries.get(key)
    if (!entry) return 0
    const free = key.startsWith('account:') ? FREE_FAILURES.account : FREE_FAILURES.address
    if (entry.failures < free) return 0
    const pause = Math.min(1000 * 2 ** (entry.failures - free), LONGEST_WAIT_MS)
    return entry.last + pause - now()
  }

  return {
    check(keys) {
      const longest = Math.max(...keys.map(wait))
      if (longest > 0) throw new Fault('auth.throttled', { seconds: Math.ceil(longest / 1000) })
    },
    failed(keys) {
      for (const key of keys) {
        const entry = entries.get(key)
        const failures = entry && now() - entry.last < FORGET_MS ? entry.failures + 1 : 1
        entries.delete(key)
        entries.set(key, { failures, last: now() })
      }
      while (entries.size > MOST_KEYS) entries.delete(entries.keys().next().value ?? '')
    },
    succeeded(keys) {
      for (const key of keys) if (key.startsWith('account:')) entries.delete(key)
    },
  }
}
