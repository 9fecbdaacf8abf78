import { describe, expect, it } from 'vitest'
import { pauseAfter } from './backoff.ts'

describe('pauseAfter', () => {
  it('grows with each attempt up to an hour', () => {
    expect([1, 2, 3, 9].map((attempt) => pauseAfter(attempt, 4000, 1))).toEqual([4000, 16_000, 64_000, 3_600_000])
  })
  it('is anywhere between nothing and that', () => {
    expect(pauseAfter(3, 4000, 0)).toBe(0)
    expect(pauseAfter(3, 4000, 0.5)).toBe(32_000)
  })
})
