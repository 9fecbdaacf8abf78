// The last commits of the entries of a folder as they are found, a line of JSON for each; and the same in the background
// after a push, so that the next visitor finds them ready.
import { Readable } from 'node:stream'
import type { FolderQuery, LastCommitLine } from '../../contract/source.ts'
import type { Commit } from '../../git/format/commits.ts'
import { pathBytes, pathText } from '../../git/format/paths.ts'
import { readCommits } from '../../git/read/history.ts'
import { lastCommits, type LastCommits } from '../../git/read/lastcommits.ts'
import { findRef } from '../../git/refs/refs.ts'
import { readRefs, resolve } from '../../git/read/revisions.ts'
import { readTree } from '../../git/read/trees.ts'
import { Fault } from '../../kit/fault.ts'
import type { JobRun } from '../../outbox/runner.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { viewById } from '../repositories/actions.ts'
import { repoOf } from '../repositories/door.ts'
import { folderPage } from './folder.ts'
import { keyOf, memoryOf } from './memory.ts'
import { isoTime } from './present.ts'
import { locate } from './source.ts'

/** Of a larger folder only the entries of the page are looked for. */
const WHOLE_MAX = 5000
/** What was found until then is kept: who asks again looks for the rest. */
const DEADLINE_MS = 60_000
/** Commits that are read together for one piece of the stream. */
const TOGETHER = 100
const SUBJECT_MAX = 200

interface Search {
  commit: string
  folder: Buffer
  /** Latin-1; all entries where absent. */
  names: readonly string[] | undefined
}

/** One search for all who ask for the same meanwhile. */
function searchShared(
  rooms: Rooms,
  repository: Pick<RepositoryView, 'id' | 'volume'>,
  { commit, folder, names }: Search,
  signal: AbortSignal,
): AsyncGenerator<LastCommits> {
  const memory = rooms.reads.folders.of(repository.id, folder)
  const key = keyOf(repository.id, commit, folder.toString('latin1'), ...(names ?? []))
  const wish = { commit, folder, memory, ...(names ? { names } : {}) }
  const start = (ended: AbortSignal): AsyncIterable<LastCommits> => {
    const bounded = AbortSignal.any([ended, AbortSignal.timeout(DEADLINE_MS)])
    return lastCommits(rooms.reads, repoOf(rooms, repository), wish, bounded)
  }
  return memoryOf(rooms).underWay.join(key, start, signal)
}

/** Throws at once where there is no such folder; what fails later is the last line. */
export async function lastCommitLines(
  rooms: Rooms,
  repository: RepositoryView,
  wish: FolderQuery & { address: string },
  signal: AbortSignal,
): Promise<Readable> {
  const { commit, entry } = await locate(rooms, repository, wish.address, signal)
  if (entry.kind !== 'folder') throw new Fault('git.object', { detail: 'This is a file, not a folder.' })
  const { told } = memoryOf(rooms)
  const key = keyOf(repository.id, commit, entry.path.toString('latin1'), wish.page, wish.filter)
  const known = told.get(key)
  if (known !== undefined) return Readable.from([known])
  const tree = await readTree(rooms.reads, repoOf(rooms, repository), entry.oid, signal)
  const { total, entries } = folderPage(tree, wish)
  const shown = entries.map(({ name }) => name.toString('latin1'))
  const search = { commit, folder: entry.path, names: total > WHOLE_MAX ? shown : undefined }
  const pieces = searchShared(rooms, repository, search, signal)
  const pages = lines(rooms, repository, { pieces, shown: new Set(shown) }, signal)
  return Readable.from(remembering(pages, (text) => told.set(key, text, 2 * text.length)))
}

const END = lineOf({ end: true })

/** Tells what goes by, once it came to a good end. */
async function* remembering(pieces: AsyncIterable<string>, whole: (text: string) => void): AsyncGenerator<string> {
  const all: string[] = []
  for await (const piece of pieces) {
    all.push(piece)
    yield piece
  }
  if (all.at(-1) === END) whole(all.join(''))
}

async function* lines(
  rooms: Rooms,
  repository: RepositoryView,
  { pieces, shown }: { pieces: AsyncIterable<LastCommits>; shown: ReadonlySet<string> },
  signal: AbortSignal,
): AsyncGenerator<string> {
  try {
    for await (const piece of pieces) {
      const byCommit = [...grouped(piece, shown)]
      for (let at = 0; at < byCommit.length; at += TOGETHER) {
        const some = byCommit.slice(at, at + TOGETHER)
        const oids = some.map(([oid]) => oid)
        const commits = await readCommits(rooms.reads, repoOf(rooms, repository), oids, signal)
        yield commits.map((commit, i) => lineOf(present(commit, some[i]?.[1] ?? []))).join('')
      }
    }
    yield END
  } catch (error) {
    if (signal.aborted) return
    yield lineOf({ failed: inWords(rooms, error) })
  }
}

function grouped(piece: LastCommits, shown: ReadonlySet<string>): Map<string, string[]> {
  const byCommit = new Map<string, string[]>()
  for (const [name, oid] of piece) {
    if (!shown.has(name)) continue
    const names = byCommit.get(oid) ?? []
    names.push(name)
    byCommit.set(oid, names)
  }
  return byCommit
}

function present(commit: Commit, names: readonly string[]): LastCommitLine {
  const [subject = ''] = commit.message.trimStart().split('\n', 1)
  return {
    hash: commit.oid,
    date: isoTime(commit.committer),
    author: commit.author.name,
    message: subject.slice(0, SUBJECT_MAX),
    names: names.map((name) => pathText(Buffer.from(name, 'latin1'))),
  }
}

function lineOf(line: LastCommitLine): string {
  return `${JSON.stringify(line)}\n`
}

function inWords(rooms: Rooms, error: unknown): string {
  if (error instanceof Fault) return error.message
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return 'The history is long: not all of it was searched in time. The next look goes on from here.'
  rooms.log.error({ err: error }, 'the last commits of a folder were not found')
  return 'The last commits could not be found.'
}

/** Folders that are looked at after a push, beside the root: those that people visited last. */
const FILLED = 40

/** After a push: the last commits of what is visited are found on the main branch before anybody asks. */
export async function fillFolders(rooms: Rooms, { job, signal }: JobRun): Promise<void> {
  const view = job.repository_id === null ? undefined : viewById(rooms.db, { kind: 'guest' }, job.repository_id)
  if (view?.mode !== 'open') return
  try {
    await fill(rooms, view, signal)
  } catch (error) {
    signal.throwIfAborted()
    // A repository that is damaged, or a history that is too long for it: pages do without.
    rooms.log.warn({ err: error, repository: view.id }, 'last commits were not found in the background')
  }
}

async function fill(rooms: Rooms, view: RepositoryView, signal: AbortSignal): Promise<void> {
  const repo = repoOf(rooms, view)
  if (!findRef(await readRefs(rooms.reads, repo), `refs/heads/${view.main_branch}`)) return
  const { oid: commit } = await resolve(rooms.reads, repo, view.main_branch, signal)
  const known = await rooms.reads.folders.folders(view.id, FILLED)
  for (const folder of [pathBytes(''), ...known.filter(({ length }) => length > 0)]) {
    try {
      await drain(searchShared(rooms, view, { commit, folder, names: undefined }, signal))
    } catch (error) {
      // The folder is gone since it was visited.
      if (!(error instanceof Fault && error.code === 'git.object')) throw error
    }
  }
  await rooms.reads.folders.settled()
}

async function drain(pieces: AsyncIterable<unknown>): Promise<void> {
  const all = pieces[Symbol.asyncIterator]()
  while (!(await all.next()).done);
}
