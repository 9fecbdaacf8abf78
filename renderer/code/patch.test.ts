import { describe, expect, it } from 'vitest'
import { parsePatch } from './patch.ts'

const PATCH = `diff --git a/a.txt b/a.txt
index 1..2 100644
--- a/a.txt
+++ b/a.txt
@@ -1,3 +1,3 @@ function x
 one
-two
+--- not a header
 three
\\ No newline at end of file
diff --git a/old name b/new name
similarity index 100%
rename from old name
rename to new name
diff --git a/pic.png b/pic.png
new file mode 100644
Binary files /dev/null and b/pic.png differ
diff --git a/gone b/gone
deleted file mode 100644
--- a/gone
+++ /dev/null
@@ -1 +0,0 @@
-x
`

describe('parsePatch', () => {
  const files = parsePatch(PATCH)
  it('finds the files and what became of them', () => {
    expect(files.map(({ oldPath, newPath, binary }) => [oldPath, newPath, binary])).toEqual([
      ['a.txt', 'a.txt', false],
      ['old name', 'new name', false],
      [undefined, 'pic.png', true],
      ['gone', undefined, false],
    ])
  })
  it('numbers the lines, and is not fooled by what they say', () => {
    expect(files[0]?.hunks[0]?.lines).toEqual([
      { kind: 'context', old: 1, new: 1, text: 'one' },
      { kind: 'removed', old: 2, new: undefined, text: 'two' },
      { kind: 'added', old: undefined, new: 2, text: '--- not a header' },
      { kind: 'context', old: 3, new: 3, text: 'three' },
      { kind: 'note', old: undefined, new: undefined, text: 'No newline at end of file' },
    ])
    expect([files[0]?.added, files[0]?.removed, files[3]?.removed]).toEqual([1, 1, 1])
  })
  it('tells where each hunk begins, also where a side has no line', () => {
    expect(files[0]?.hunks[0]).toMatchObject({ oldStart: 1, newStart: 1 })
    const [only] = parsePatch('diff --git a/x b/x\n@@ -5,0 +6,2 @@\n+a\n+b\n')
    expect(only?.hunks[0]).toMatchObject({ oldStart: 6, newStart: 6 })
    expect(only?.hunks[0]?.lines[0]).toMatchObject({ new: 6 })
  })
  it('makes nothing of nothing', () => expect(parsePatch('')).toEqual([]))
})
