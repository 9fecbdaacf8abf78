import { describe, expect, it } from 'vitest'
import type { ChangedFile } from '../../server/contract/changes.ts'
import { anchorOf, lfsOf, nothingToShow, parseAnchor, reasonToFold, sentencesOf, submoduleOf } from './diff-facts.ts'
import { parsePatch, type PatchFile } from './patch.ts'

const file = (more: Partial<ChangedFile> = {}): ChangedFile => ({
  status: 'modified',
  old: 'a',
  new: 'a',
  old_mode: '100644',
  new_mode: '100644',
  added: 1,
  removed: 1,
  is_binary: false,
  folded: null,
  ...more,
})
const patch = (...lines: string[]): PatchFile =>
  parsePatch(`diff --git a/x b/x\n@@ -1,9 +1,9 @@\n${lines.join('\n')}\n`)[0] as PatchFile

describe('in words', () => {
  it('says what no line shows', () => {
    expect(sentencesOf(file())).toEqual([])
    expect(sentencesOf(file({ status: 'renamed', old: 'b', new_mode: '100755' }))).toEqual([
      'Renamed from b.',
      'It was made executable.',
    ])
    expect(sentencesOf(file({ status: 'retyped', new_mode: '120000' }))).toEqual([
      'It was a file and is a symbolic link now.',
    ])
    expect(sentencesOf(file({ status: 'added', old_mode: '000000', new_mode: '120000' }))).toEqual([
      'New as a symbolic link.',
    ])
  })
  it('says why a file is folded', () => {
    expect(reasonToFold(file())).toBeUndefined()
    expect(reasonToFold(file({ added: 1200, removed: 34 }))).toBe('1,234 lines changed.')
    expect(reasonToFold(file({ folded: { why: 'generated', by: 'attributes' } }))).toContain('.gitattributes')
  })
  it('says why there are no lines', () => {
    expect(nothingToShow(file({ is_binary: true }), undefined)).toBe('A binary file.')
    expect(nothingToShow(file({ status: 'added' }), undefined)).toBe('An empty file.')
    expect(nothingToShow(file({ status: 'renamed' }), undefined)).toBe('No line was changed.')
    expect(nothingToShow(file(), undefined)).toBe('Only white space was changed.')
  })
  it('reads submodules and pointers of Git LFS', () => {
    const ids = ['1', '2'].map((digit) => digit.repeat(40))
    expect(submoduleOf(patch(`-Subproject commit ${ids[0]}`, `+Subproject commit ${ids[1]}`))).toEqual({
      before: ids[0],
      after: ids[1],
    })
    const pointer = [
      ' version https://git-lfs.github.com/spec/v1',
      '-oid sha256:1',
      '+oid sha256:2',
      '-size 10',
      '+size 2000',
    ]
    expect(lfsOf(patch(...pointer))).toEqual({ before: '10', after: '2000' })
    expect(lfsOf(patch('-size 10', '+size 11'))).toBeUndefined()
  })
})

describe('anchors', () => {
  it('are read as they are made, and nothing else is', () => {
    const file = anchorOf('src/größe.ts')
    expect(parseAnchor(file)).toEqual({ file })
    expect(parseAnchor(`#${file}-new-12`)).toEqual({ file, side: 'new', line: 12 })
    for (const other of ['', '#lines-3', 'file-xyz', `${file}-both-1`, `${file}-new-`, `${file}-new-1"`])
      expect(parseAnchor(other)).toBeUndefined()
    expect(anchorOf('a')).not.toBe(anchorOf('b'))
  })
})
