import { describe, expect, it } from 'vitest'
import type { ChangedFile } from '../../../../server/contract/changes.ts'
import { treeRows } from './file-rows.ts'

const files = ['README.md', 'src/a/deep/x.ts', 'src/a/deep/y.ts', 'src/b.ts', 'test/one/two.ts'].map(
  (path): ChangedFile => ({
    status: 'modified',
    old: path,
    new: path,
    old_mode: '100644',
    new_mode: '100644',
    added: 1,
    removed: 0,
    is_binary: false,
    folded: null,
  }),
)
const words = (wanted = '', closed: string[] = []) =>
  treeRows(files, wanted, new Set(closed)).map((row) =>
    row.kind === 'folder'
      ? `${' '.repeat(row.depth)}${row.name}/ ${row.files}${row.open ? '' : ' closed'}`
      : `${' '.repeat(row.depth)}${row.name} ${row.at}`,
  )

describe('treeRows', () => {
  it('puts folders first, and those with one child together', () => {
    expect(words()).toEqual([
      'src/ 3',
      ' a/deep/ 2',
      '  x.ts 1',
      '  y.ts 2',
      ' b.ts 3',
      'test/one/ 1',
      ' two.ts 4',
      'README.md 0',
    ])
  })
  it('hides what is in closed folders', () => {
    expect(words('', ['src', 'test/one'])).toEqual(['src/ 3 closed', 'test/one/ 1 closed', 'README.md 0'])
  })
  it('keeps to what is looked for', () => {
    expect(words(' DEEP/y ')).toEqual(['src/a/deep/ 1', ' y.ts 2'])
    expect(words('nothing')).toEqual([])
  })
})
