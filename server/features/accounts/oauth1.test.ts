// The signatures of OAuth 1.0a against the examples of RFC 5849 and its first edition, and what cannot be signed at all.
import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { baseString, headerOf, readSigned, signatureOf } from './oauth1.ts'

interface Sent {
  method?: string
  url: string
  authorization: string
  host?: string
  form?: Record<string, unknown>
  secure?: boolean
}

/** As it lies before the program, its form parsed. */
function request({ method = 'POST', url, authorization, host = 'example.com', form, secure }: Sent): IncomingMessage {
  const type = form ? { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' } : {}
  return { method, url, socket: { encrypted: secure }, headers: { host, authorization, ...type }, body: form } as never
}

const MORE = 'oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="7d8f3e4a"'
const LEAST = `OAuth oauth_consumer_key="k", ${MORE}, oauth_signature="x"`

describe('the base string', () => {
  it('is that of section 3.4.1.1: query, form and header in one order, doubled names included', () => {
    const authorization = `OAuth realm="Example", oauth_consumer_key="9djdj82h48djs9d2", oauth_token="kkk9d7dh3k39sjv7", ${MORE}, oauth_signature="bYT5CMsGcbgUdFHObYMEfcx6bsw%3D"`
    const form = { c2: '', a3: '2 q' }
    const url = '/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b'
    expect(baseString(readSigned(request({ url, authorization, form })))).toBe(
      'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D' +
        '%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1' +
        '%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7',
    )
  })

  it('names scheme, host and port in small letters, without the port that the scheme has anyway', () => {
    const url = (host: string): string => readSigned(request({ url: '/R%20x', authorization: LEAST, host })).url
    expect([url('EXAMPLE.com:80'), url('example.com:8080')]).toEqual([
      'http://example.com/R%20x',
      'http://example.com:8080/R%20x',
    ])
    const secure = request({ url: '/x', authorization: LEAST, host: 'example.com:443', secure: true })
    expect(readSigned(secure).url).toBe('https://example.com/x')
  })

  it('covers each way to send a parameter, so that none is changed on the way', () => {
    const base = (sent: Partial<Sent>): string =>
      baseString(readSigned(request({ url: '/x?a=1', authorization: LEAST, form: { b: '2' }, ...sent })))
    const others: Partial<Sent>[] = [
      { url: '/x?a=2' },
      { url: '/x?a=1&a=1' },
      { url: '/x?a=1?c=3' },
      { url: '/y?a=1' },
      { method: 'PUT' },
      { form: { b: '3' } },
      { form: { b: ['2', '2'] } },
      { form: { b: '2', constructor: 'x' } },
      { authorization: LEAST.replace('7d8f3e4a', 'another') },
      { authorization: `${LEAST}, oauth_body_hash="x"` },
      { host: 'other.example' },
    ]
    expect(new Set([{}, ...others].map(base)).size).toBe(others.length + 1)
    // The library leaves the form out for one that says it has hashed the body.
    const hashed = { authorization: `${LEAST}, oauth_body_hash="x"` }
    expect(base({ ...hashed, form: { b: '3' } })).not.toBe(base(hashed))
  })
})

describe('the signature', () => {
  const photos = `OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", oauth_nonce="chapoH", oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"`

  it('is that of section 1.2, for a resource and for an access token', () => {
    const asked = { method: 'GET', host: 'photos.example.net' }
    const url = '/photos?file=vacation.jpg&size=original'
    const got = readSigned(request({ ...asked, url, authorization: photos }))
    expect(signatureOf(got, { consumer: 'kd94hf93k423kf44', token: 'pfkkdhi9sl3r4s00' })).toBe(got.signature)
    const authorization =
      'OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="hh5s93j4hdidpola", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="walatlh", oauth_verifier="hfdp7dh39dks9884", oauth_signature="gKgrFCywp7rO0OXSjdot%2FIHF7IU%3D"'
    const token = readSigned(request({ url: '/token', host: asked.host, authorization, secure: true }))
    expect(token.verifier).toBe('hfdp7dh39dks9884')
    expect(signatureOf(token, { consumer: 'kd94hf93k423kf44', token: 'hdhd0244k9j7ao03' })).toBe(token.signature)
  })

  it('can be one of SHA-256', () => {
    const got = readSigned(request({ url: '/x', authorization: LEAST.replace('HMAC-SHA1', 'HMAC-SHA256') }))
    expect(Buffer.from(signatureOf(got, { consumer: 'a', token: 'b' }), 'base64').length).toBe(32)
  })
})

describe('what is refused before anything is computed', () => {
  it.each([
    ['nothing but the scheme', 'OAuth', 'oauth_consumer_key is missing'],
    ['no quotes', 'OAuth oauth_consumer_key=k', 'cannot be read'],
    ['broken letters', LEAST.replace('"k"', '"%ff"'), 'cannot be read'],
    ['something behind the end', `${LEAST} x`, 'cannot be read'],
    ['a name twice', `${LEAST}, oauth_nonce="other"`, 'oauth_nonce stands twice'],
    ['another version', `${LEAST}, oauth_version="2.0"`, 'oauth_version'],
    ['a secret in the clear', LEAST.replace('HMAC-SHA1', 'PLAINTEXT'), 'does not take PLAINTEXT'],
    ['a key of its own', LEAST.replace('HMAC-SHA1', 'RSA-SHA1'), 'does not take RSA-SHA1'],
    ['what objects inherit', LEAST.replace('HMAC-SHA1', 'constructor'), 'does not take constructor'],
    ['no time', LEAST.replace('137131201', '-1'), 'oauth_timestamp'],
    ['a long nonce', LEAST.replace('7d8f3e4a', 'n'.repeat(256)), 'oauth_nonce'],
    ['no signature', LEAST.replace('"x"', '""'), 'oauth_signature is missing'],
  ])('%s', (_what, authorization, words) => {
    const read = () => readSigned(request({ url: '/x', authorization }))
    expect(read).toThrow(expect.objectContaining({ code: 'request.invalid' }))
    expect(read).toThrow(expect.objectContaining({ facts: { detail: expect.stringContaining(words) } }))
  })

  it('parameters of OAuth beside the header, and a name that would be lost', () => {
    for (const sent of [
      { url: '/x?oauth_verifier=1' },
      { url: '/x', form: { oauth_nonce: '1' } },
      { url: '/x?__proto__=1' },
    ])
      expect(() => readSigned(request({ authorization: LEAST, ...sent }))).toThrow(/not valid/)
  })

  it('takes commas without a space, and one in the realm', () => {
    expect([...headerOf('OAuth realm="a, b",x="1",y="2"')]).toEqual([
      ['x', '1'],
      ['y', '2'],
    ])
  })
})
