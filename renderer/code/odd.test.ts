import { describe, expect, it } from 'vitest'
import { oddLines, splitOdd } from './odd.ts'

describe('splitOdd', () => {
  it('leaves common text as it is', () => {
    for (const text of ['', 'a\tb', 'äöü 日本', '👩‍👩‍👧 ❤️‍🔥', 'می‌خواهم', 'क्‍ष']) expect(splitOdd(text)).toEqual([text])
  })
  it('names what turns the order and what is not seen', () => {
    expect(splitOdd('a\u202Eb\u2066')).toEqual([
      'a',
      { code: 'U+202E', name: 'right-to-left override', turns: true },
      'b',
      { code: 'U+2066', name: 'left-to-right isolate', turns: true },
    ])
    expect(
      splitOdd('x\u200B\u{E0041}\u0007\u00AD').map((piece) => (typeof piece === 'string' ? piece : piece.name)),
    ).toEqual(['x', 'zero width space', 'tag', 'control character', 'soft hyphen'])
  })
  it('sees a joiner between Latin letters', () => {
    expect(splitOdd('ad\u200Dmin')).toHaveLength(3)
  })
})

it('oddLines numbers the lines', () => {
  expect(oddLines(['a', 'b\u202E', 'c\u200B', 'd\u2067\u200B'])).toEqual({ turning: [2, 4], unseen: [3, 4] })
})
