// Paths inside a repository are bytes. Here they become text that people and URLs can carry, and bytes again.
import { Fault } from '../../kit/fault.ts'

const BACKSLASH = 0x5c
const ESCAPE = /\\x([0-9a-f]{2})/g
const LIKE_ESCAPE = /\\(?=x[0-9a-f]{2})/g
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text of any bytes: what is not UTF-8 stands as `\xff`, and a backslash that would read as the start of such as `\x5c`. */
export function pathText(bytes: Buffer): string {
  const text = decodeStrictly(bytes)
  if (text !== undefined) return text.replace(LIKE_ESCAPE, '\\x5c')
  let out = ''
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at)
    const piece = decodeStrictly(bytes.subarray(at, at + Math.max(length, 1)))
    const literal = piece !== undefined && !(bytes[at] === BACKSLASH && looksEscaped(bytes, at))
    out += literal ? piece : `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`
    at += literal ? length : 1
  }
  return out
}

/** The bytes that `pathText` made this text of; text of a person is taken the same way. */
export function pathBytes(text: string): Buffer {
  if (!text.includes('\\x')) return Buffer.from(text)
  const parts: Buffer[] = []
  let from = 0
  for (const match of text.matchAll(ESCAPE)) {
    parts.push(Buffer.from(text.slice(from, match.index)), Buffer.from(match[1] ?? '', 'hex'))
    from = match.index + match[0].length
  }
  parts.push(Buffer.from(text.slice(from)))
  return Buffer.concat(parts)
}

/** The names along a path; undefined when it cannot be one inside a repository. Slashes at its ends do not matter. */
export function pathNames(path: Buffer): Buffer[] | undefined {
  const names: Buffer[] = []
  for (let at = 0; at <= path.length;) {
    const slash = path.indexOf(0x2f, at)
    const end = slash < 0 ? path.length : slash
    const name = path.subarray(at, end)
    if (name.length > 0) names.push(name)
    else if (at !== 0 && end !== path.length) return undefined
    at = end + 1
  }
  const odd = names.some((name) => name.includes(0) || name.equals(DOT) || name.equals(DOTS))
  return odd ? undefined : names
}

const DOT = Buffer.from('.')
const DOTS = Buffer.from('..')

/**
 * A path as git takes it on its command line. It begins with a colon, so it is never an option, and none of its signs
 * means a pattern; `exclude` leaves it out instead. Bytes that are not UTF-8 cannot stand in an argument: there `?` matches any one byte instead.
 */
export function pathspec(path: Buffer, side: 'only' | 'exclude' = 'only'): string {
  // No file is called so: git would refuse it as leading out of the repository, or could not be told it at all.
  if (!pathNames(path)) throw new Fault('git.object')
  const text = decodeStrictly(path)
  const also = side === 'exclude' ? ',exclude' : ''
  if (text !== undefined) return `:(literal${also})${text}`
  const pattern = pathText(path)
    .replace(/\\x5c/g, '\u0000')
    .replace(/\\x[0-9a-f]{2}/g, '\u0001')
    .replace(/[\\*?[\]]/g, '\\$&')
    .replaceAll('\u0000', '\\\\')
    .replaceAll('\u0001', '?')
  return `:(glob${also})${pattern}`
}

/**
 * What a person types to look in some files only, as git takes it: a folder, a file, or a pattern in which `*` stops at
 * slashes and `**` does not. A pattern of one name fits in every folder.
 */
export function globspec(typed: string): string {
  const whole = typed.replace(/^\/+/, '')
  if (!pathNames(Buffer.from(whole)))
    throw new Fault('git.object', { detail: 'No path in a repository looks like this.' })
  const text = whole.replace(/\/+$/, '')
  return `:(glob)${/[*?[]/.test(text) && !text.includes('/') ? '**/' : ''}${text}`
}

function decodeStrictly(bytes: Buffer): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

function looksEscaped(bytes: Buffer, at: number): boolean {
  return /^x[0-9a-f]{2}$/.test(bytes.toString('latin1', at + 1, at + 4))
}

/** How many bytes a UTF-8 sequence that starts here claims to have; 0 where none can start. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  if (first < 0xc2) return 0
  if (first < 0xe0) return 2
  return first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
}
