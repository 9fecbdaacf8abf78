// Who wrote the commits of a history and when, one after the other, under the names that its .mailmap gives them.
import { streamOutput } from '../run/capture.ts'
import { isOid } from '../format/oid.ts'
import type { Repo } from '../refs/refs.ts'
import type { Reads } from './reads.ts'
import { entryAt } from './trees.ts'

export interface Authored {
  name: string
  email: string
  /** Of the author's clock: seconds since 1970, and minutes that it was ahead of UTC. */
  seconds: number
  offset: number
}

export interface AuthorsWish {
  include: string
  exclude: string | undefined
  /** Id of the .mailmap. */
  mailmap: string | undefined
}

const DEADLINE_MS = 10 * 60_000
const MAILMAP_MAX = 1024 * 1024
const NAME_MAX = 200
const LINE_MAX = 64 * 1024

/** The .mailmap of a commit, where there is one of sane size. */
export async function mailmapOf(
  reads: Reads,
  repo: Repo,
  commit: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const entry = await entryAt(reads, repo, { commit, path: Buffer.from('.mailmap') }, signal)
  if (entry?.kind !== 'file' && entry?.kind !== 'executable') return undefined
  const info = await reads.objects.info(repo, entry.oid, signal)
  return info && info.size <= MAILMAP_MAX ? entry.oid : undefined
}

export async function eachAuthored(
  reads: Reads,
  repo: Repo,
  wish: AuthorsWish,
  asked: { signal: AbortSignal; each: (one: Authored) => void },
): Promise<void> {
  const { include, exclude, mailmap = '' } = wish
  if (![include, exclude ?? include].every(isOid)) throw new Error('not an object id')
  // Nothing but this .mailmap: a repository's config could name any file of this machine as one.
  const only = ['-c', 'mailmap.file=', '-c', `mailmap.blob=${mailmap}`]
  const format = ['--no-commit-header', '--date=raw', '--format=%ad%x00%aN%x00%aE']
  const stream = await streamOutput(reads.git, {
    name: 'authors',
    args: [...only, 'rev-list', ...format, '--stdin'],
    repo: repo.id,
    cwd: repo.path,
    input: `${include}\n${exclude === undefined ? '' : `^${exclude}\n`}`,
    lane: 'read',
    deadlineMs: DEADLINE_MS,
    signal: asked.signal,
  })
  for await (const line of linesOf(stream)) asked.each(authoredOf(line))
}

function authoredOf(line: string): Authored {
  const [date = '', name = '', email = ''] = line.split('\0')
  const [, seconds = '0', sign = '+', hours = '0', minutes = '0'] = /^(-?\d+) ([+-])(\d\d)(\d\d)$/.exec(date) ?? []
  const offset = Number(hours) * 60 + Number(minutes)
  return {
    name: name.slice(0, NAME_MAX),
    email: email.slice(0, NAME_MAX),
    seconds: Number(seconds),
    offset: sign === '-' ? -offset : offset,
  }
}

/** Of a line without end, its beginning. */
async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stream) {
    let from = 0
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      yield Buffer.concat([rest, chunk.subarray(from, end)]).toString('utf8')
      rest = Buffer.alloc(0)
      from = end + 1
    }
    rest = Buffer.concat([rest, chunk.subarray(from)]).subarray(0, LINE_MAX)
  }
}
