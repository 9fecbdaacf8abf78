import { describe, expect, it } from 'vitest'
import { linkTarget, pointerOf, readContent } from './content.ts'

const read = (text: string) => readContent(Buffer.from(text))

describe('readContent', () => {
  it.each([
    ['', 0, []],
    ['a\nb\n', 2, []],
    ['a\nb', 2, ['no newline at the end']],
    ['a\r\nb\r\n', 2, ['CRLF']],
    ['a\r\nb\n', 2, ['mixed line ends']],
    ['\uFEFFa\n', 1, ['BOM']],
  ])('of %j', (text, lines, facts) => {
    expect(read(text)).toEqual({ text: text.replace('\uFEFF', ''), lines, facts, isBinary: false })
  })
  it('reads other encodings, and says so', () => {
    expect(readContent(Buffer.from('café\n', 'latin1'))).toMatchObject({
      text: 'café\n',
      facts: ['not UTF-8, shown as Latin-1'],
    })
    const wide = readContent(Buffer.from('\uFEFFhé\n', 'utf16le'))
    expect(wide).toMatchObject({ text: 'hé\n', facts: ['UTF-16'], isBinary: false })
  })
  it('knows what is no text', () => expect(read('a\0b').isBinary).toBe(true))
})

it('pointerOf knows what LFS left', () => {
  const oid = 'a'.repeat(64)
  const text = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 123\n`
  expect(pointerOf(text)).toEqual({ oid, size: 123 })
  expect(pointerOf(`# ${text}`)).toBeUndefined()
  expect(pointerOf('version https://git-lfs.github.com/spec/v1\noid sha256:x\nsize 1\n')).toBeUndefined()
})

it.each([
  ['a/b/link', '../c.txt', 'a/c.txt'],
  ['link', './x//y/', 'x/y'],
  ['a/link', '..', ''],
  ['a/link', '../../x', undefined],
  ['link', '/etc/passwd', undefined],
  ['link', '', undefined],
])('the link %s to %s leads to %s', (path, target, place) => expect(linkTarget(path, target)).toBe(place))
