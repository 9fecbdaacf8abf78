import { expect, it } from 'vitest'
import { openTurns } from './turns.ts'

function world(): { turns: ReturnType<typeof openTurns>; said: string[] } {
  const said: string[] = []
  return { turns: openTurns((who, turn) => said.push(`${who} ${turn}`)), said }
}

it('a single writer asks once and keeps its turn', () => {
  const { turns, said } = world()
  turns.want('a')
  turns.want('a')
  expect(said).toEqual(['a yours'])
})

it('writers get their turns in the order in which they asked, and are told who waits', () => {
  const { turns, said } = world()
  for (const who of ['a', 'b', 'c', 'b']) turns.want(who)
  expect(said).toEqual(['a yours', 'a back'])
  turns.free('a')
  turns.want('a')
  expect(said.slice(2)).toEqual(['b yours', 'b back'])
  turns.free('b')
  turns.free('c')
  expect(said.slice(4)).toEqual(['c yours', 'c back', 'a yours'])
})

it('who has no turn cannot give it away', () => {
  const { turns, said } = world()
  turns.want('a')
  turns.want('b')
  turns.free('b')
  expect(said).toEqual(['a yours', 'a back'])
})

it('a death passes the turn on, and leaves the queue', () => {
  const { turns, said } = world()
  for (const who of ['a', 'b', 'c']) turns.want(who)
  turns.gone('b')
  turns.gone('a')
  expect(said).toEqual(['a yours', 'a back', 'c yours'])
  turns.gone('c')
  turns.want('d')
  expect(said.at(-1)).toBe('d yours')
})
