// How long a failed job rests before its next attempt: growing, and anywhere between, so that many do not come at once.
const FACTOR = 4
const LONGEST_MS = 3_600_000

/** `attempt` counts from 1; `chance` lies between 0 and 1. */
export function pauseAfter(attempt: number, firstMs: number, chance = Math.random()): number {
  return Math.round(chance * Math.min(LONGEST_MS, firstMs * FACTOR ** (attempt - 1)))
}
