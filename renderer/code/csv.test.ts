import { describe, expect, it } from 'vitest'
import { parseTable, separatorOf } from './csv.ts'

const rows = (text: string, separator: ',' | ';' | '\t' = ','): string[][] => parseTable(text, separator, 100).rows

describe('parseTable', () => {
  it.each<[string, string[][]]>([
    ['', []],
    ['a', [['a']]],
    [
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,\n,b',
      [
        ['a', ''],
        ['', 'b'],
      ],
    ],
    ['a,', [['a', '']]],
    ['\n\n', [[''], ['']]],
    ['"a ""b"", c","d\r\ne"\nf', [['a "b", c', 'd\r\ne'], ['f']]],
    ['"","x"', [['', 'x']]],
    ['a "b",c', [['a "b"', 'c']]],
    ['"a"b,c', [['ab', 'c']]],
    ['"never closed\nx,y', [['never closed\nx,y']]],
    ['a\rb', [['a'], ['b']]],
    ['\uFEFFa,b', [['a', 'b']]],
  ])('reads %j', (text, expected) => expect(rows(text)).toEqual(expected))
  it('stops where it was told to', () => {
    expect(parseTable('a\nb\nc\n', ',', 2)).toEqual({ rows: [['a'], ['b']], more: true })
    expect(parseTable('a\nb\n', ',', 2)).toEqual({ rows: [['a'], ['b']], more: false })
  })
  it('takes other separators', () => {
    expect(rows('1,5;2', ';')).toEqual([['1,5', '2']])
    expect(rows('a\tb,c', '\t')).toEqual([['a', 'b,c']])
  })
})

it('separatorOf looks at the name and the first line', () => {
  expect(separatorOf('a.tsv', 'a,b')).toBe('\t')
  expect(separatorOf('a.csv', 'a;b;c\n1,2;3;4')).toBe(';')
  expect(separatorOf('a.csv', 'a,b')).toBe(',')
  expect(separatorOf('a.csv', 'a\tb\tc')).toBe('\t')
})
