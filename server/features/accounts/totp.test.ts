import { expect, it } from 'vitest'
import { base32, codeAt, matchStep, otpauth, stepAt } from './totp.ts'

const SECRET = Buffer.from('12345678901234567890')

it('makes the codes of RFC 6238', () => {
  const published = [
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ] as const
  for (const [seconds, code] of published) expect(codeAt(SECRET, stepAt(seconds * 1000))).toBe(code)
})

it('takes the code of the step before, of this one and of the next, and none that is further off', () => {
  const now = 1_800_000_000_000
  const near = (by: number): number | undefined => matchStep(SECRET, codeAt(SECRET, stepAt(now) + by), now, 0)
  expect([-2, -1, 0, 1, 2].map((by) => near(by))).toEqual([
    undefined,
    stepAt(now) - 1,
    stepAt(now),
    stepAt(now) + 1,
    undefined,
  ])
})

it('takes no code of a step that was used, nor of an earlier one', () => {
  const now = 1_800_000_000_000
  const step = stepAt(now)
  expect(matchStep(SECRET, codeAt(SECRET, step), now, step)).toBeUndefined()
  expect(matchStep(SECRET, codeAt(SECRET, step - 1), now, step)).toBeUndefined()
  expect(matchStep(SECRET, codeAt(SECRET, step + 1), now, step)).toBe(step + 1)
})

it('takes nothing that is no code', () => {
  for (const text of ['', '0', '12345', '1234567', 'abcdef', '٣٤٥٦٧٨'])
    expect(matchStep(SECRET, text, 90_000, 0)).toBeUndefined()
})

it('writes secrets as apps read them', () => {
  // The vectors of RFC 4648, without padding.
  const vectors = { f: 'MY', fo: 'MZXQ', foo: 'MZXW6', foob: 'MZXW6YQ', fooba: 'MZXW6YTB', foobar: 'MZXW6YTBOI' }
  for (const [text, expected] of Object.entries(vectors)) expect(base32(Buffer.from(text))).toBe(expected)
  expect(otpauth('Our place', 'ada', SECRET)).toBe(
    'otpauth://totp/Our%20place:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Our%20place&algorithm=SHA1&digits=6&period=30',
  )
})
