// What counts as naming somebody in a commit's message.
import { expect, it } from 'vitest'
import { namesIn } from './mentions.ts'

it.each([
  ['thanks @bob', ['bob']],
  ['@Bob, @ada-lovelace: look. (@x.y)', ['bob', 'ada-lovelace', 'x.y']],
  ['@bob.', ['bob']],
  ['twice @bob and @BOB', ['bob']],
  ['mail to bob@example.com or a.b@host', []],
  ['npm i @types/node, git@host:repo, @@x, user/@y', []],
  ['a decorator @ alone', []],
  ['', []],
])('%s', (text, names) => expect(namesIn(text)).toEqual(names))

it('is looked for where a message begins: whoever pushes could name everybody for megabytes', () => {
  expect(namesIn(`@ada ${'x'.repeat(20_000)} @bob`)).toEqual(['ada'])
})
