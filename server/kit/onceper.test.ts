import { expect, test } from 'vitest'
import { oncePer } from './onceper.ts'

test('a value is made once for each object', () => {
  let made = 0
  const numberOf = oncePer((_of: object) => ++made)
  const [one, other] = [{}, {}]
  expect([numberOf(one), numberOf(other), numberOf(one), numberOf(other)]).toEqual([1, 2, 1, 2])
})
