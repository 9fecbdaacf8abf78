import { describe, expect, it } from 'vitest'
import { parseRaw, parseRawAndNumstat } from './rawdiff.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const raw = (status: string, ...paths: string[]) => `:100644 100755 ${A} ${B} ${status}\0${paths.join('\0')}\0`

describe('raw changes', () => {
  it('say which path was and which is', () => {
    const text = raw('A', 'new') + raw('D', 'gone') + raw('M', 'same') + raw('R090', 'from', 'to') + raw('T', 'type')
    const changes = parseRaw(Buffer.from(text))
    const paths = changes.map((change) => [change.status, change.oldPath?.toString(), change.newPath?.toString()])
    expect(paths).toEqual([
      ['added', undefined, 'new'],
      ['removed', 'gone', undefined],
      ['modified', 'same', 'same'],
      ['renamed', 'from', 'to'],
      ['retyped', 'type', 'type'],
    ])
    expect(changes[0]).toMatchObject({ oldMode: '100644', newMode: '100755', oldOid: A, newOid: B })
  })
  it('end where they are cut off', () => {
    expect(parseRaw(Buffer.from(raw('M', 'whole') + raw('M', 'cut').slice(0, -2)))).toHaveLength(1)
    expect(parseRaw(Buffer.from(raw('R100', 'a', 'b').slice(0, -2)))).toEqual([])
    expect(parseRaw(Buffer.alloc(0))).toEqual([])
  })
  it('have their lines counted in the same order', () => {
    const counts = ['1\t2\t:odd', '0\t0\t', 'x', 'y', '-\t-\tbin', ''].join('\0')
    const text = raw('M', ':odd') + raw('R100', 'x', 'y') + raw('A', 'bin') + counts
    const lines = parseRawAndNumstat(Buffer.from(text)).map(({ added, removed }) => [added, removed])
    expect(lines).toEqual([
      [1, 2],
      [0, 0],
      [undefined, undefined],
    ])
  })
  it('keep their numbers where git leaves a file out, as with white space ignored', () => {
    const text =
      raw('M', 'blank') + raw('M', 'odd\n1\t2\tx') + raw('D', 'gone') + '3\t4\todd\n1\t2\tx\u00000\t7\tgone\0'
    const lines = parseRawAndNumstat(Buffer.from(text)).map(({ added, removed }) => [added, removed])
    expect(lines).toEqual([
      [0, 0],
      [3, 4],
      [0, 7],
    ])
  })
})
