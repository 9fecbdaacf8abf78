// What a reader of a file has already and which part it wants, by the headers of its request (RFC 9110).
import type { IncomingHttpHeaders } from 'node:http'

/** Whether the reader has this very state. */
export function hasAlready(headers: IncomingHttpHeaders, etag: string): boolean {
  const known = headers['if-none-match']
  if (known === undefined) return false
  return known.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}

export interface Part {
  start: number
  /** Behind the last byte. */
  end: number
}

/**
 * The bytes that are wanted; undefined for all of them, which is also the answer to what is not understood and to more
 * than one part. `outside`: there are no such bytes.
 */
export function partOf(
  headers: IncomingHttpHeaders,
  file: { size: number; etag: string },
): Part | 'outside' | undefined {
  if (headers['if-range'] !== undefined && headers['if-range'] !== file.etag) return undefined
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range ?? '') ?? []
  if (first === '') return last === '' ? undefined : inside(Math.max(0, file.size - Number(last)), file.size, file.size)
  if (last === '') return inside(Number(first), file.size, file.size)
  return Number(last) < Number(first) ? undefined : inside(Number(first), Number(last) + 1, file.size)
}

function inside(start: number, end: number, size: number): Part | 'outside' {
  return start >= size ? 'outside' : { start, end: Math.min(end, size) }
}
