import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openShared } from './shared.ts'

async function all<T>(pieces: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const piece of pieces) list.push(piece)
  return list
}

const never = new AbortController().signal

it('runs once for all who ask meanwhile, and anew afterwards', async () => {
  const shared = openShared<number>()
  let runs = 0
  async function* start(): AsyncGenerator<number> {
    runs++
    for (let i = 0; i < 3; i++) {
      await sleep(1)
      yield i
    }
  }
  const first = all(shared.join('a', start, never))
  await sleep(2)
  const [one, two] = await Promise.all([first, all(shared.join('a', start, never))])
  expect([one, two, runs]).toEqual([[0, 1, 2], [0, 1, 2], 1])
  expect(await all(shared.join('a', start, never))).toEqual([0, 1, 2])
  expect(runs).toBe(2)
})

it('goes on while one of them stays, and ends with the last', async () => {
  const shared = openShared<number>()
  let ended: unknown
  async function* start(signal: AbortSignal): AsyncGenerator<number> {
    try {
      for (let i = 0; ; i++) {
        await sleep(1, undefined, { signal })
        yield i
      }
    } finally {
      ended = signal.aborted
    }
  }
  const [leaving, staying] = [new AbortController(), new AbortController()]
  const one = all(shared.join('a', start, leaving.signal))
  const two = all(shared.join('a', start, staying.signal))
  leaving.abort(new Error('gone'))
  await expect(one).rejects.toThrow('gone')
  expect(ended).toBeUndefined()
  staying.abort(new Error('gone too'))
  await expect(two).rejects.toThrow('gone too')
  await expect.poll(() => ended).toBe(true)
})

it('tells all of them of its failure', async () => {
  const shared = openShared<number>()
  const both = [all(shared.join('a', broken, never)), all(shared.join('a', broken, never))]
  for (const one of both) await expect(one).rejects.toThrow('broken')
})

async function* broken(): AsyncGenerator<number> {
  yield 1
  await sleep(1)
  throw new Error('broken')
}
