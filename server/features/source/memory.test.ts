import { expect, it } from 'vitest'
import type { Rooms } from '../../rooms.ts'
import { forgetPages, keyOf, memoryOf } from './memory.ts'

it('what was removed for good from one repository leaves the pages of others', () => {
  const rooms = {} as Rooms
  const { told } = memoryOf(rooms)
  told.set(keyOf('one', 'c0ffee', '', 1, ''), 'a secret', 16)
  told.set(keyOf('one more', 'c0ffee', '', 1, ''), 'public', 12)
  forgetPages(rooms, 'one')
  expect(told.get(keyOf('one', 'c0ffee', '', 1, ''))).toBeUndefined()
  expect(told.get(keyOf('one more', 'c0ffee', '', 1, ''))).toBe('public')
})
