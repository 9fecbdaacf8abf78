import { describe, expect, it } from 'vitest'
import { entries, entryAtPlace, findEntry, foldersFirst } from './treeobject.ts'

const ID = Buffer.from('0123456789abcdef0123456789abcdef01234567', 'hex')
// An id may hold zeros and spaces, which must not be taken for ends of names.
const TRICKY = Buffer.from('0020002f00200020002f0020002f00200020002f', 'hex')

function tree(...list: [mode: string, name: string, id?: Buffer][]) {
  const parts = list.flatMap(([mode, name, id]) => [Buffer.from(`${mode} ${name}\0`, 'latin1'), id ?? ID])
  return { data: Buffer.concat(parts), idBytes: 20 }
}

describe('tree object', () => {
  const all = tree(
    ['100644', 'a b', TRICKY],
    ['100755', 'b'],
    ['120000', 'link'],
    ['160000', 'sub'],
    ['40000', 'dir', TRICKY],
    ['040000', 'old'],
    ['100644', 'caf\xe9'],
  )
  it('gives each kind of entry', () => {
    expect(entries(all).map(({ name, mode, kind }) => [name.toString('latin1'), mode, kind])).toEqual([
      ['a b', '100644', 'file'],
      ['b', '100755', 'executable'],
      ['link', '120000', 'symlink'],
      ['sub', '160000', 'submodule'],
      ['dir', '040000', 'folder'],
      ['old', '040000', 'folder'],
      ['caf\xe9', '100644', 'file'],
    ])
    expect(entries(all)[0]?.oid).toBe(TRICKY.toString('hex'))
  })
  it('puts folders first and keeps the order within', () => {
    const names = foldersFirst(all).map((place) => entryAtPlace(all, place).name.toString('latin1'))
    expect(names).toEqual(['dir', 'old', 'a b', 'b', 'link', 'sub', 'caf\xe9'])
  })
  it.each(['a b', 'b', 'dir', 'old', 'caf\xe9'])('finds %j by its bytes', (name) => {
    expect(findEntry(all, Buffer.from(name, 'latin1'))?.name.toString('latin1')).toBe(name)
  })
  it.each(['', 'a', ' b', 'ir', 'a b\0', 'dir/x', '100755 b'])('finds nothing for %j', (name) => {
    expect(findEntry(all, Buffer.from(name))).toBeUndefined()
  })
  it('ends where it is cut off', () => {
    const cut = { data: all.data.subarray(0, all.data.length - 3), idBytes: 20 }
    expect(entries(cut)).toHaveLength(6)
    expect(entries({ data: Buffer.from('100644 x'), idBytes: 20 })).toEqual([])
  })
})
