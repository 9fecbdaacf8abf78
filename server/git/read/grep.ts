// Finding text in the files of a commit, by git's own search: a page of files at a time, bounded in time and output.
import { randomBytes } from 'node:crypto'
import { Fault } from '../../kit/fault.ts'
import { type FileMatches, markOf, openGrepReader } from '../format/grepout.ts'
import { isOid } from '../format/oid.ts'
import { globspec } from '../format/paths.ts'
import { endFault } from '../run/output.ts'
import type { GitCall, GitEnd } from '../run/run.ts'
import type { Repo } from '../refs/refs.ts'
import type { Reads } from './reads.ts'

export interface GrepWish {
  commit: string
  /** `words`: each of them stands somewhere in the file, as it is. `regexp`: one extended regular expression. */
  mode: 'words' | 'regexp'
  /** Without line ends. */
  patterns: readonly string[]
  caseSensitive: boolean
  /** Only files whose path fits: a folder, a file, or a pattern with `*`, `**` and `?`. */
  path?: string | undefined
  /** Only files behind this one, in git's order. */
  after?: Buffer | undefined
  files: number
  /** Lines of each file. */
  lines: number
}

export interface GrepPage {
  files: (FileMatches & { more: boolean })[]
  /** There are further files. */
  more: boolean
  /** Why this is not all that there is up to here: git was ended before it had looked everywhere. */
  cut: 'time' | 'size' | undefined
}

const DEADLINE_MS = 20_000
/** Bytes that git may print for one page: one line of a file may be most of them. */
const OUTPUT_MAX = 64 * 1024 * 1024

/** Binary files are passed over. Throws `request.invalid` for an expression that is none. */
export async function grep(
  reads: Reads,
  repo: Repo,
  wish: GrepWish,
  asked: { signal?: AbortSignal; share?: string } = {},
): Promise<GrepPage> {
  if (!isOid(wish.commit)) throw new Error('not an object id')
  const mark = markOf(randomBytes(6))
  const call: GitCall = { ...callOf(reads, repo, wish, mark.colour), ...asked }
  const git = await reads.git.start(call)
  git.stdin?.end(`${wish.patterns.join('\n')}\n`)
  const { after } = wish
  const reader = openGrepReader(wish.commit, mark, (path) => !after || Buffer.compare(path, after) > 0)
  let size = 0
  let enough = false
  for await (const chunk of (git.stdout ?? []) as AsyncIterable<Buffer>) {
    size += chunk.length
    reader.take(chunk)
    // The last file may go on: one more than are wanted says that the page is whole.
    enough = reader.files.length > wish.files
    if (enough || size > OUTPUT_MAX) break
  }
  if (enough || size > OUTPUT_MAX) git.kill()
  const end = await git.done
  const cut = enough ? undefined : cutOf(end, call, size)
  const files = reader.files.slice(0, wish.files).map((file) => ({
    path: file.path,
    lines: file.lines.slice(0, wish.lines),
    more: file.lines.length > wish.lines,
  }))
  return { files, more: reader.files.length > wish.files, cut }
}

const COLOURS = ['filename', 'lineNumber', 'column', 'separator', 'selected', 'context', 'function']
const OPTIONS = ['--color=always', '-I', '--no-textconv', '--line-number', '--column', '--null', '--full-name']
const KINDS = { words: ['--fixed-strings', '--all-match'], regexp: ['--extended-regexp'] }

function callOf(reads: Reads, repo: Repo, wish: GrepWish, colour: string): GitCall {
  const { mode, caseSensitive, commit, lines, path } = wish
  const plain = COLOURS.flatMap((name) => ['-c', `color.grep.${name}=`])
  return {
    name: 'search',
    args: [
      ...plain,
      '-c',
      `color.grep.match=${colour}`,
      'grep',
      ...OPTIONS,
      '--threads=2',
      `--max-count=${lines + 1}`,
      ...KINDS[mode],
      ...(caseSensitive ? [] : ['--ignore-case']),
      // Patterns come by stdin, so that none of them is an argument.
      '-f',
      '-',
      commit,
      '--',
      ...(path === undefined ? [] : [globspec(path)]),
    ],
    repo: repo.id,
    cwd: reads.git.home.empty,
    // Bytes that make a character are one in an expression.
    env: { GIT_OBJECT_DIRECTORY: `${repo.path}/objects`, LC_ALL: 'C.UTF-8' },
    lane: 'read',
    deadlineMs: DEADLINE_MS,
  }
}

/** Throws what git failed of; time and size leave what was found so far. */
function cutOf(end: GitEnd, call: GitCall, size: number): GrepPage['cut'] {
  if (end.stopped === 'abort') call.signal?.throwIfAborted()
  if (end.stopped === 'deadline') return 'time'
  if (size > OUTPUT_MAX) return 'size'
  if (end.code === 1 && !end.signal) return undefined
  const unread = /^fatal: (?:In '-' at \d+|command line), '.*': (.+)$/ms.exec(end.stderr)
  if (unread) {
    const detail = `This is no regular expression: ${unread[1]?.trim().split('\n', 1)[0]}.`
    throw new Fault('request.invalid', { detail, fields: { q: [detail] } })
  }
  const fault = endFault(end, undefined)
  if (fault) throw fault
  return undefined
}
