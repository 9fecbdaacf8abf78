import { assert, double, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BOUNDS, openMeters, placeOf, type Reading } from './meters.ts'
import { addUp, keep, quantile, since } from './sum.ts'

const about = { name: 'requests_total', help: 'Requests', labels: { class: 'git' } }

function readings(add: number, times: number[]): Reading[] {
  const meters = openMeters()
  meters.counter(about).add(add)
  for (const ms of times) meters.histogram({ name: 'request_seconds', help: 'Time' }).record(ms)
  meters.watch({ name: 'waiting', help: 'Waiting' }, () => add)
  return meters.read()
}

const byName = (all: Reading[], name: string): Reading | undefined => all.find((one) => one.name === name)

describe('a meter', () => {
  it('is one for a name and its labels, in whatever order they come', () => {
    const meters = openMeters()
    meters.counter({ name: 'a', help: '', labels: { x: '1', y: '2' } }).add()
    meters.counter({ name: 'a', help: '', labels: { y: '2', x: '1' } }).add(2)
    meters.counter({ name: 'a', help: '', labels: { x: '1' } }).add(5)
    expect(meters.read().map((reading) => reading.kind === 'counter' && reading.value)).toEqual([3, 5])
  })
  it('puts a time under the first bound that is not below it', () => {
    for (const [i, bound] of BOUNDS.entries()) expect(placeOf(bound)).toBe(i)
    assert(
      property(double({ min: 0, max: 1e7, noNaN: true }), (ms) => {
        const place = placeOf(ms)
        expect(place === BOUNDS.length || ms <= BOUNDS[place]! * (1 + 1e-9)).toBe(true)
        expect(place === 0 || ms > BOUNDS[place - 1]! * (1 - 1e-9)).toBe(true)
      }),
    )
  })
  it('takes a time that is none without breaking', () => {
    expect([placeOf(Number.NaN), placeOf(-1), placeOf(Infinity)]).toEqual([0, 0, BOUNDS.length])
  })
})

describe('readings', () => {
  it('of two processes are added up, buckets one by one', () => {
    const sum = addUp([readings(2, [1, 8]), readings(3, [8, 100])])
    expect(byName(sum, 'requests_total')).toMatchObject({ value: 5 })
    expect(byName(sum, 'waiting')).toMatchObject({ value: 5 })
    expect(byName(sum, 'request_seconds')).toMatchObject({ sum: 117, max: 100 })
    const { counts } = byName(sum, 'request_seconds') as { counts: number[] }
    expect([counts[placeOf(1)], counts[placeOf(8)], counts[placeOf(100)]]).toEqual([1, 2, 1])
  })
  it('of a process that has gone keep what was counted, not what was measured', () => {
    const past = keep(keep([], readings(2, [1])), readings(3, [2]))
    expect(byName(past, 'requests_total')).toMatchObject({ value: 5 })
    expect(byName(past, 'waiting')).toBeUndefined()
  })
  it('tell what came in between, and never less than nothing', () => {
    const between = since(readings(5, [1, 8]), readings(2, [8]))
    expect(byName(between, 'requests_total')).toMatchObject({ value: 3 })
    expect(byName(between, 'waiting')).toMatchObject({ value: 5 })
    expect(byName(between, 'request_seconds')).toMatchObject({ sum: 1 })
    expect(byName(since(readings(1, []), readings(2, [])), 'requests_total')).toMatchObject({ value: 0 })
  })
  it('give percentiles, and none of nothing', () => {
    const { counts } = byName(readings(0, [1, 1, 1, 1, 1, 1, 1, 1, 1, 64]), 'request_seconds') as { counts: number[] }
    expect([quantile(counts, 0.5), quantile(counts, 0.9), quantile(counts, 0.99)]).toEqual([1, 1, 64])
    expect(quantile([0, 0], 0.5)).toBeUndefined()
  })
})
