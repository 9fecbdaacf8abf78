import { describe, expect, it } from 'vitest'
import { parseAddress } from './address.ts'

const REFUSED = [
  '/etc',
  '../x',
  'file:///etc/passwd',
  'ext::sh -c id',
  ' https://example.com/a.git',
  'https://',
  '-u',
  '--upload-pack=id',
  'git://example.com/a',
  'ssh://git@example.com/a',
  'git@example.com:a/b.git',
  'https:///etc',
  'https://exa\nmple.com/',
  'C:\\repo',
  'ext::https://example.com',
  'ftp://example.com/a',
  'https:\\\\example.com',
  'http:evil',
  'https://a%zz:b@example.com/',
  'https://a:%e0%a4%a@example.com/',
  'https://example.com/a.git?token=secret',
  'https://-example.com/a.git',
  'https://+example.com/a.git',
  'https://*.example.com/a.git',
  'https://example.com,evil.test/a.git',
]

describe('parseAddress', () => {
  it.each(REFUSED)('refuses %j', (text) => expect(() => parseAddress(text)).toThrow())
  it.each(['https://[2606:2800:220:1::1]/a.git', 'http://bücher.example:8080/a.git', 'https://my_host/a'])(
    'takes %s',
    (text) => expect(() => parseAddress(text)).not.toThrow(),
  )
  it('takes credentials out of the address', () => {
    const { url, username, password } = parseAddress('https://ada:se%20cret@example.com/a.git#x')
    expect([url.href, username, password]).toEqual(['https://example.com/a.git', 'ada', 'se cret'])
  })
})
