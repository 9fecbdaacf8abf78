// Partial answers as Bitbucket has them, and what it costs to ask for them in a thousand ways.
import { expect, it } from 'vitest'
import { pickFields } from './fields.ts'

const VALUE = {
  size: 2,
  values: [
    { name: 'a', owner: { name: 'ada', id: 1 } },
    { name: 'b', owner: null },
  ],
}

it.each([
  ['size', { size: 2 }],
  ['values.name', { values: [{ name: 'a' }, { name: 'b' }] }],
  ['*.owner.id', { size: 2, values: [{ owner: { id: 1 } }, { owner: null }] }],
  ['-values', { size: 2 }],
  ['-values.owner', { size: 2, values: [{ name: 'a' }, { name: 'b' }] }],
  [
    'values.*,-values.owner.id',
    {
      values: [
        { name: 'a', owner: { name: 'ada' } },
        { name: 'b', owner: null },
      ],
    },
  ],
  ['values.owner,-*.*.id', { values: [{ owner: { name: 'ada' } }, { owner: null }] }],
  ['+values.owner', VALUE],
  ['', VALUE],
])('%s', (wanted, picked) => expect(pickFields(VALUE, wanted)).toEqual(picked))

it('looks at each value once, in however many ways it is named', () => {
  let looks = 0
  const watched = { a: Array.from({ length: 10 }, () => ({ b: counted() })) }
  function counted(): object {
    return Object.defineProperty({}, 'c', { enumerable: true, get: () => ++looks })
  }
  for (const name of ['-*.*.x', '-a.b.y', '*.*.*.*']) {
    looks = 0
    pickFields(watched, Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? name : `${name}${i}`)).join(','))
    expect(looks).toBeLessThanOrEqual(10)
  }
})
