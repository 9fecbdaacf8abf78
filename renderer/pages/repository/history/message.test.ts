import { describe, expect, it } from 'vitest'
import { personOf, splitMessage, splitSubject } from './message.ts'

const links = (text: string) =>
  splitMessage(text)
    .filter(({ kind }) => kind !== 'text')
    .map(({ text }) => text)

describe('messages', () => {
  it('link pages and commits, without what closes the sentence', () => {
    const id = 'a'.repeat(40)
    expect(links(`See https://example.com/a?b=c. (And http://x.test/), fixes ${id}!`)).toEqual([
      'https://example.com/a?b=c',
      'http://x.test/',
      id,
    ])
  })
  it('link nothing else', () => {
    for (const text of [
      'javascript:alert(1)',
      'data:text/html,x',
      'ftp://x',
      'abcdef0',
      `x${'a'.repeat(40)}`,
      'https://',
    ])
      expect(links(text)).toEqual([])
    expect(links('https://a.test/"onmouseover="x')).toEqual(['https://a.test/'])
  })
  it('lose nothing', () => {
    const text = 'One https://a.test/b, two\n\nthree'
    expect(
      splitMessage(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text)
  })
  it('have a first line and the rest', () => {
    expect(splitSubject('One\n\nTwo\nThree\n')).toEqual({ subject: 'One', body: 'Two\nThree' })
    expect(splitSubject('')).toEqual({ subject: '', body: '' })
  })
})

it('people have a name and an address', () => {
  expect(personOf('Ada L <ada@x>')).toEqual({ name: 'Ada L', mail: 'ada@x' })
  expect(personOf('<ada@x>')).toEqual({ name: 'ada@x', mail: 'ada@x' })
  expect(personOf('nobody')).toEqual({ name: 'nobody', mail: '' })
})
