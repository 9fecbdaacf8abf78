import { describe, expect, it } from 'vitest'
import { bloomKey, mayContain, murmur3 } from './bloom.ts'

describe('murmur3', () => {
  // From git's own t0095-bloom.sh.
  it.each([
    ['', 0x00000000],
    ['Hello world!', 0x627b0c2c],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ])('of %j is that of git', (text, hash) => expect(murmur3(0, Buffer.from(text))).toBe(hash))
})

describe('bloom key', () => {
  it('is that of git', () => {
    const key = bloomKey(Buffer.from(''), { hashes: 7 })
    expect([...(key ?? [])].map((hash) => hash.toString(16).padStart(8, '0'))).toEqual([
      '5615800c',
      '5b966560',
      '61174ab4',
      '66983008',
      '6c19155c',
      '7199fab0',
      '771ae004',
    ])
  })
  it('is missing where git hashes oddly', () => {
    expect(bloomKey(Buffer.from('ä'), { hashes: 7 })).toBeUndefined()
  })
  it('is found in a filter that holds it, and in one that was not computed', () => {
    const key = Uint32Array.of(3, 9)
    expect(mayContain(Buffer.from([0b1000, 0b10]), key)).toBe(true)
    expect(mayContain(Buffer.from([0b1000, 0]), key)).toBe(false)
    expect(mayContain(Buffer.alloc(0), key)).toBe(true)
    expect(mayContain(Buffer.from([0]), key)).toBe(false)
  })
})
