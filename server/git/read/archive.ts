// All files of a commit as one archive, made by git and streamed in flat memory.
import type { Readable } from 'node:stream'
import { Fault } from '../../kit/fault.ts'
import { isOid } from '../format/oid.ts'
import { streamOutput } from '../run/capture.ts'
import type { GitCall } from '../run/run.ts'
import type { Repo } from '../refs/refs.ts'
import type { Reads } from './reads.ts'

export type ArchiveFormat = 'zip' | 'tar.gz'

export interface ArchiveWish {
  commit: string
  format: ArchiveFormat
  /** The folder that everything in it stands in: letters, digits, dots, dashes and underscores. */
  folder: string
}

/** The reader may be slow, but git has an end. */
const STREAM_MS = 60 * 60_000
const COUNT_MS = 30_000
/** A zip keeps a line about each file until its end, and a tree of few objects can hold files without end. */
const FILES_MAX = 1_000_000

/** Throws `git.output` for a commit of more files than anybody unpacks. */
export async function archive(reads: Reads, repo: Repo, wish: ArchiveWish, signal: AbortSignal): Promise<Readable> {
  const { commit, format, folder } = wish
  if (!isOid(commit) || !/^\w[\w.-]*$/.test(folder)) throw new Error('not an object id, or no name of a folder')
  if (await hasMore(reads, repo, { commit, signal }))
    throw new Fault('git.output', { detail: 'This commit has too many files for an archive. Clone it instead.' })
  // Git packs by itself: a program of another name is never looked for.
  const own = ['-c', 'tar.tar.gz.command=git archive gzip']
  const args = [...own, 'archive', `--format=${format}`, `--prefix=${folder}/`, commit]
  return streamOutput(reads.git, { ...callOf(reads, repo, 'archive', args), deadlineMs: STREAM_MS, signal })
}

async function hasMore(reads: Reads, repo: Repo, at: { commit: string; signal: AbortSignal }): Promise<boolean> {
  const args = ['ls-tree', '-r', '-z', '--name-only', '--full-tree', at.commit]
  const call = {
    ...callOf(reads, repo, 'count files', args),
    lane: 'read',
    deadlineMs: COUNT_MS,
    signal: at.signal,
  } as const
  let count = 0
  for await (const chunk of (await streamOutput(reads.git, call)) as AsyncIterable<Buffer>) {
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, end + 1)) count++
    if (count > FILES_MAX) return true
  }
  return false
}

/** On the repository's objects alone: filters and formats that its config names are programs. */
function callOf(reads: Reads, repo: Repo, name: string, args: string[]): GitCall {
  const env = { GIT_OBJECT_DIRECTORY: `${repo.path}/objects` }
  return { name, args, repo: repo.id, cwd: reads.git.home.empty, env }
}
