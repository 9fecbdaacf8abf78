import { expect, test } from 'vitest'
import { queuedTurn } from './turn.ts'

test('a turn stays until another asks for it', async () => {
  const said: string[] = []
  const turn = queuedTurn((what) => said.push(what))
  const first = turn.take()
  turn.hear('yours')
  await first
  turn.give()
  await turn.take()
  turn.give()
  expect(said).toEqual(['want'])
  turn.hear('back')
  expect(said).toEqual(['want', 'free'])
})

test('whoever writes without a pause hears all the same that others wait', async () => {
  const said: string[] = []
  const turn = queuedTurn((what) => said.push(what))
  const first = turn.take()
  turn.hear('yours')
  await first
  turn.give()
  setTimeout(() => turn.hear('back'), 1)
  const end = performance.now() + 2000
  while (!said.includes('free') && performance.now() < end) {
    await turn.take()
    turn.give()
  }
  expect(said).toEqual(['want', 'free'])
})
