// What `git grep` prints, read as it comes: files with their matching lines, in flat memory however long a line is.

/** A part of a line; `match` where the pattern was found. */
export interface Piece {
  text: string
  match: boolean
}

export interface MatchLine {
  number: number
  pieces: Piece[]
  /** The line is longer: this is the part around its first match. */
  cut: boolean
}

export interface FileMatches {
  path: Buffer
  lines: MatchLine[]
}

/** The colour by which git marks a match: nobody who wrote the file can have known it. */
export interface Mark {
  /** As a setting of git. */
  colour: string
  /** As it stands in the output. */
  sign: Buffer
}

/** `random`: six bytes. */
export function markOf(random: Buffer): Mark {
  const [r = 0, g = 0, b = 0, r2 = 0, g2 = 0, b2 = 0] = random
  const hex = random.toString('hex')
  return {
    colour: `#${hex.slice(0, 6)} #${hex.slice(6, 12)}`,
    sign: Buffer.from(`\u001b[38;2;${r};${g};${b};48;2;${r2};${g2};${b2}m`),
  }
}

const RESET = Buffer.from('\u001b[m')
/** Bytes of a line that are kept, marks included, and characters of it that are shown. */
const KEPT = 8192
const SHOWN = 400
/** Bytes before the first match of a line that is cut. */
const BEFORE = 80
const FIELD_MAX = 16 * 1024
const [NUL, NEWLINE] = [0, 0x0a]

type Field = 'name' | 'line' | 'column' | 'text'
const AFTER: Record<Field, Field> = { name: 'line', line: 'column', column: 'text', text: 'name' }

export interface GrepReader {
  take: (chunk: Buffer) => void
  /** What was read so far, each file once, in git's order. The last one may go on. */
  readonly files: readonly FileMatches[]
}

/**
 * For `--null --line-number --column --color=always` on a commit whose id stands before each path. What is not `wanted`
 * is read past.
 */
export function openGrepReader(commit: string, mark: Mark, wanted: (path: Buffer) => boolean): GrepReader {
  const files: FileMatches[] = []
  let field: Field = 'name'
  let parts: Buffer[] = []
  let held = 0
  let seen = 0
  let path: Buffer = Buffer.alloc(0)
  const numbers = { line: 0, column: 0 }
  const keep = (bytes: Buffer): void => {
    const from = field === 'text' ? Math.max(0, numbers.column - 1 - BEFORE - seen) : 0
    const room = (field === 'text' ? KEPT : FIELD_MAX) - held
    const kept = bytes.subarray(from, from + Math.max(0, room))
    seen += bytes.length
    held += kept.length
    if (kept.length > 0) parts.push(Buffer.from(kept))
  }
  const close = (): void => {
    const bytes = Buffer.concat(parts)
    if (field === 'name') path = bytes.subarray(commit.length + 1)
    else if (field !== 'text') numbers[field] = Number(bytes.toString('latin1'))
    else if (wanted(path)) {
      const last = files.at(-1)
      const file = last?.path.equals(path) ? last : { path, lines: [] }
      if (file !== last) files.push(file)
      file.lines.push(lineOf(numbers.line, bytes, { sign: mark.sign, whole: seen === held }))
    }
    field = AFTER[field]
    parts = []
    held = 0
    seen = 0
  }
  return {
    take: (chunk) => {
      for (let at = 0; at < chunk.length;) {
        const end = chunk.indexOf(field === 'text' ? NEWLINE : NUL, at)
        keep(chunk.subarray(at, end < 0 ? chunk.length : end))
        if (end < 0) return
        close()
        at = end + 1
      }
    },
    files,
  }
}

function lineOf(number: number, bytes: Buffer, { sign, whole }: { sign: Buffer; whole: boolean }): MatchLine {
  const found: Piece[] = []
  let at = whole ? 0 : firstWhole(bytes)
  while (at < bytes.length) {
    const start = bytes.indexOf(sign, at)
    put(found, bytes.subarray(at, start < 0 ? bytes.length : start), false)
    if (start < 0) break
    const from = start + sign.length
    const end = bytes.indexOf(RESET, from)
    put(found, bytes.subarray(from, end < 0 ? bytes.length : end), true)
    at = end < 0 ? bytes.length : end + RESET.length
  }
  return { number, ...shortened(found, whole) }
}

/** Where the first character begins that was not cut through. */
function firstWhole(bytes: Buffer): number {
  let at = 0
  while (at < 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at++
  return at
}

function put(pieces: Piece[], bytes: Buffer, match: boolean): void {
  if (bytes.length > 0) pieces.push({ text: bytes.toString('utf8'), match })
}

function shortened(found: readonly Piece[], whole: boolean): Pick<MatchLine, 'pieces' | 'cut'> {
  const pieces: Piece[] = []
  let left = SHOWN
  for (const { text, match } of found) {
    if (left > 0) pieces.push({ text: text.slice(0, left), match })
    left -= text.length
  }
  const last = pieces.at(-1)
  if (last) last.text = whole ? last.text.replace(/\r$/, '') : withoutPart(last.text)
  return { pieces: pieces.filter(({ text }) => text !== ''), cut: !whole || left < 0 }
}

/** Without the mark that was cut through at the end, if there is one. */
function withoutPart(text: string): string {
  const at = text.lastIndexOf('\u001b')
  return at < 0 || text.includes('m', at) ? text : text.slice(0, at)
}
