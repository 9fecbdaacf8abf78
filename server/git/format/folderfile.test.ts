import { expect, it } from 'vitest'
import { packFolder, unpackFolder } from './folderfile.ts'

const found = new Map([
  ['a', '1'.repeat(40)],
  ['caf\xe9 new\nline', 'e'.repeat(40)],
])
const folder = Buffer.from('caf\xe9/x', 'latin1')

it('comes back as it was', () => {
  expect(unpackFolder(packFolder(folder, found))).toEqual({ folder, found })
  expect(unpackFolder(packFolder(Buffer.alloc(0), new Map()))).toEqual({ folder: Buffer.alloc(0), found: new Map() })
  const long = new Map([['a', 'b'.repeat(64)]])
  expect(unpackFolder(packFolder(folder, long))?.found).toEqual(long)
})

it('is refused with any byte changed, or cut off', () => {
  const data = packFolder(folder, found)
  for (let at = 0; at < data.length; at++) {
    const broken = Buffer.from(data)
    broken[at] = (broken[at] ?? 0) ^ 1
    expect(unpackFolder(broken), `byte ${at}`).toBeUndefined()
    expect(unpackFolder(data.subarray(0, at)), `cut at ${at}`).toBeUndefined()
  }
})
