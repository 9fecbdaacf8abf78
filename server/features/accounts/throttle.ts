// Slows down guessing: failures are counted per account and per address, and refuse further tries before bcrypt runs.
import { Fault } from '../../kit/fault.ts'
import { networkOf } from '../../kit/network.ts'

/** A try that is under way. Exactly one of its calls ends it. */
export interface Try {
  failed(): void
  succeeded(): void
  /** It came to no result: neither right nor wrong. */
  dropped(): void
}

export interface Throttle {
  /**
   * Faults with `auth.throttled` while one of the keys has to wait. `guess` tells tries apart: those under way count
   * as failures until they end, so that many at once gain nothing, but the same guess many times counts once.
   */
  begin(keys: readonly string[], guess: string): Try
  /** Takes note of a failure, or forgets those of a key. */
  count(key: string, failed: boolean): void
  /** Whether nobody has failed or tries now under any of these keys: then nothing could be refused. */
  isQuiet(keys: readonly string[]): boolean
}

/** Failures that cost nothing; each further one doubles the wait, from one second up to five minutes. */
const FREE_FAILURES = { account: 5, address: 20, token: 20 }
const LONGEST_WAIT_MS = 5 * 60_000
const UNDER_WAY_MS = 1000
const FORGET_MS = 30 * 60_000
const MOST_KEYS = 20_000
/** No account has a longer name, and no key may be as long as a caller likes. */
const LONGEST_NAME = 64

type Kind = keyof typeof FREE_FAILURES

/** The key of an account, of an address, or of an address that sends tokens: a stale token must not lock people out. */
export function throttleKey(kind: Kind, text: string): string {
  return `${kind}:${kind === 'account' ? text.slice(0, LONGEST_NAME) : networkOf(text)}`
}

interface Surroundings {
  now?: () => number
  /** Tells how a try ended to all processes that count, this one included: each then calls `count`. */
  spread?: (key: string, failed: boolean) => void
}

export function openThrottle({ now = Date.now, spread: told }: Surroundings = {}): Throttle {
  const spread = told ?? count
  const entries = new Map<string, { failures: number; last: number }>()
  const underWay = new Map<string, Map<string, number>>()

  function wait(key: string, guess: string): number {
    const entry = entries.get(key)
    const failures = entry && now() - entry.last < FORGET_MS ? entry.failures : 0
    const free = FREE_FAILURES[key.split(':', 1)[0] as Kind]
    const guesses = underWay.get(key)
    const others = guesses ? guesses.size - Number(guesses.has(guess)) : 0
    if (failures + others < free) return 0
    if (!entry || failures < free) return UNDER_WAY_MS
    const left = entry.last + Math.min(1000 * 2 ** (failures - free), LONGEST_WAIT_MS) - now()
    return left <= 0 && others > 0 ? UNDER_WAY_MS : left
  }

  function enter(key: string, guess: string): void {
    const guesses = underWay.get(key) ?? new Map<string, number>()
    guesses.set(guess, (guesses.get(guess) ?? 0) + 1)
    underWay.set(key, guesses)
  }

  function leave(key: string, guess: string): void {
    const guesses = underWay.get(key)
    const left = (guesses?.get(guess) ?? 1) - 1
    if (left > 0) guesses?.set(guess, left)
    else guesses?.delete(guess)
    if (guesses?.size === 0) underWay.delete(key)
  }

  function count(key: string, failed: boolean): void {
    if (failed) fail(key)
    else entries.delete(key)
  }

  function fail(key: string): void {
    const entry = entries.get(key)
    const failures = entry && now() - entry.last < FORGET_MS ? entry.failures + 1 : 1
    entries.delete(key)
    entries.set(key, { failures, last: now() })
    while (entries.size > MOST_KEYS) entries.delete(entries.keys().next().value ?? '')
  }

  return {
    count,
    isQuiet: (keys) => !keys.some((key) => entries.has(key) || underWay.has(key)),
    begin(keys, guess) {
      const longest = Math.max(...keys.map((key) => wait(key, guess)))
      if (longest > 0) throw new Fault('auth.throttled', { seconds: Math.ceil(longest / 1000) })
      for (const key of keys) enter(key, guess)
      const end = (then: (key: string) => void) => () => {
        for (const key of keys) {
          leave(key, guess)
          then(key)
        }
      }
      return {
        failed: end((key) => spread(key, true)),
        // An address is not forgiven by one success: it may belong to an attacker with an account of their own.
        succeeded: end((key) => key.startsWith('account:') && entries.has(key) && spread(key, false)),
        dropped: end(() => {}),
      }
    },
  }
}
