// Processes are worn after about so many requests, each after a number of its own.
import { expect, test } from 'vitest'
import { openWear } from './wear.ts'

function requestsUntilWorn(limit: number, random: () => number): number[] {
  const found: number[] = []
  let count = 0
  const serve = openWear(limit, () => found.push(count), random)
  for (; count < limit * 4; count++) serve()
  return found.map((at, i) => at - (found[i - 1] ?? -1))
}

test('about the limit, within a quarter of it, again and again', () => {
  expect(requestsUntilWorn(100, () => 0).slice(0, 3)).toEqual([75, 75, 75])
  expect(requestsUntilWorn(100, () => 0.5).slice(0, 3)).toEqual([100, 100, 100])
  expect(requestsUntilWorn(100, () => 1).slice(0, 3)).toEqual([125, 125, 125])
})

test('without a limit never', () => {
  const serve = openWear(0, () => expect.unreachable())
  for (let i = 0; i < 1000; i++) serve()
})
