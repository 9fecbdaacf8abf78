// Who made which lines of a file. Git is asked once for each state of the file, whatever commits came after it.
import { parseBlame, type Blame } from '../format/blame.ts'
import { isOid } from '../format/oid.ts'
import { pathNames } from '../format/paths.ts'
import type { Repo } from '../refs/refs.ts'
import type { Git } from '../run/run.ts'
import { Fault } from '../../kit/fault.ts'
import { openFlights } from '../../kit/flight.ts'
import { openLru } from '../../kit/lru.ts'
import { lastChange } from './pathlog.ts'

export interface BlameWish {
  commit: string
  path: Buffer
  /** These lines only, counted from 1; all of them without. */
  span?: { from: number; to: number } | undefined
}

export interface Blames {
  /** The file must be there and have these lines. */
  of: (repo: Repo, wish: BlameWish, signal?: AbortSignal) => Promise<Blame>
  /** To be called before a repository goes, and after a purge. */
  forget: (repoId: string) => void
}

const CACHE_BYTES = 32 * 1024 * 1024
/** How many answers of which commit changed a file last are kept. */
const CHANGES = 20_000
const DEADLINE_MS = 55_000
const OUTPUT_MAX = 64 * 1024 * 1024

export function openBlames(git: Git): Blames {
  const cache = openLru<Blame>(CACHE_BYTES)
  const changes = openLru<string>(CHANGES)
  const join = openFlights<Blame>()
  const find = async (repo: Repo, wish: BlameWish, signal: AbortSignal): Promise<Blame> => {
    const commit = await stateOf(repo, wish, signal)
    const key = keyOf(repo, { ...wish, commit })
    const known = cache.get(key)
    if (known) return known
    const blame = await ask(git, repo, { ...wish, commit }, signal)
    cache.set(key, blame, sizeOf(blame))
    return blame
  }
  /** The commit that gave the file its content: blame of it is that of all commits up to the next change. */
  const stateOf = async (repo: Repo, { commit, path }: BlameWish, signal: AbortSignal): Promise<string> => {
    const key = keyOf(repo, { commit, path })
    const changed = changes.get(key) ?? (await lastChange(git, repo, { commit, path }, signal)) ?? commit
    changes.set(key, changed, 1)
    return changed
  }
  return {
    of: (repo, wish, signal) => join(keyOf(repo, wish), signal, (ended) => find(repo, wish, ended)),
    forget: (repoId) => {
      cache.deletePrefix(`${repoId} `)
      changes.deletePrefix(`${repoId} `)
    },
  }
}

function keyOf(repo: Repo, { commit, path, span }: BlameWish): string {
  return `${repo.id} ${commit} ${span ? `${span.from},${span.to}` : ''} ${path.toString('latin1')}`
}

function sizeOf({ ranges, commits }: Blame): number {
  return 500 + ranges.length * 160 + commits.size * 400
}

/** A list of commits to pass over, or a program to read files with, may stand in a repository's own config. */
const OURS = ['--no-ignore-revs-file', '--no-textconv']

async function ask(git: Git, repo: Repo, { commit, path, span }: BlameWish, signal: AbortSignal): Promise<Blame> {
  if (!isOid(commit)) throw new Error('not an object id')
  const lines = span ? [`-L${Math.trunc(span.from)},${Math.trunc(span.to)}`] : []
  const { stdout } = await git.exec({
    name: 'blame',
    args: ['-c', 'core.quotePath=false', 'blame', '--incremental', ...OURS, ...lines, commit, '--', argument(path)],
    repo: repo.id,
    cwd: repo.path,
    deadlineMs: DEADLINE_MS,
    maxOutput: OUTPUT_MAX,
    signal,
  })
  return parseBlame(stdout)
}

/** Behind `--` git takes it letter by letter, but only a pattern can stand for bytes that are no UTF-8, and blame takes none. */
function argument(path: Buffer): string {
  const text = path.toString()
  if (!pathNames(path) || !Buffer.from(text).equals(path))
    throw new Fault('git.output', { detail: 'The name of this file is not UTF-8: git cannot be asked who wrote it.' })
  return text
}
