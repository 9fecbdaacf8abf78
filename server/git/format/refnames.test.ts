// Which names git takes for refs, asked of git itself.
import { execFileSync } from 'node:child_process'
import { array, assert, constantFrom, pre, property } from 'fast-check'
import { expect, test } from 'vitest'
import { toBytes, toText, validRefName } from './refnames.ts'

function gitAccepts(name: string): boolean {
  try {
    execFileSync('git', ['check-ref-format', name], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test.each([
  'refs/heads/main',
  'refs/heads/-x',
  'refs/heads/a.lock',
  'refs/heads/a.lock/b',
  'refs/heads/a.locker',
  'refs/heads/.a',
  'refs/heads/a/.b',
  'refs/heads/a.',
  'refs/heads/a/',
  'refs//heads',
  '/refs/heads',
  'refs/heads/a..b',
  'refs/heads/a@{b',
  'refs/heads/@',
  '@',
  'HEAD',
  'refs/heads/a\\b',
  'refs/heads/ü/日本',
  'refs/heads/a b',
  'refs/heads/a\tb',
  'refs/heads/a\u007fb',
  'refs/heads/a*',
  'refs/heads/a?',
  'refs/heads/[a',
  'refs/heads/a^b',
  'refs/heads/a~b',
  'refs/heads/a:b',
  './a',
  'a/b',
])('%j as git says', (name) => expect(validRefName(name)).toBe(gitAccepts(name)))

test('agrees with git on any name', () => {
  const piece = constantFrom(
    'a',
    'B',
    '.',
    '..',
    '/',
    '@',
    '{',
    '.lock',
    '-',
    '~',
    'é',
    '\u0081',
    ' ',
    'refs/',
    '^',
    '*',
  )
  assert(
    property(array(piece, { minLength: 1, maxLength: 7 }), (pieces) => {
      const name = pieces.join('')
      pre(!name.startsWith('-'))
      return validRefName(name) === gitAccepts(name)
    }),
    { numRuns: 150 },
  )
})

test('bytes and text', () => {
  expect(toText(toBytes('refs/heads/ü/日本'))).toBe('refs/heads/ü/日本')
  expect(toBytes('refs/heads/é')).toBe('refs/heads/Ã©')
})
