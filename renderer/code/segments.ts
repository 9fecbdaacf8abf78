// A line cut into pieces of one look each: the colours of the language and the words that changed, laid over each other.
import type { Span } from './words.ts'

export interface Token {
  content: string
  color?: string | undefined
}

export interface Segment {
  /** Where it begins. */
  at: number
  text: string
  color: string | undefined
  changed: boolean
}

/** Tokens that do not spell the text are not used; spans are in order and do not overlap. */
export function segmentsOf(text: string, tokens: readonly Token[] | undefined, spans: readonly Span[] = []): Segment[] {
  const spelled = tokens?.map(({ content }) => content).join('')
  const pieces: readonly Token[] = tokens && spelled === text ? tokens : [{ content: text }]
  const segments: Segment[] = []
  let at = 0
  for (const { content, color } of pieces) {
    for (const { length, changed } of cut(at, content.length, spans)) {
      segments.push({ at, text: text.slice(at, at + length), color, changed })
      at += length
    }
  }
  return segments
}

/** A piece of a line, where changed words begin and end in it. */
function cut(from: number, length: number, spans: readonly Span[]): { length: number; changed: boolean }[] {
  const end = from + length
  const pieces: { length: number; changed: boolean }[] = []
  let at = from
  const upTo = (stop: number, changed: boolean): void => {
    if (stop > at) pieces.push({ length: stop - at, changed })
    at = Math.max(at, stop)
  }
  for (const span of spans) {
    if (span.to <= at || span.from >= end) continue
    upTo(span.from, false)
    upTo(Math.min(span.to, end), true)
  }
  upTo(end, false)
  return pieces
}
