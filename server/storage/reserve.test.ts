import { describe, expect, it } from 'vitest'
import { isReserve, reserveBytes } from './reserve.ts'

const GB = 1024 ** 3

describe('isReserve', () => {
  it('takes a size, a share or the word auto', () => {
    expect(['auto', '0 MB', '10 GB', '1.5TB', '5 %', '90%'].every(isReserve)).toBe(true)
  })
  it('takes nothing else', () => {
    expect(['', '10', '-1 GB', '91 %', '1e9 MB', '5 GB ', 'all', '10 KB'].some(isReserve)).toBe(false)
  })
})

describe('reserveBytes', () => {
  it('is what was written', () => {
    expect(['0 MB', '10 GB', '1.5 GB', '5 %'].map((text) => reserveBytes(text, 100 * GB))).toEqual([
      0,
      10 * GB,
      1.5 * GB,
      5 * GB,
    ])
  })
  it('is a twentieth of a small disk and two gigabytes of a large one without a word', () => {
    expect([10 * GB, 1000 * GB].map((total) => reserveBytes('auto', total))).toEqual([GB / 2, 2 * GB])
  })
})
