import { expect, it } from 'vitest'
import { addUp, openLedger, requestsOf } from './ledger.ts'

const spent = (requests: number) => ({ api: { requests, ms: 1, limited: 0 } })

it('sums the last minutes and the last hour, and forgets what is older', () => {
  let now = 1e9 * 60_000
  const ledger = openLedger(() => now)
  const ask = (n: number): void => {
    for (let i = 0; i < n; i++) {
      const entry = ledger.entry('account', 'a', 'ada')
      ledger.count(entry, 'git', i % 2 === 1)
      ledger.time(entry, 'git', 10)
    }
  }
  ask(4)
  now += 10 * 60_000
  ask(2)
  expect(ledger.tell(10)).toEqual([
    {
      kind: 'account',
      id: 'a',
      account: 'ada',
      minutes: { git: { requests: 2, ms: 20, limited: 1 } },
      hour: { git: { requests: 6, ms: 60, limited: 3 } },
    },
  ])
  now += 55 * 60_000
  expect(ledger.tell(10)[0]?.hour.git?.requests).toBe(2)
  now += 60 * 60_000
  ask(1)
  expect(ledger.tell(10)[0]?.hour.git?.requests).toBe(1)
})

it('keeps those who came last, and tells of those who asked most', () => {
  const ledger = openLedger(() => 1e9 * 60_000, 3)
  for (const [id, n] of Object.entries({ a: 9, b: 1, c: 5, d: 3 }))
    for (let i = 0; i < n; i++) ledger.count(ledger.entry('address', id, ''), 'api', false)
  expect(ledger.tell(2).map(({ id }) => id)).toEqual(['c', 'd'])
})

it('adds up what several processes tell', () => {
  const one = { kind: 'account', account: 'ada', minutes: spent(1), hour: spent(2) } as const
  const sums = addUp([
    { ...one, id: 'a' },
    { ...one, id: 'b' },
    { ...one, id: 'b' },
  ])
  expect(sums.map((sum) => [sum.id, requestsOf(sum), sum.minutes.api])).toEqual([
    ['b', 4, { requests: 2, ms: 2, limited: 0 }],
    ['a', 2, { requests: 1, ms: 1, limited: 0 }],
  ])
})
