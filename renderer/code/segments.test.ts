import { assert, array, nat, property, record, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { segmentsOf } from './segments.ts'

describe('segmentsOf', () => {
  it('cuts at colours and at changed words', () => {
    const tokens = [{ content: 'let ', color: 'red' }, { content: 'price = 1' }]
    expect(segmentsOf('let price = 1', tokens, [{ from: 2, to: 9 }])).toEqual([
      { at: 0, text: 'le', color: 'red', changed: false },
      { at: 2, text: 't ', color: 'red', changed: true },
      { at: 4, text: 'price', color: undefined, changed: true },
      { at: 9, text: ' = 1', color: undefined, changed: false },
    ])
  })
  it('does without tokens that are of another text', () => {
    expect(segmentsOf('abc', [{ content: 'abd', color: 'red' }])).toEqual([
      { at: 0, text: 'abc', color: undefined, changed: false },
    ])
    expect(segmentsOf('', undefined)).toEqual([])
  })
  it('loses no letter', () => {
    const sized = record({ gap: nat(5), length: nat(5) })
    assert(
      property(array(string({ minLength: 1 })), array(sized), (contents, sizes) => {
        let at = 0
        const spans = sizes.map(({ gap, length }) => ({ from: at + gap, to: (at += gap + length + 1) }))
        const text = contents.join('')
        const segments = segmentsOf(
          text,
          contents.map((content) => ({ content })),
          spans,
        )
        expect(segments.map((segment) => segment.text).join('')).toBe(text)
      }),
    )
  })
})
