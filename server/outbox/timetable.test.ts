import { describe, expect, it } from 'vitest'
import { slotAfter } from './timetable.ts'

describe('slotAfter', () => {
  it('keeps the rhythm however late it is asked', () => {
    expect(slotAfter(1000, 100, 1000)).toBe(1100)
    expect(slotAfter(1000, 100, 1099)).toBe(1100)
    expect(slotAfter(1000, 100, 1100)).toBe(1200)
    expect(slotAfter(1000, 100, 5555)).toBe(5600)
  })
})
