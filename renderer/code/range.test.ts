import { describe, expect, it } from 'vitest'
import { parseRange, rangeText } from './range.ts'

describe('ranges of lines', () => {
  it.each([
    ['#lines-3', { from: 3, to: 3 }],
    ['lines-3:7', { from: 3, to: 7 }],
    ['lines-7:3', { from: 3, to: 7 }],
    ['lines-', undefined],
    ['lines-1:2:3', undefined],
    ['L3', undefined],
    ['', undefined],
  ])('%s', (hash, range) => expect(parseRange(hash)).toEqual(range))
  it('are written as they are read', () => {
    for (const hash of ['lines-3', 'lines-3:7']) expect(rangeText(parseRange(hash) ?? { from: 0, to: 0 })).toBe(hash)
  })
})
