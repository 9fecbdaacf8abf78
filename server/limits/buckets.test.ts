import { expect, it } from 'vitest'
import { openBuckets } from './buckets.ts'

it('lets a minute’s worth through at once, and then as many as the minute has', () => {
  let now = 1e6
  const buckets = openBuckets(() => now)
  const tries = (n: number): number => {
    let passed = 0
    for (let i = 0; i < n; i++) {
      if (buckets.wait('a', 60) > 0) continue
      buckets.take('a', 60)
      passed++
    }
    return passed
  }
  expect(tries(100)).toBe(60)
  expect(buckets.wait('a', 60)).toBe(1000)
  expect(buckets.wait('b', 60)).toBe(0)
  now += 10_000
  expect(tries(100)).toBe(10)
  now += 3_600_000
  expect(tries(100)).toBe(60)
})

it('tells what is left and when it is full again', () => {
  const buckets = openBuckets(() => 1e6)
  buckets.take('a', 60)
  expect(buckets.level('a', 60)).toEqual({ limit: 60, left: 59, fullMs: 1000 })
})

it('goes into debt for what may not be refused, and for what other processes let through, by one bucket at most', () => {
  let now = 1e6
  const buckets = openBuckets(() => now)
  buckets.take('a', 60, 1000)
  expect(buckets.wait('a', 60)).toBe(61_000)
  expect(buckets.wait('a', 60, 60)).toBe(1000)
  now += 61_000
  expect(buckets.wait('a', 60)).toBe(0)
})

it('gains nothing from a clock that is set back', () => {
  let now = 1e9
  const buckets = openBuckets(() => now)
  buckets.take('a', 60, 60)
  now -= 1e6
  expect(buckets.wait('a', 60)).toBe(1000)
  now += 1000
  expect(buckets.wait('a', 60)).toBe(0)
})

it('follows a limit that was changed', () => {
  const buckets = openBuckets(() => 1e6)
  buckets.take('a', 6000)
  expect(buckets.level('a', 60).left).toBe(60)
})

it('stays small, whoever comes', () => {
  const buckets = openBuckets(() => 1e6, 100)
  for (let i = 0; i < 10_000; i++) buckets.take(`k${i}`, 60)
  expect(buckets.size).toBe(100)
})
