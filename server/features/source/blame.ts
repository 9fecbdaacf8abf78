// Blame of a file for people: which lines, whose they are, and a sentence where there is nothing to tell.
import type { BlamePage, BlameRange as WireRange } from '../../contract/blame.ts'
import type { Blame, BlameCommit, BlameRange } from '../../git/format/blame.ts'
import { pathText } from '../../git/format/paths.ts'
import type { Entry } from '../../git/read/trees.ts'
import { Fault } from '../../kit/fault.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'
import { type Lines, readLines, type Span } from './lines.ts'
import { isoTime } from './present.ts'
import { bodyOfFile, locate, sizeOfFile } from './source.ts'

/** Files up to this are asked about as a whole, larger ones in pieces. */
const WHOLE_BYTES = 1024 * 1024
const WHOLE_LINES = 20_000
/** Lines of a piece, and the most of one answer. */
const PIECE = 5000
const LARGEST = 20 * 1024 * 1024

export interface BlameAsk {
  address: string
  from: number
  to: number | undefined
  signal: AbortSignal
}

export async function blameOf(rooms: Rooms, repository: RepositoryView, ask: BlameAsk): Promise<BlamePage> {
  const { from, signal } = ask
  const repo = repoOf(rooms, repository)
  const { commit, entry } = await locate(rooms, repository, ask.address, signal)
  refuse(entry)
  const span = { from, to: Math.min(ask.to ?? Infinity, from + PIECE - 1) }
  const size = await sizeOfFile(rooms, repository, entry, signal)
  if (size > LARGEST)
    throw new Fault('git.output', { detail: 'This file is too large to ask who wrote each of its lines.' })
  const lines = await readLines(await bodyOfFile(rooms, repository, { oid: entry.oid, size }, signal), span)
  check(lines, span)
  const to = Math.min(span.to, lines.total)
  const found: Blame[] = []
  for (const piece of piecesOf({ from, to }, { size, total: lines.total })) {
    found.push(await rooms.reads.blames.of(repo, { commit, path: entry.path, span: piece }, signal))
  }
  const ranges = found.flatMap((blame) => blame.ranges).flatMap((range) => cut(range, { from, to }))
  const named = new Set(ranges.map((range) => range.commit))
  return {
    commit,
    path: pathText(entry.path),
    total: lines.total,
    from,
    to,
    text: lines.text,
    ranges: ranges.map(presentRange),
    commits: [...named].map((oid) => presentCommit(commitIn(found, oid))),
  }
}

const NO_LINES: Partial<Record<Entry['kind'], string>> = {
  folder: 'This is a folder: only files have lines that somebody wrote.',
  submodule: 'This is a submodule: its files are in another repository.',
  symlink: 'This is a symbolic link: there are no lines in it.',
}

function refuse({ kind }: Entry): void {
  const detail = NO_LINES[kind]
  if (detail !== undefined) throw new Fault('git.object', { detail })
}

function check({ isBinary, total }: Lines, { from, to }: Span): void {
  if (isBinary) throw new Fault('git.output', { detail: 'This is a binary file: there are no lines in it.' })
  if (to < from) throw new Fault('request.invalid', { detail: 'The last line comes before the first.' })
  if (from > Math.max(total, 1)) throw new Fault('request.invalid', { detail: `The file has ${total} lines.` })
}

/** What git is asked for so that the lines are among it: undefined stands for the whole file. */
function piecesOf({ from, to }: Span, file: { size: number; total: number }): (Span | undefined)[] {
  if (file.total === 0) return []
  if (file.size <= WHOLE_BYTES && file.total <= WHOLE_LINES) return [undefined]
  const pieces: Span[] = []
  for (let at = Math.floor((from - 1) / PIECE) * PIECE; at < to; at += PIECE)
    pieces.push({ from: at + 1, to: Math.min(at + PIECE, file.total) })
  return pieces
}

function cut(range: BlameRange, { from, to }: Span): BlameRange[] {
  const first = Math.max(range.from, from)
  const end = Math.min(range.from + range.lines, to + 1)
  if (end <= first) return []
  return [{ ...range, from: first, lines: end - first, source: range.source + first - range.from }]
}

function presentRange({ path, previous, ...range }: BlameRange): WireRange {
  return {
    ...range,
    path: pathText(path),
    previous: previous ? { commit: previous.commit, path: pathText(previous.path) } : null,
  }
}

function commitIn(found: readonly Blame[], oid: string): BlameCommit {
  const blame = found.find(({ commits }) => commits.has(oid))
  const commit = blame?.commits.get(oid)
  if (!commit) throw new Error('git told of lines without their commit')
  return commit
}

function presentCommit({ oid, author, summary }: BlameCommit) {
  return { hash: oid, author: { name: author.name, email: author.email }, date: isoTime(author), summary }
}
