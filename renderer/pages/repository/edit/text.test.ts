import { describe, expect, it } from 'vitest'
import { contentOf, indentOf, isPointer, textOf } from './text.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a file as text', () => {
  it.each(['', 'a\n', 'a\r\nb\r\n', 'a\nb\r\n', '\ufeffa\n', 'no end'])('%j comes back as it was', (text) => {
    const file = textOf(bytes(text))
    expect(file && contentOf(file, file.text)).toBe(text)
  })
  it('knows its line breaks, and takes no side where both stand', () => {
    expect(['a\r\nb\r\n', 'a\nb\n', 'a\nb\r\n', 'a\rb'].map((text) => textOf(bytes(text))?.lineBreak)).toEqual([
      '\r\n',
      '\n',
      '\n',
      '\n',
    ])
  })
  it('is none where the bytes are not UTF-8, or binary', () => {
    expect(textOf(new Uint8Array([0x63, 0xe9]))).toBeUndefined()
    expect(textOf(bytes('a\0b'))).toBeUndefined()
  })
  it('may be a pointer of LFS', () => {
    expect(isPointer('version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n')).toBe(true)
    expect(isPointer('# version https://git-lfs.github.com/spec/v1')).toBe(false)
  })
  it('tells its indentation', () => {
    expect(['a:\n\tb\n', 'a\n    b\n        c\n', 'a\n  b\n    c\n', 'x'].map(indentOf)).toEqual([
      '\t',
      '    ',
      '  ',
      '  ',
    ])
  })
})
