import { expect, it } from 'vitest'
import { openLru } from './lru.ts'

it('forgets what was used longest ago once it is full', () => {
  const lru = openLru<string>(32)
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) lru.set(key, key, 4)
  expect(lru.get('a')).toBe('a')
  lru.set('i', 'i', 4)
  expect([lru.get('b'), lru.get('a'), lru.get('i')]).toEqual([undefined, 'a', 'i'])
  expect(lru.size).toBe(32)
})

it('counts a replaced value once and keeps none that is too large', () => {
  const lru = openLru<string>(32)
  lru.set('a', 'one', 4)
  lru.set('a', 'two', 2)
  lru.set('big', 'big', 5)
  expect([lru.size, lru.get('a'), lru.get('big')]).toEqual([2, 'two', undefined])
})

it('drops by key and by how keys begin', () => {
  const lru = openLru<number>(100)
  for (const key of ['x/1', 'x/2', 'y/1']) lru.set(key, 1, 1)
  lru.deletePrefix('x/')
  expect([lru.size, lru.get('y/1')]).toEqual([1, 1])
  lru.delete('y/1')
  expect(lru.size).toBe(0)
})
