import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { seal, unseal } from './seal.ts'

const key = randomBytes(32)
const mine = { use: 'factor', of: 'ada' }

it('opens what it has sealed, and each seal looks different', () => {
  const secret = randomBytes(20)
  const [one, two] = [seal(key, mine, secret), seal(key, mine, secret)]
  expect(one).not.toBe(two)
  expect(unseal(key, mine, one)).toEqual(secret)
  expect(unseal(key, mine, two)).toEqual(secret)
})

it('opens under no other key, purpose or person, and nothing that was changed', () => {
  const sealed = seal(key, mine, randomBytes(20))
  expect(unseal(randomBytes(32), mine, sealed)).toBeUndefined()
  expect(unseal(key, { ...mine, use: 'other' }, sealed)).toBeUndefined()
  expect(unseal(key, { ...mine, of: 'bob' }, sealed)).toBeUndefined()
  for (let at = 0; at < sealed.length; at += 7) {
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
    expect(unseal(key, mine, changed)).toBeUndefined()
  }
  for (const short of ['', 'AAAA', sealed.slice(0, 20)]) expect(unseal(key, mine, short)).toBeUndefined()
})
