// Chains of updates of one ref: what must have happened for it to stand where it stands.
import { expect, it } from 'vitest'
import { made, type Step } from './chain.ts'

const ZERO = '0'.repeat(40)
let pushes = 0
const step = (oldOid: string, newOid: string, sure = false): Step => ({ push: ++pushes, oldOid, newOid, sure })

it('takes the one step that leads to where the ref stands', () => {
  const won = step('a', 'b')
  const lost = step('a', 'c')
  expect(made('b', [won, lost])).toEqual(new Set([won]))
  expect(made('a', [won, lost])).toEqual(new Set())
})

it('finds steps that later steps have overtaken, sure or not', () => {
  const steps = [step('a', 'b'), step('b', 'c'), step('c', 'd', true)]
  expect(made('d', steps)).toEqual(new Set(steps))
})

it('counts one of two equal steps only, and leaves it to the one that git confirmed', () => {
  const sure = step('a', 'b', true)
  expect(made('b', [sure, step('a', 'b')])).toEqual(new Set([sure]))
  const [first, second] = [step('a', 'b'), step('a', 'b')]
  expect(made('b', [first, second])).toEqual(new Set([second]))
})

it('follows a ref that went back and forth', () => {
  const steps = [step('a', 'b'), step('b', 'a', true), step('a', 'b')]
  expect(made('b', steps)).toEqual(new Set(steps))
  expect(made('a', steps)).toEqual(new Set(steps.slice(0, 2)))
})

it('knows creation and deletion', () => {
  const steps = [step(ZERO, 'a'), step('a', ZERO)]
  expect(made('', steps)).toEqual(new Set(steps))
  expect(made('a', steps)).toEqual(new Set(steps.slice(0, 1)))
  expect(made('', [step('a', 'a'), step(ZERO, ZERO)])).toEqual(new Set())
})
