import { expect, it, vi } from 'vitest'
import { openGather } from './gather.ts'
import type { ToProcess } from './messages.ts'

function world(): { gather: ReturnType<typeof openGather>; asked: [who: string, id: number][] } {
  const asked: [string, number][] = []
  const gather = openGather((who, message: ToProcess) => message.kind === 'question' && asked.push([who, message.id]))
  return { gather, asked }
}

it('gives the answers of all that were asked', async () => {
  const { gather, asked } = world()
  const all = gather.ask(['a', 'b'], 'meters')
  for (const [who, id] of asked) gather.answer(who, id, who.toUpperCase())
  expect(await all).toEqual([
    { id: 'a', value: 'A' },
    { id: 'b', value: 'B' },
  ])
  expect(await gather.ask([], 'meters')).toEqual([])
})

it('waits for nobody who has died, and takes no answer twice or of a stranger', async () => {
  const { gather, asked } = world()
  const all = gather.ask(['a', 'b'], 'meters')
  const [, id = 0] = asked[0] ?? []
  gather.answer('c', id, 'C')
  gather.answer('a', id, 'A')
  gather.answer('a', id, 'A again')
  gather.gone('b')
  expect(await all).toEqual([{ id: 'a', value: 'A' }])
  gather.answer('b', id, 'late')
})

it('gives what it has when somebody is silent', async () => {
  vi.useFakeTimers()
  try {
    const { gather, asked } = world()
    const all = gather.ask(['a', 'b'], 'meters')
    gather.answer('b', asked[1]?.[1] ?? 0, 'B')
    await vi.advanceTimersByTimeAsync(2000)
    expect(await all).toEqual([{ id: 'b', value: 'B' }])
  } finally {
    vi.useRealTimers()
  }
})
