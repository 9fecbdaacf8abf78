import { randomBytes } from 'node:crypto'
import { assert, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Claims, sign, unsign } from './signed.ts'

const key = randomBytes(32)
const claims: Claims = { kid: 'k1', user: 'u', scopes: ['repository'], issued: 1, expires: 2, epoch: 0, jti: 'j' }
const keyOf = (kid: string): Buffer | undefined => (kid === 'k1' ? key : undefined)

const payload = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a signed token', () => {
  it('gives back what was signed', () => expect(unsign(sign(key, claims), keyOf)).toEqual(claims))

  it('is nothing under another key, or one that is gone', () => {
    expect(unsign(sign(randomBytes(32), claims), keyOf)).toBeUndefined()
    expect(unsign(sign(key, { ...claims, kid: 'k2' }), keyOf)).toBeUndefined()
  })

  it('is nothing with any letter changed', () => {
    const text = sign(key, claims)
    for (let at = 0; at < text.length - 1; at++) {
      const other = text[at] === 'A' ? 'B' : 'A'
      expect(unsign(text.slice(0, at) + other + text.slice(at + 1), keyOf), `letter ${at}`).toBeUndefined()
    }
  })

  it('is nothing with claims of one and the signature of another', () => {
    const [mine = ''] = sign(key, { ...claims, user: 'other' }).split('.')
    const [, theirs = ''] = sign(key, claims).split('.')
    expect(unsign(`${mine}.${theirs}`, keyOf)).toBeUndefined()
  })

  it('takes no hostile text for one, and throws at none', () => {
    for (const value of [null, 1, [], {}, { kid: 1 }, { kid: '__proto__' }, { kid: 'x'.repeat(99) }])
      expect(unsign(`gst_${payload(value)}.${'A'.repeat(43)}`, keyOf)).toBeUndefined()
    assert(property(string(), (text) => unsign(`gst_${text}`, keyOf) === undefined))
  })
})
