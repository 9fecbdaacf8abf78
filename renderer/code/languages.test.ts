import { expect, it } from 'vitest'
import { languageOf } from './languages.ts'

it.each([
  ['src/a.ts', 'typescript'],
  ['a.H', 'c'],
  ['Dockerfile', 'docker'],
  ['x/Makefile', 'make'],
  ['CMakeLists.txt', 'cmake'],
  ['.bashrc', 'bash'],
  ['a.constructor', undefined],
  ['LICENSE', undefined],
  ['a.txt', undefined],
])('%s is %s', (path, language) => expect(languageOf(path)).toBe(language))
