// Nothing that somebody typed becomes a header or markup of a mail.
import { describe, expect, it } from 'vitest'
import { MailAddress } from '../../contract/mail.ts'
import { htmlOf, subjectOf, textOf } from './letter.ts'

describe('a letter', () => {
  it('has a subject of one line', () => {
    expect(subjectOf('Hello\r\nBcc: eve@evil.test\u2028\u202ex')).toBe('Hello Bcc: eve@evil.test x')
    expect(subjectOf('x'.repeat(1000)).length).toBe(200)
  })
  it('escapes all that is in it', () => {
    const html = htmlOf({
      subject: 's',
      lines: ['<script>alert(1)</script> & "you"'],
      link: { label: '<b>', url: 'https://a.test/"><img src=x>' },
      foot: "<i>'",
    })
    expect(html).not.toMatch(/<(script|b|img|i)\b/)
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;you&quot;')
    expect(html).toContain('href="https://a.test/&quot;&gt;&lt;img src=x&gt;"')
  })
  it('says the same as text', () => {
    const letter = { subject: 's', lines: ['One', 'Two'], link: { label: 'Open', url: 'http://a/b' }, foot: 'Why.' }
    expect(textOf(letter)).toBe('One\n\nTwo\n\nOpen:\nhttp://a/b\n\n-- \nWhy.')
  })
})

it.each(['a@b', 'Ada.L+x@mail.example.com'])('%s is an address', (text) =>
  expect(MailAddress.safeParse(text).success).toBe(true),
)
it.each([
  '"a@evil.test x"@b',
  'a@b, c@d',
  'a@b\r\nBcc: c@d',
  'a@b>',
  '<a@b>',
  'group:a@b;',
  'a(c)@b',
  'a@b..c',
  '@b',
  'a@',
  'a b@c',
  'a@-b',
])('%j is none', (text) => expect(MailAddress.safeParse(text).success).toBe(false))
