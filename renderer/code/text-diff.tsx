// The differences between two texts that are both at hand, such as a file and what somebody made of it.
import { structuredPatch } from 'diff'
import { useMemo, useState } from 'react'
import { Empty } from '../parts/states.tsx'
import { anchorOf } from './diff-facts.ts'
import { DiffLines, type View } from './diff-lines.tsx'
import type { Hunk, PatchLine } from './patch.ts'
import { type Block, rowsOf, wantedOf } from './rows.ts'

const CONTEXT = 3
/** Texts that have less in common are not compared: it would take too long. */
const EDITS_MAX = 4000

interface Props {
  before: string
  after: string
  /** For colours. */
  path: string
  view?: View
}

export function TextDiff({ before, after, path, view = 'unified' }: Props) {
  const hunks = useMemo(() => hunksBetween(before, after), [before, after])
  const [blocks, setBlocks] = useState<readonly Block[]>([])
  const lines = useMemo(() => linesOf(after), [after])
  const rows = useMemo(
    () => rowsOf(hunks ?? [], { blocks, size: lines.length, context: CONTEXT }),
    [hunks, blocks, lines.length],
  )
  if (!hunks) return <Empty title="The two differ too much to be shown line by line." />
  if (hunks.length === 0) return <Empty title="Nothing was changed." />
  return (
    <DiffLines
      rows={rows}
      view={view}
      path={path}
      anchor={anchorOf(path)}
      onExpand={(gap, way) => {
        const { from, to } = wantedOf(gap, way)
        setBlocks([...blocks, { from, lines: lines.slice(from - 1, to) }])
      }}
    />
  )
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** Undefined where the texts are too different. */
export function hunksBetween(before: string, after: string): Hunk[] | undefined {
  const patch = structuredPatch('', '', before, after, undefined, undefined, {
    context: CONTEXT,
    maxEditLength: EDITS_MAX,
  })
  return patch?.hunks.map(({ oldStart, newStart, lines }) => {
    const at = { old: oldStart, new: newStart }
    return { header: '', oldStart, newStart, lines: lines.map((line) => lineOf(line, at)) }
  })
}

function lineOf(line: string, at: { old: number; new: number }): PatchLine {
  const text = line.slice(1)
  if (line.startsWith('+')) return { kind: 'added', old: undefined, new: at.new++, text }
  if (line.startsWith('-')) return { kind: 'removed', old: at.old++, new: undefined, text }
  if (line.startsWith('\\')) return { kind: 'note', old: undefined, new: undefined, text: line.slice(2) }
  return { kind: 'context', old: at.old++, new: at.new++, text }
}
