// Which words of a changed line are new or gone: removed and added lines of one run are compared in pairs.
import { diffWordsWithSpace } from 'diff'
import type { PatchLine } from './patch.ts'

/** Letters of a line, `to` not included. */
export interface Span {
  from: number
  to: number
}

const LINE_MAX = 600
/** Pairs of one file; beyond them whole lines are enough. */
const PAIRS_MAX = 300
const EDITS_MAX = 120
/** Lines that have less than this in common are different lines. */
const COMMON_MIN = 0.35

/** Spans on both sides; undefined where the lines are too long, or have too little in common. */
export function changedWords(before: string, after: string): [Span[], Span[]] | undefined {
  if (Math.max(before.length, after.length) > LINE_MAX) return undefined
  const changes = diffWordsWithSpace(before, after, { maxEditLength: EDITS_MAX })
  if (!changes) return undefined
  const sides: [Span[], Span[]] = [[], []]
  const at: [number, number] = [0, 0]
  let common = 0
  for (const { value, added, removed } of changes) {
    if (!added && !removed) common += value.trim().length
    if (removed) sides[0].push({ from: at[0], to: at[0] + value.length })
    if (added) sides[1].push({ from: at[1], to: at[1] + value.length })
    if (!added) at[0] += value.length
    if (!removed) at[1] += value.length
  }
  const longer = Math.max(before.trim().length, after.trim().length)
  if (common < longer * COMMON_MIN) return undefined
  return [joined(before, sides[0]), joined(after, sides[1])]
}

/** Words that stand beside each other are one span, without the space around them; space alone is one where only it changed. */
function joined(text: string, spans: readonly Span[]): Span[] {
  const whole: Span[] = []
  for (const span of spans) {
    const last = whole.at(-1)
    if (last && text.slice(last.to, span.from).trim() === '') last.to = span.to
    else whole.push({ ...span })
  }
  return whole.map(({ from, to }) => {
    const words = text.slice(from, to)
    if (words.trim() === '') return { from, to }
    return { from: from + words.length - words.trimStart().length, to: to - words.length + words.trimEnd().length }
  })
}

/** The changed words of each line that has a counterpart. */
export function markWords(lines: readonly PatchLine[]): Map<PatchLine, Span[]> {
  const marks = new Map<PatchLine, Span[]>()
  let pairs = 0
  for (const [removed, added] of runsOf(lines)) {
    for (const [i, old] of removed.entries()) {
      const fresh = added[i]
      if (!fresh || pairs++ >= PAIRS_MAX) break
      const spans = changedWords(old.text, fresh.text)
      if (!spans) continue
      marks.set(old, spans[0])
      marks.set(fresh, spans[1])
    }
  }
  return marks
}

/** Removed lines with the added ones that follow at once. */
export function runsOf(lines: readonly PatchLine[]): [PatchLine[], PatchLine[]][] {
  const runs: [PatchLine[], PatchLine[]][] = []
  let run: [PatchLine[], PatchLine[]] | undefined
  for (const line of lines) {
    if (line.kind === 'removed') {
      if (!run || run[1].length > 0) runs.push((run = [[], []]))
      run[0].push(line)
    } else if (line.kind === 'added') {
      if (!run) runs.push((run = [[], []]))
      run[1].push(line)
    } else if (line.kind === 'context') run = undefined
  }
  return runs
}
