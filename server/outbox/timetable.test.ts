import { describe, expect, it } from 'vitest'
import { nextHour, slotAfter } from './timetable.ts'

describe('slotAfter', () => {
  it('keeps the rhythm however late it is asked', () => {
    expect(slotAfter(1000, 100, 1000)).toBe(1100)
    expect(slotAfter(1000, 100, 1099)).toBe(1100)
    expect(slotAfter(1000, 100, 1100)).toBe(1200)
    expect(slotAfter(1000, 100, 5555)).toBe(5600)
  })
})

describe('nextHour', () => {
  it('is the next time at which the clock shows it, later today or tomorrow', () => {
    const noon = new Date(2026, 4, 10, 12, 30).getTime()
    expect(new Date(nextHour(14, noon))).toEqual(new Date(2026, 4, 10, 14))
    expect(new Date(nextHour(3, noon))).toEqual(new Date(2026, 4, 11, 3))
    expect(new Date(nextHour(12, noon))).toEqual(new Date(2026, 4, 11, 12))
  })
})
