// What `git blame --incremental` prints, as ranges of lines and the commits that made them.
import { parsePerson, type Person } from './commits.ts'

/** A file as a commit had it. */
export interface At {
  commit: string
  path: Buffer
}

export interface BlameRange extends At {
  /** First line in the file that was asked for, from 1. */
  from: number
  lines: number
  /** First line in the file as `commit` made it. */
  source: number
  /** The file before `commit` changed it; undefined where it made the file. */
  previous: At | undefined
}

export interface BlameCommit {
  oid: string
  author: Person
  summary: string
}

export interface Blame {
  /** In the order of lines, without gaps; neighbours differ. */
  ranges: BlameRange[]
  commits: Map<string, BlameCommit>
}

const HEADER = /^([0-9a-f]{40,64}) (\d+) (\d+) (\d+)$/

export function parseBlame(output: Buffer): Blame {
  const ranges: BlameRange[] = []
  const commits = new Map<string, BlameCommit>()
  let fields = new Map<string, string>()
  let head: RegExpExecArray | null = null
  for (const line of output.toString('latin1').split('\n')) {
    // A value may look like a header; a header never has the form of a field.
    const space = line.indexOf(' ')
    if (head === null) {
      head = HEADER.exec(line)
      fields = new Map()
      continue
    }
    const name = space < 0 ? line : line.slice(0, space)
    const value = space < 0 ? '' : line.slice(space + 1)
    fields.set(name, value)
    if (name !== 'filename') continue
    const [, commit = '', source, from, lines] = head
    const at = { commit, source: Number(source), from: Number(from), lines: Number(lines) }
    ranges.push({ ...at, path: unquoted(value), previous: previousOf(fields.get('previous')) })
    if (fields.has('summary')) commits.set(commit, commitOf(commit, fields))
    head = null
  }
  return { ranges: joined(ranges), commits }
}

function commitOf(oid: string, fields: ReadonlyMap<string, string>): BlameCommit {
  const field = (name: string): string => fields.get(name) ?? ''
  const person = `${field('author')} ${field('author-mail')} ${field('author-time')} ${field('author-tz')}`
  return { oid, author: parsePerson(textOf(person)), summary: textOf(field('summary')) }
}

function previousOf(value: string | undefined): At | undefined {
  if (value === undefined) return undefined
  const space = value.indexOf(' ')
  return { commit: value.slice(0, space), path: unquoted(value.slice(space + 1)) }
}

/** As UTF-8 where it is that, else as Latin-1, so that nothing is lost. */
function textOf(latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return latin1
  }
}

const SIGNS: Record<string, number> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 }

/** A path as git prints it: between quotes, with signs of C, where it holds odd ones. */
export function unquoted(text: string): Buffer {
  if (!text.startsWith('"')) return Buffer.from(text, 'latin1')
  const plain = text
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_all, sign: string) =>
      String.fromCharCode(sign.length === 3 ? Number.parseInt(sign, 8) : (SIGNS[sign] ?? 0)),
    )
  return Buffer.from(plain, 'latin1')
}

/** Git tells of pieces as it finds them. */
function joined(found: BlameRange[]): BlameRange[] {
  const ranges: BlameRange[] = []
  for (const next of found.sort((a, b) => a.from - b.from)) {
    const last = ranges.at(-1)
    if (last && goesOn(last, next)) last.lines += next.lines
    else ranges.push(next)
  }
  return ranges
}

function goesOn(last: BlameRange, next: BlameRange): boolean {
  return (
    next.commit === last.commit &&
    next.from === last.from + last.lines &&
    next.source === last.source + last.lines &&
    next.path.equals(last.path)
  )
}
