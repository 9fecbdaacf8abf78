import { describe, expect, it } from 'vitest'
import type { ChangedFile } from '../../../../server/contract/changes.ts'
import { chunksOf } from './chunks.ts'

const file = (path: string, more: Partial<ChangedFile> = {}): ChangedFile => ({
  status: 'modified',
  old: path,
  new: path,
  old_mode: '100644',
  new_mode: '100644',
  added: 10,
  removed: 0,
  is_binary: false,
  folded: null,
  ...more,
})

describe('chunksOf', () => {
  it('puts neighbours together, up to what one answer should hold', () => {
    const { chunks, chunkOf } = chunksOf(Array.from({ length: 45 }, (_unused, i) => file(`f${i}`)))
    expect(chunks.map(({ paths }) => paths.length)).toEqual([20, 20, 5])
    expect([chunkOf[0], chunkOf[19], chunkOf[20], chunkOf[44]]).toEqual([0, 0, 1, 2])
    const large = chunksOf(['a', 'b', 'c', 'd'].map((path) => file(path, { added: 500 })))
    expect(large.chunks.map(({ paths }) => paths)).toEqual([['a', 'b', 'c'], ['d']])
    const long = chunksOf(['a', 'b', 'c'].map((path) => file(path.repeat(600))))
    expect(long.chunks).toHaveLength(3)
  })
  it('leaves folded and renamed files alone, and goes on with the group around them', () => {
    const { chunks, chunkOf } = chunksOf([
      file('a'),
      file('lock', { folded: { why: 'generated', by: 'name' } }),
      file('to', { status: 'renamed', old: 'from' }),
      file('huge', { added: 5000 }),
      file('b'),
    ])
    expect(chunks).toEqual([
      { paths: ['a', 'b'], renames: false },
      { paths: ['lock'], renames: false },
      { paths: ['from', 'to'], renames: true },
      { paths: ['huge'], renames: false },
    ])
    expect(chunkOf).toEqual([0, 1, 2, 3, 0])
  })
})
