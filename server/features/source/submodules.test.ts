import { expect, it } from 'vitest'
import { parseGitmodules, repositoryHere } from './submodules.ts'

it('reads what git writes', () => {
  const text = `[submodule "lib"]
\tpath = vendor/lib
\turl = ../lib.git
[submodule "q"]
  url = "https://host/a \\"b\\""
  path = "with space"
[submodule "half"]
\tpath = half
[core]
`
  expect(parseGitmodules(text)).toEqual(
    new Map([
      ['vendor/lib', '../lib.git'],
      ['with space', 'https://host/a "b"'],
    ]),
  )
})

const here = { base: 'http://10.0.0.5:7990', fullName: 'team/app' }

it.each([
  ['../lib.git', 'team/lib'],
  ['../../other/lib', 'other/lib'],
  ['http://10.0.0.5:7990/team/lib.git', 'team/lib'],
  ['https://10.0.0.5:7990/team/lib/', 'team/lib'],
])('%s lies here', (url, name) => {
  expect(repositoryHere(url, here)).toBe(name)
})

it.each([
  'https://example.com/team/lib.git',
  'git@10.0.0.5:team/lib.git',
  'javascript:alert(1)',
  '//evil/team/lib',
  './lib',
  '../../../lib',
  'http://10.0.0.5:7990@evil.example/team/lib',
  'http://10.0.0.5:7990/team/lib/deeper',
  'http://10.0.0.5:7990/team/..%2f..%2fx',
  'file:///etc/passwd',
  '-u',
  '',
])('%s leads nowhere here', (url) => {
  expect(repositoryHere(url, here)).toBeUndefined()
})
