import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openRow } from './row.ts'

it('of one key nothing begins before what came first has ended, well or not; other keys do not wait', async () => {
  const row = openRow()
  const seen: string[] = []
  const work =
    (name: string, ms: number, fails = false) =>
    async (): Promise<string> => {
      seen.push(`${name} begins`)
      await sleep(ms)
      seen.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    }
  const [slow, failing, last, other] = [
    row('a', work('slow', 30)),
    row('a', work('failing', 1, true)).catch((error: Error) => error.message),
    row('a', work('last', 1)),
    row('b', work('other', 1)),
  ]
  expect(await Promise.all([slow, failing, last, other])).toEqual(['slow', 'failing', 'last', 'other'])
  expect(seen.filter((one) => !one.startsWith('other'))).toEqual(
    ['slow', 'failing', 'last'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  )
  expect(seen.indexOf('other ends')).toBeLessThan(seen.indexOf('slow ends'))
})
