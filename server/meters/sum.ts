// Readings of several processes as one, what came in between two of them, and percentiles. Pure.
import { BOUNDS, keyOf, type Reading } from './meters.ts'

/** Adds up what has the same name and labels. Of what is measured rather than counted, too, the sum is meant. */
export function addUp(lists: readonly (readonly Reading[])[]): Reading[] {
  const sums = new Map<string, Reading>()
  for (const reading of lists.flat()) {
    const key = keyOf(reading.name, reading.labels)
    const sum = sums.get(key)
    sums.set(key, sum ? add(sum, reading) : reading)
  }
  return [...sums.values()]
}

function add(a: Reading, b: Reading): Reading {
  if (a.kind === 'histogram' && b.kind === 'histogram') {
    const counts = a.counts.map((count, i) => count + (b.counts[i] ?? 0))
    return { ...a, counts, sum: a.sum + b.sum, max: Math.max(a.max, b.max) }
  }
  if (a.kind === 'histogram' || b.kind === 'histogram') return a
  return { ...a, value: a.value + b.value }
}

/** What a process that has gone leaves to the sum: its counts stay, what it measured went with it. */
export function keep(past: readonly Reading[], last: readonly Reading[]): Reading[] {
  return addUp([past, last.filter(({ kind }) => kind !== 'gauge')])
}

/** What was counted since `before`; what is measured stands as it is now. */
export function since(now: readonly Reading[], before: readonly Reading[]): Reading[] {
  const known = new Map(before.map((reading) => [keyOf(reading.name, reading.labels), reading]))
  return now.map((reading) => {
    const old = known.get(keyOf(reading.name, reading.labels))
    return old ? subtract(reading, old) : reading
  })
}

function subtract(now: Reading, old: Reading): Reading {
  if (now.kind === 'histogram' && old.kind === 'histogram') {
    const counts = now.counts.map((count, i) => Math.max(0, count - (old.counts[i] ?? 0)))
    return { ...now, counts, sum: Math.max(0, now.sum - old.sum) }
  }
  if (now.kind === 'counter' && old.kind === 'counter') return { ...now, value: Math.max(0, now.value - old.value) }
  return now
}

export function countOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

/** The milliseconds under which this part of all lies, up to the width of a step; undefined where there is nothing. */
export function quantile(counts: readonly number[], part: number): number | undefined {
  const wanted = countOf(counts) * part
  if (wanted === 0) return undefined
  let seen = 0
  const place = counts.findIndex((count) => (seen += count) >= wanted)
  return BOUNDS[Math.min(place, BOUNDS.length - 1)]
}
