// A patch as the rows of a table, in one column or two, with the lines between its hunks that were fetched since.
import type { Hunk, PatchLine } from './patch.ts'

/** Lines of the new side, from this number on. */
export interface Block {
  from: number
  lines: readonly string[]
}

/** Lines of the new side that are not shown; `to` is Infinity where the end of the file is not known. */
export interface Gap {
  from: number
  to: number
  /** Number on the old side minus number on the new. */
  shift: number
  /** What git says stands above the hunk that follows. */
  title: string
}

export type Row =
  | { kind: 'gap'; gap: Gap }
  | { kind: 'line'; line: PatchLine }
  | { kind: 'pair'; left: PatchLine | undefined; right: PatchLine | undefined }

export interface Around {
  /** In any order; they do not overlap with hunks. */
  blocks: readonly Block[]
  /** How many lines the new side has, where it is known. */
  size: number | undefined
  /** Lines of context that git was asked for: a hunk that ends with fewer ends the file. */
  context: number
}

/** All lines in order, and the gaps between them. Without `around`, nothing is known beside the hunks. */
export function rowsOf(hunks: readonly Hunk[], around?: Around): Row[] {
  const rows: Row[] = []
  let [next, shift] = [1, 0]
  for (const hunk of hunks) {
    const title = /^@@.*?@@ ?(.*)$/.exec(hunk.header)?.[1] ?? ''
    shift = hunk.oldStart - hunk.newStart
    rows.push(...between({ from: next, to: hunk.newStart - 1, shift, title }, around?.blocks ?? []))
    for (const line of hunk.lines) rows.push({ kind: 'line', line })
    const [old, fresh] = endOf(hunk)
    next = fresh
    shift = old - fresh
  }
  if (around) rows.push(...between({ from: next, to: lastLine(hunks, around), shift, title: '' }, around.blocks))
  return rows
}

function endOf(hunk: Hunk): [old: number, fresh: number] {
  const count = (kind: PatchLine['kind']): number =>
    hunk.lines.filter((line) => line.kind === kind || line.kind === 'context').length
  return [hunk.oldStart + count('removed'), hunk.newStart + count('added')]
}

function lastLine(hunks: readonly Hunk[], { size, context }: Around): number {
  const last = hunks.at(-1)
  if (size !== undefined || !last) return size ?? 0
  const trailing = last.lines.toReversed().findIndex(({ kind }) => kind !== 'context')
  return trailing < context ? 0 : Infinity
}

/** The blocks that lie in the gap as lines, and what is still hidden around them. */
function between(gap: Gap, blocks: readonly Block[]): Row[] {
  const rows: Row[] = []
  let next = gap.from
  const inside = blocks.filter(({ from }) => from >= gap.from && from <= gap.to)
  for (const { from, lines } of inside.toSorted((a, b) => a.from - b.from)) {
    if (from > next) rows.push({ kind: 'gap', gap: { ...gap, from: next, to: from - 1, title: '' } })
    for (const [i, text] of lines.entries())
      if (from + i >= next && from + i <= gap.to)
        rows.push({ kind: 'line', line: { kind: 'context', old: from + i + gap.shift, new: from + i, text } })
    next = Math.max(next, from + lines.length)
  }
  if (next <= gap.to) rows.push({ kind: 'gap', gap: { ...gap, from: next } })
  return rows
}

/** The same in two columns: what was removed stands beside what was added in its place. */
export function pairsOf(rows: readonly Row[]): Row[] {
  const pairs: Row[] = []
  let left: PatchLine[] = []
  let right: PatchLine[] = []
  const flush = (): void => {
    for (let i = 0; i < Math.max(left.length, right.length); i++)
      pairs.push({ kind: 'pair', left: left[i], right: right[i] })
    left = []
    right = []
  }
  for (const row of rows) {
    if (row.kind !== 'line') {
      flush()
      pairs.push(row)
    } else if (row.line.kind === 'removed') {
      if (right.length > 0) flush()
      left.push(row.line)
    } else if (row.line.kind === 'added') right.push(row.line)
    else {
      // A note belongs to the line before it, on whichever side that is.
      if (row.line.kind === 'note') (right.length > 0 || left.length === 0 ? right : left).push(row.line)
      else {
        flush()
        pairs.push({ kind: 'pair', left: row.line, right: row.line })
      }
    }
  }
  flush()
  return pairs
}

/** How much of a gap one press shows. */
export const STEP = 20
/** More lines than the server gives at once are shown in several steps. */
const ALL_MAX = 5000

export type Way = 'down' | 'up' | 'all'

/** The lines to ask for: after what stands above, before what stands below, or all. */
export function wantedOf({ from, to }: Gap, way: Way): { from: number; to: number } {
  if (way === 'up') return { from: Math.max(from, to - STEP + 1), to }
  return { from, to: Math.min(to, from + (way === 'down' ? STEP : ALL_MAX) - 1) }
}

/** Which of them make sense in this gap. */
export function waysOf({ from, to }: Gap): Way[] {
  if (to - from < STEP) return ['all']
  if (to === Infinity) return ['down', 'all']
  return from === 1 ? ['up', 'all'] : ['down', 'up', 'all']
}
