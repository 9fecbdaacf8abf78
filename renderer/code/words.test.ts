import { describe, expect, it } from 'vitest'
import type { PatchLine } from './patch.ts'
import { changedWords, markWords } from './words.ts'

const line = (kind: PatchLine['kind'], text: string): PatchLine => ({ kind, text, old: undefined, new: undefined })
const said = (text: string, spans: { from: number; to: number }[] | undefined) =>
  spans?.map(({ from, to }) => text.slice(from, to))

describe('changedWords', () => {
  it('names what is gone and what is new', () => {
    const [before, after] = ['return price(cents) / 100', 'return cost(cents) / 1000']
    const spans = changedWords(before, after)
    expect(said(before, spans?.[0])).toEqual(['price', '100'])
    expect(said(after, spans?.[1])).toEqual(['cost', '1000'])
  })
  it('takes neighbours together', () => {
    const [before, after] = ['what a customer reads here', 'what everybody reads here']
    const spans = changedWords(before, after)
    expect([said(before, spans?.[0]), said(after, spans?.[1])]).toEqual([['a customer'], ['everybody']])
  })
  it('sees white space', () => {
    const spans = changedWords('a  b', 'a b')
    expect([spans?.[0], spans?.[1]].flat()).not.toEqual([])
  })
  it('leaves alone what has little in common, and what is too long', () => {
    expect(changedWords('const a = 1', 'return nothing to see here at all')).toBeUndefined()
    expect(changedWords('x '.repeat(400), 'x '.repeat(401))).toBeUndefined()
    const many = Array.from({ length: 190 }, (_unused, i) => `${i % 10}`)
    expect(changedWords(many.join(' '), many.map((word) => `-${word}`).join('+'))).toBeUndefined()
  })
})

describe('markWords', () => {
  it('compares the lines of a run one by one', () => {
    const lines = [
      line('removed', 'one two'),
      line('removed', 'three four'),
      line('added', 'one 2'),
      line('context', 'between'),
      line('added', 'one more'),
    ]
    const marks = markWords(lines)
    expect(lines.map((one) => said(one.text, marks.get(one)))).toEqual([
      ['two'],
      undefined,
      ['2'],
      undefined,
      undefined,
    ])
  })
  it('ends in time on very many lines', () => {
    const lines = [
      ...Array.from({ length: 5000 }, (_unused, i) => line('removed', `value ${i} of many`)),
      ...Array.from({ length: 5000 }, (_unused, i) => line('added', `value ${i + 1} of many`)),
    ]
    expect(markWords(lines).size).toBe(600)
  })
})
