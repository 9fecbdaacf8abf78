import { describe, expect, it } from 'vitest'
import { hasAlready, partOf } from './conditional.ts'

const FILE = { size: 100, etag: '"a"' }

describe('hasAlready', () => {
  it.each([
    [undefined, false],
    ['"a"', true],
    ['"b"', false],
    ['"b", W/"a"', true],
    ['*', true],
    ['a', false],
  ])('of %s is %s', (known, expected) => {
    expect(hasAlready(known === undefined ? {} : { 'if-none-match': known }, '"a"')).toBe(expected)
  })
})

describe('partOf', () => {
  it.each([
    ['bytes=0-9', { start: 0, end: 10 }],
    ['bytes=90-', { start: 90, end: 100 }],
    ['bytes=90-500', { start: 90, end: 100 }],
    ['bytes=-10', { start: 90, end: 100 }],
    ['bytes=-500', { start: 0, end: 100 }],
    ['bytes=100-', 'outside'],
    ['bytes=-0', 'outside'],
    ['bytes=9-3', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,5-6', undefined],
    ['items=0-1', undefined],
    ['bytes=0x1-2', undefined],
  ])('takes %s for %o', (range, part) => expect(partOf({ range }, FILE)).toEqual(part))
  it('gives all of a file that is another one now, and of an empty one nothing', () => {
    expect(partOf({ range: 'bytes=0-1', 'if-range': '"b"' }, FILE)).toBeUndefined()
    expect(partOf({ range: 'bytes=0-1', 'if-range': '"a"' }, FILE)).toEqual({ start: 0, end: 2 })
    expect(partOf({ range: 'bytes=0-' }, { ...FILE, size: 0 })).toBe('outside')
  })
})
