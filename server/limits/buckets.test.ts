import { expect, it } from 'vitest'
import { openBuckets, untilFull, waitFor } from './buckets.ts'

it('lets a minute’s worth through at once, and then as many as the minute has', () => {
  let now = 1e6
  const buckets = openBuckets(() => now)
  const tries = (n: number): number => {
    let passed = 0
    for (let i = 0; i < n; i++) {
      const bucket = buckets.at('a', 60)
      if (waitFor(bucket) > 0) continue
      buckets.take(bucket)
      passed++
    }
    return passed
  }
  expect(tries(100)).toBe(60)
  expect(waitFor(buckets.at('a', 60))).toBe(1000)
  expect(waitFor(buckets.at('b', 60))).toBe(0)
  now += 10_000
  expect(tries(100)).toBe(10)
  now += 3_600_000
  expect(tries(100)).toBe(60)
})

it('goes into debt for what may not be refused, and for what other processes let through, by one bucket at most', () => {
  let now = 1e6
  const buckets = openBuckets(() => now)
  buckets.take(buckets.at('a', 60), 1000)
  const bucket = buckets.at('a', 60)
  expect([waitFor(bucket), waitFor(bucket, 60), untilFull(bucket)]).toEqual([61_000, 1000, 120_000])
  now += 61_000
  expect(waitFor(buckets.at('a', 60))).toBe(0)
})

it('tells once what was taken here, and nothing of what others told', () => {
  const buckets = openBuckets(() => 1e6)
  for (const key of ['a', 'b', 'a']) buckets.take(buckets.at(key, 60))
  buckets.take(buckets.at('c', 60), 5)
  expect(buckets.news()).toEqual([
    ['a', 2],
    ['b', 1],
  ])
  expect(buckets.news()).toEqual([])
  buckets.take(buckets.at('a', 60))
  expect(buckets.news()).toEqual([['a', 1]])
})

it('gains nothing from a clock that is set back', () => {
  let now = 1e9
  const buckets = openBuckets(() => now)
  buckets.take(buckets.at('a', 60), 60)
  now -= 1e6
  expect(waitFor(buckets.at('a', 60))).toBe(1000)
  now += 1000
  expect(waitFor(buckets.at('a', 60))).toBe(0)
})

it('follows a limit that was changed', () => {
  const buckets = openBuckets(() => 1e6)
  buckets.take(buckets.at('a', 6000))
  expect(buckets.at('a', 60).level).toBe(60)
  for (let i = 0; i < 60; i++) buckets.take(buckets.at('a', 60))
  expect(buckets.at('a', 60).level).toBe(0)
  expect(buckets.at('a', 100).level).toBe(40)
})

it('stays small, whoever comes', () => {
  const buckets = openBuckets(() => 1e6, 100)
  for (let i = 0; i < 10_000; i++) buckets.take(buckets.at(`k${i}`, 60))
  expect(buckets.size).toBe(100)
})
