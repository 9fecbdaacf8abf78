import { expect, it } from 'vitest'
import { openTurns } from './turns.ts'

interface World {
  turns: ReturnType<typeof openTurns>
  said: string[]
  /** Lets the time go by that somebody waits for a holder. */
  strike: () => void
}

function world(): World {
  const said: string[] = []
  let waiting: (() => void) | undefined
  const turns = openTurns(
    (who, turn) => said.push(`${who} ${turn}`),
    (strike) => {
      waiting = strike
      return () => (waiting = undefined)
    },
  )
  return { turns, said, strike: () => waiting?.() }
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

it('a holder that hangs loses its turn to those who wait, and its late word takes nothing from them', () => {
  const { turns, said, strike } = world()
  turns.want('a')
  strike()
  expect(said).toEqual(['a yours'])
  turns.want('b')
  strike()
  expect(said.slice(1)).toEqual(['a back', 'b yours'])
  turns.free('a')
  turns.want('c')
  expect(said.slice(3)).toEqual(['b back'])
  turns.free('b')
  expect(said.at(-1)).toBe('c yours')
  strike()
  expect(said.at(-1)).toBe('c yours')
})
