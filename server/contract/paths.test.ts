import { describe, expect, it } from 'vitest'
import { namesOf, pathProblem } from './paths.ts'

describe('paths that an edit may write', () => {
  it.each([
    'README.md',
    '/README.md',
    'src/deep/er/a.txt',
    '.gitignore',
    '.github/a.yml',
    'a b/ü.txt',
    'git~a',
    'ab:c',
  ])('%s', (path) => expect(pathProblem(path)).toBeUndefined())
  it.each([
    ['', 'Enter a path.'],
    ['/', 'Enter a path.'],
    ['.git/x', '.git is a name that belongs to git itself.'],
    ['a/.GIT/config', '.GIT is a name that belongs to git itself.'],
    ['GIT~1', 'GIT~1 is a name that belongs to git itself.'],
    ['.g\u200cit/hooks', '.git is a name that belongs to git itself.'],
    ['.git./x', '.git. is a name that belongs to git itself.'],
    ['.git::$INDEX_ALLOCATION/x', '.git::$INDEX_ALLOCATION is a name that belongs to git itself.'],
    ['a/../b', '.. cannot stand in a path.'],
    ['./a', '. cannot stand in a path.'],
    ['//etc/passwd', 'A folder or file in the path has no name.'],
    ['a//b', 'A folder or file in the path has no name.'],
    ['a/', 'A folder or file in the path has no name.'],
    ['a\0b', 'Control characters cannot stand in a path.'],
    ['a\nb', 'Control characters cannot stand in a path.'],
    ['a\\b', 'A backslash cannot stand in a path. Use / between folders.'],
    ['C:/x', 'A drive letter cannot stand in a path.'],
    ['a./b', 'A name cannot end with a dot or a space: Windows could not store it.'],
    ['a ', 'A name cannot end with a dot or a space: Windows could not store it.'],
    ['\ud800', 'A path must be UTF-8.'],
    ['ü'.repeat(128), 'A name can have 255 bytes at most.'],
    ['a/'.repeat(101) + 'a', 'The path is too long.'],
  ])('not %j', (path, problem) => expect(pathProblem(path)).toBe(problem))

  it('counts from the root with and without a slash before it', () => {
    expect(namesOf('/a/b')).toEqual(['a', 'b'])
    expect(namesOf('a/b')).toEqual(['a', 'b'])
  })
})
