import { array, assert, constantFrom, property, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../kit/fault.ts'
import { pathBytes, pathNames, pathspec, pathText } from './paths.ts'

/** Bytes among which escapes and broken sequences are frequent. */
const bytes = array(constantFrom(0x5c, 0x78, 0x66, 0x35, 0x63, 0xff, 0xc3, 0xa4, 0xe2, 0x82, 0xac, 0x2f, 0x61), {
  maxLength: 24,
}).map((list) => Buffer.from(list))

describe('path text', () => {
  it('leads back to the same bytes', () => {
    assert(property(bytes, (path) => pathBytes(pathText(path)).equals(path)))
  })
  it('leaves UTF-8 as it is and shows what is not', () => {
    expect(pathText(Buffer.from('grün/日本.txt'))).toBe('grün/日本.txt')
    expect(pathText(Buffer.from('caf\xe9.txt', 'latin1'))).toBe('caf\\xe9.txt')
    expect(pathText(Buffer.from('a\\xe9'))).toBe('a\\x5cxe9')
    expect(pathText(Buffer.from('a\\b'))).toBe('a\\b')
  })
  it('is valid Unicode for any bytes', () => {
    assert(property(uint8Array(), (path) => pathText(Buffer.from(path)).isWellFormed()))
  })
})

const names = (text: string) => pathNames(Buffer.from(text))?.map(String)

describe('path names', () => {
  it('splits at slashes and forgives those at the ends', () => {
    expect(names('')).toEqual([])
    expect(names('a/b c/d')).toEqual(['a', 'b c', 'd'])
    expect(names('/a/b/')).toEqual(['a', 'b'])
  })
  it.each(['a//b', 'a/../b', './a', '..', 'a\0b'])('knows no path %j', (text) => expect(names(text)).toBeUndefined())
})

describe('pathspec', () => {
  it('never begins like an option and says that its signs are plain', () => {
    expect(pathspec(Buffer.from('--output=x'))).toBe(':(literal)--output=x')
    expect(pathspec(Buffer.from('a*[b]?'))).toBe(':(literal)a*[b]?')
  })
  it('is refused for what no file can be called', () => {
    expect(() => pathspec(Buffer.from('a\0b'))).toThrow(Fault)
  })
  it('matches a byte that is not UTF-8 by a sign for any byte, and nothing else by a sign', () => {
    expect(pathspec(Buffer.from('a*\xe9\\x', 'latin1'))).toBe(':(glob)a\\*?\\\\x')
  })
})
