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
  const stale = headers['if-range'] !== undefined && headers['if-range'] !== file.etag
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range ?? '') ?? []
  if (stale || (first === '' && last === '')) return undefined
  const from = first === '' ? Math.max(0, file.size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? file.size : Number(last) + 1
  if (to <= from && last !== '' && first !== '') return undefined
  return from >= file.size ? 'outside' : { start: from, end: Math.min(to, file.size) }
}
