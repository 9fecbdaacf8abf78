import { describe, expect, it } from 'vitest'
import { parsePatch } from '../../../code/patch.ts'
import { patchOf } from './change.ts'

const side = (path: string, text: string): { path: string; text: string } => ({ path, text })
const read = (patch: string | undefined): unknown =>
  parsePatch(patch ?? '').map(({ oldPath, newPath, added, removed }) => [oldPath, newPath, added, removed])

describe('the patch of a change', () => {
  it('is read as what it is', () => {
    expect(read(patchOf(side('a', 'one\ntwo\n'), side('a', 'one\n2\n')))).toEqual([['a', 'a', 1, 1]])
    expect(read(patchOf(undefined, side('a', 'one\n')))).toEqual([[undefined, 'a', 1, 0]])
    expect(read(patchOf(side('a', 'one\n'), undefined))).toEqual([['a', undefined, 0, 1]])
    expect(read(patchOf(side('a', 'one\n'), side('b c', 'one\n')))).toEqual([['a', 'b c', 0, 0]])
    expect(read(patchOf(side('a', 'one\n'), side('b', 'one\ntwo\n')))).toEqual([['a', 'b', 1, 0]])
    expect(patchOf(side('a', 'one'), side('a', 'one'))).toBe('')
  })
  it('keeps a carriage return and a missing end', () => {
    expect(patchOf(side('a', 'x\r\n'), side('a', 'y\r\nz'))).toBe(
      'diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,1 +1,2 @@\n-x\r\n+y\r\n+z\n\\ No newline at end of file\n',
    )
  })
})
