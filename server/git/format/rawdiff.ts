// Git's -z formats of changes: `--raw` says which files, `--numstat` how many lines. Pure: bytes in, values out.

export type ChangeStatus = 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'retyped'

export interface RawChange {
  status: ChangeStatus
  /** Absent where the file was not there before. */
  oldPath?: Buffer
  /** Absent where it is not there any more. */
  newPath?: Buffer
  oldMode: string
  newMode: string
  oldOid: string
  newOid: string
}

export interface FileChange extends RawChange {
  /** Undefined for binary files, as lines mean nothing there. */
  added: number | undefined
  removed: number | undefined
}

const STATUS: Record<string, ChangeStatus> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'retyped',
}

interface Cursor {
  bytes: Buffer
  at: number
}

/** The text up to the next NUL; undefined at the end or where the last piece is cut off. */
function next(cursor: Cursor): Buffer | undefined {
  const end = cursor.bytes.indexOf(0, cursor.at)
  if (end < 0) return undefined
  const piece = cursor.bytes.subarray(cursor.at, end)
  cursor.at = end + 1
  return piece
}

const COLON = 0x3a

const HEAD = /^:(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])/

function readChange(cursor: Cursor): RawChange | undefined {
  const [, oldMode, newMode, oldOid, newOid, sign] = HEAD.exec(next(cursor)?.toString('latin1') ?? '') ?? []
  const status = STATUS[sign ?? '']
  const paths = status && readPaths(cursor, status)
  return paths ? ({ status, ...paths, oldMode, newMode, oldOid, newOid } as RawChange) : undefined
}

function readPaths(cursor: Cursor, status: ChangeStatus): Pick<RawChange, 'oldPath' | 'newPath'> | undefined {
  const first = next(cursor)
  const second = status === 'renamed' || status === 'copied' ? next(cursor) : first
  if (!first || !second) return undefined
  if (status === 'added') return { newPath: first }
  return status === 'removed' ? { oldPath: first } : { oldPath: first, newPath: second }
}

/** What `--raw -z --no-abbrev` says. */
export function parseRaw(bytes: Buffer): RawChange[] {
  return parseRawHead(bytes).changes
}

/** The same with what follows: `rest` begins behind the last record. */
export function parseRawHead(bytes: Buffer): { changes: RawChange[]; rest: Buffer } {
  const cursor = { bytes, at: 0 }
  const changes: RawChange[] = []
  while (bytes[cursor.at] === COLON) {
    const change = readChange(cursor)
    if (!change) break
    changes.push(change)
  }
  return { changes, rest: bytes.subarray(cursor.at) }
}

/**
 * What `--raw --numstat -z --no-abbrev` says: all of the one, then the other. Git leaves numbers out where nothing but
 * ignored white space changed: those files have none of either.
 */
export function parseRawAndNumstat(bytes: Buffer): FileChange[] {
  const cursor = { bytes, at: 0 }
  const changes: FileChange[] = []
  while (bytes[cursor.at] === COLON) {
    const change = readChange(cursor)
    if (!change) break
    changes.push({ ...change, added: 0, removed: 0 })
  }
  const numbers = readNumbers(cursor)
  for (const change of changes) {
    const counted = numbers.get((change.newPath ?? change.oldPath)?.toString('latin1') ?? '')
    if (counted) Object.assign(change, counted)
  }
  return changes
}

/** By the path that a file has now, or had. */
function readNumbers(cursor: Cursor): Map<string, Pick<FileChange, 'added' | 'removed'>> {
  const numbers = new Map<string, Pick<FileChange, 'added' | 'removed'>>()
  for (let line = next(cursor); line; line = next(cursor)) {
    const [, added = '', removed = '', path = ''] = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(line.toString('latin1')) ?? []
    // A rename leaves its place in the line empty; both paths follow.
    const name = path === '' ? (next(cursor), next(cursor)?.toString('latin1')) : path
    if (name !== undefined) numbers.set(name, { added: numberOf(added), removed: numberOf(removed) })
  }
  return numbers
}

function numberOf(text: string): number | undefined {
  return text === '-' ? undefined : Number(text)
}
