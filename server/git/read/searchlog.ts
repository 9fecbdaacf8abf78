// The log of commits that fit: by author, words of the message, time and path. A walk of git itself, page by page.
import { eachLine, streamOutput } from '../run/capture.ts'
import type { LogPage, LogRange } from './history.ts'
import { isOid } from '../format/oid.ts'
import { pathspec } from '../format/paths.ts'
import type { Reads } from './reads.ts'
import type { Repo } from '../refs/refs.ts'
import { Fault } from '../../kit/fault.ts'

/** Texts are looked for as they stand, whatever the case of their letters; times are seconds since 1970, inclusive. */
export interface LogFilter {
  /** Part of `Name <mail>`. */
  author?: string | undefined
  message?: string | undefined
  since?: number | undefined
  until?: number | undefined
  path?: Buffer | undefined
}

const DEADLINE_MS = 45_000
/** Letters beyond ASCII have cases too, where the machine knows them. */
const LETTERS = { LC_ALL: 'C.UTF-8' }

/** As `log`, with those alone that fit. The page before is found again by its last commit, so a push shifts nothing. */
export async function searchLog(
  reads: Reads,
  repo: Repo,
  wish: LogRange & LogFilter,
  signal?: AbortSignal,
): Promise<LogPage> {
  const { include, exclude = [], after, limit } = wish
  const found = await streamOutput(reads.git, {
    name: 'search history',
    args: ['rev-list', ...filters(wish), '--stdin', '--', ...(wish.path ? [pathspec(wish.path)] : [])],
    repo: repo.id,
    cwd: repo.path,
    env: LETTERS,
    lane: 'read',
    input: [...include, ...exclude.map((oid) => `^${oid}`), ''].join('\n'),
    deadlineMs: DEADLINE_MS,
    ...(signal ? { signal } : {}),
  })
  const oids: string[] = []
  let waiting = after !== undefined
  for await (const oid of eachLine(found)) {
    if (!waiting && oids.length === limit) return { oids, next: oids.at(-1) }
    if (!waiting && isOid(oid)) oids.push(oid)
    if (oid === after) waiting = false
  }
  if (waiting) throw new Fault('request.invalid', { detail: 'This page is not known. Begin again at the first.' })
  return { oids, next: undefined }
}

/** What came from outside stands behind the name of its option, never alone. */
function filters({ author, message, since, until }: LogFilter): string[] {
  return [
    '--fixed-strings',
    '--regexp-ignore-case',
    ...(author === undefined ? [] : [`--author=${author}`]),
    ...(message === undefined ? [] : [`--grep=${message}`]),
    // Commits with wrong dates lie between others: the walk must not end at the first one that is too old.
    ...(since === undefined ? [] : [`--since-as-filter=${timeOf(since)}`]),
    ...(until === undefined ? [] : [`--until=${timeOf(until)}`]),
  ]
}

function timeOf(seconds: number): string {
  return `@${Math.max(0, Math.trunc(seconds))} +0000`
}
