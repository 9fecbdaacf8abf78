import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readLines } from './lines.ts'

const ALL = { from: 1, to: 1000 }

describe('readLines', () => {
  it.each([
    ['', 0, []],
    ['a', 1, ['a']],
    ['a\n', 1, ['a']],
    ['a\n\n', 2, ['a', '']],
    ['\n', 1, ['']],
    ['a\r\nb', 2, ['a\r', 'b']],
  ])('counts %j as git does', async (text, total, lines) => {
    expect(await readLines(Buffer.from(text), ALL)).toEqual({ total, text: lines, isBinary: false })
  })
  it('takes the lines of a span out of pieces that are cut anywhere', async () => {
    const bytes = Buffer.from(Array.from({ length: 50 }, (_, i) => `zeile ${i + 1} ä\n`).join(''))
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.subarray(i * 7, i * 7 + 7))
    const { total, text } = await readLines(Readable.from(pieces), { from: 10, to: 12 })
    expect([total, text]).toEqual([50, ['zeile 10 ä', 'zeile 11 ä', 'zeile 12 ä']])
  })
  it('cuts a long line, never through a sign', async () => {
    const { text } = await readLines(Buffer.from(`x${'ä'.repeat(5000)}\nshort\n`), ALL)
    expect(text).toEqual([`x${'ä'.repeat(1999)}…`, 'short'])
  })
  it('knows a binary file by its head', async () => {
    expect((await readLines(Buffer.from('a\0b\n'), ALL)).isBinary).toBe(true)
    expect((await readLines(Buffer.from(`${'a'.repeat(9000)}\0`), ALL)).isBinary).toBe(false)
  })
})
