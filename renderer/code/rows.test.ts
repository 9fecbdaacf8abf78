import { describe, expect, it } from 'vitest'
import { parsePatch } from './patch.ts'
import { pairsOf, type Row, rowsOf, wantedOf, waysOf } from './rows.ts'

const PATCH = `diff --git a/x b/x
@@ -10,3 +10,4 @@ function a()
 ten
-eleven
+11
+11.5
 twelve
@@ -40,2 +41,1 @@
 forty
-gone
\\ No newline at end of file
`
const hunks = parsePatch(PATCH)[0]?.hunks ?? []
const words = (rows: Row[]) =>
  rows.map((row) => {
    if (row.kind === 'gap') return `${row.gap.from}-${row.gap.to}${row.gap.title && ` ${row.gap.title}`}`
    if (row.kind === 'line') return `${row.line.old ?? ''}:${row.line.new ?? ''} ${row.line.text}`
    return `${row.left?.text ?? ''} | ${row.right?.text ?? ''}`
  })

describe('rowsOf', () => {
  it('has gaps where lines are hidden', () => {
    expect(words(rowsOf(hunks, { blocks: [], size: undefined, context: 3 }))).toEqual([
      '1-9 function a()',
      '10:10 ten',
      '11: eleven',
      ':11 11',
      ':12 11.5',
      '12:13 twelve',
      '14-40',
      '40:41 forty',
      '41: gone',
      ': No newline at end of file',
    ])
  })
  it('fills them with what was fetched, numbered on both sides', () => {
    const blocks = [
      { from: 38, lines: ['a', 'b', 'c', 'too far'] },
      { from: 14, lines: ['first'] },
      { from: 8, lines: ['eight', 'nine'] },
    ]
    const rows = words(rowsOf(hunks, { blocks, size: 50, context: 3 }))
    expect(rows.slice(0, 3)).toEqual(['1-7', '8:8 eight', '9:9 nine'])
    expect(rows.slice(8, 13)).toEqual(['13:14 first', '15-37', '37:38 a', '38:39 b', '39:40 c'])
    expect(rows.at(-1)).toBe('42-50')
  })
  it('does not know where a file ends whose last hunk has all its context', () => {
    const long = parsePatch('diff --git a/x b/x\n@@ -1,4 +1,5 @@\n+new\n a\n b\n c\n d\n')[0]?.hunks ?? []
    const around = { blocks: [], context: 3 }
    expect(words(rowsOf(long, { ...around, size: undefined })).at(-1)).toBe('6-Infinity')
    expect(words(rowsOf(long, { ...around, size: 5 })).at(-1)).toBe('4:5 d')
  })
  it('hides nothing where the hunks are all there is', () => {
    const whole = parsePatch('diff --git a/x b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n')[0]?.hunks ?? []
    expect(words(rowsOf(whole))).toEqual([':1 a', ':2 b'])
  })
})

describe('pairsOf', () => {
  it('puts what replaces beside what is replaced', () => {
    expect(words(pairsOf(rowsOf(hunks)))).toEqual([
      '1-9 function a()',
      'ten | ten',
      'eleven | 11',
      ' | 11.5',
      'twelve | twelve',
      '14-40',
      'forty | forty',
      'gone | ',
      'No newline at end of file | ',
    ])
  })
  it('begins anew where lines are removed after some were added', () => {
    const text = 'diff --git a/x b/x\n@@ -1,2 +1,2 @@\n+a\n-b\n-c\n+d\n'
    expect(words(pairsOf(rowsOf(parsePatch(text)[0]?.hunks ?? [])))).toEqual([' | a', 'b | d', 'c | '])
  })
})

const gap = (from: number, to: number) => ({ from, to, shift: 0, title: '' })

describe('ways through a gap', () => {
  it('are those that make sense there', () => {
    expect(waysOf(gap(5, 20))).toEqual(['all'])
    expect(waysOf(gap(1, 500))).toEqual(['up', 'all'])
    expect(waysOf(gap(5, 500))).toEqual(['down', 'up', 'all'])
    expect(waysOf(gap(5, Infinity))).toEqual(['down', 'all'])
  })
  it('ask for lines at their end of it', () => {
    expect(wantedOf(gap(5, 500), 'down')).toEqual({ from: 5, to: 24 })
    expect(wantedOf(gap(5, 500), 'up')).toEqual({ from: 481, to: 500 })
    expect(wantedOf(gap(5, 500), 'all')).toEqual({ from: 5, to: 500 })
    expect(wantedOf(gap(5, Infinity), 'all')).toEqual({ from: 5, to: 5004 })
  })
})
