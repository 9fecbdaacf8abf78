// Garbage is collected when a process has had nothing to do for a while, and only where it is worth it.
import { expect, test } from 'vitest'
import { openCollector } from './collector.ts'

const MEGABYTE = 1024 * 1024

function openCase() {
  const now = { busy: 0, held: 100 * MEGABYTE, kept: 60 * MEGABYTE }
  const collected: number[] = []
  const look = openCollector({
    busy: () => now.busy,
    held: () => now.held,
    collect: () => {
      collected.push(now.held)
      now.held = now.kept
    },
  })
  const looks = (count: number): number => {
    for (let i = 0; i < count; i++) look()
    return collected.length
  }
  return { now, looks }
}

test('not before it was quiet twice in turn', () => {
  const { now, looks } = openCase()
  now.busy = 0.5
  expect(looks(10)).toBe(0)
  now.busy = 0
  expect(looks(1)).toBe(0)
  now.busy = 0.06
  expect(looks(1)).toBe(0)
  now.busy = 0.01
  expect([looks(1), looks(1)]).toEqual([0, 1])
})

test('again only when enough has come together since', () => {
  const { now, looks } = openCase()
  expect(looks(2)).toBe(1)
  expect(looks(100)).toBe(1)
  now.held += 7 * MEGABYTE
  expect(looks(100)).toBe(1)
  now.held += MEGABYTE
  expect(looks(100)).toBe(2)
})
