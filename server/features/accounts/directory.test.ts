// Which people are found by what was typed, and in which order.
import { describe, expect, it } from 'vitest'
import { bestMatches } from './directory.ts'

const PEOPLE = [
  { name: 'annabel', display_name: 'Annabel Lee' },
  { name: 'hanna', display_name: 'Hanna' },
  { name: 'jo', display_name: 'José Án' },
  { name: 'zz', display_name: 'anna' },
]

function found(typed: string, most = 8): string[] {
  return bestMatches(PEOPLE, typed, most).map(({ name }) => name)
}

describe('finding people', () => {
  it('puts the whole name first, then beginnings, then the rest', () =>
    expect(found('ANNA')).toEqual(['zz', 'annabel', 'hanna']))
  it('knows neither case nor accents', () => expect(found('jose an')).toEqual(['jo']))
  it('finds a word inside of a name', () => expect(found('lee')).toEqual(['annabel']))
  it('gives the first ones for nothing typed', () => expect(found(' ', 2)).toEqual(['annabel', 'hanna']))
  it('gives nobody rather than somebody else', () => expect(found('%')).toEqual([]))
})
