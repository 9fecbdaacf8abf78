// What a person typed to search for, as the patterns that git takes. Pure.
import type { GrepWish } from '../../git/read/grep.ts'

const WORD = /"([^"]*)"|(\S+)/g
const MOST = 20

/** Words stand apart by spaces; between quotation marks spaces belong to the word. An expression is taken whole. */
export function patternsOf(q: string, mode: GrepWish['mode']): string[] {
  if (mode === 'regexp') return q === '' ? [] : [q]
  const words = [...q.matchAll(WORD)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  return [...new Set(words)].filter((word) => word !== '').slice(0, MOST)
}
