// How often failed sign-ins become events: at once, then once a minute with a count, and never more than a few in all.
import { describe, expect, it } from 'vitest'
import { openTally } from './failures.ts'

describe('failed sign-ins', () => {
  it('are told at once, and those of the next minute together', () => {
    const tally = openTally()
    expect([0, 1, 2].map((n) => tally.count('a', 1e6 + n))).toEqual([1, 0, 0])
    expect(tally.count('a', 1e6 + 60_001)).toBe(3)
  })
  it('are bounded however many accounts and networks are tried', () => {
    const tally = openTally()
    const told = Array.from({ length: 10_000 }, (_unused, n) => tally.count(`k${n}`, 1e6)).filter((count) => count > 0)
    expect(told.length).toBe(30)
    expect(tally.count('later', 1e6 + 60_001)).toBe(1)
  })
})
