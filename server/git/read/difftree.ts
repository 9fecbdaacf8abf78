// Differences between commits from a `git diff-tree` that stays: no process is started per comparison.
import { randomBytes } from 'node:crypto'
import type { Head } from '../run/capture.ts'
import { isOid } from '../format/oid.ts'
import type { Repo } from '../refs/refs.ts'
import { openResidents, type AnswerReader } from './resident.ts'
import type { Git } from '../run/run.ts'

export interface Pair {
  /** Null for a commit without parents. */
  from: string | null
  to: string
}

export interface DiffTree {
  /** What git prints for this pair, at most `max` bytes of it. Both are commits. */
  ask: (repo: Repo, pair: Pair, options: { max: number; signal?: AbortSignal | undefined }) => Promise<Head>
  forget: (repoId: string) => void
  close: () => void
}

export interface DiffTreeKind {
  name: string
  /** How and of what: options of diff-tree, and paths behind `--`. */
  args: string[]
  processes?: number
}

/** A process holds about a kilobyte for each commit that it met. */
const ANSWERS = 16_384

export function openDiffTree(git: Git, kind: DiffTreeKind): DiffTree {
  const fixed = ['-c', 'core.quotePath=false', 'diff-tree', '--stdin', '--root', '--no-commit-id']
  const safe = ['--no-ext-diff', '--no-textconv', '--no-color']
  const residents = openResidents(git, {
    name: kind.name,
    args: [...fixed, ...safe, ...kind.args],
    processes: kind.processes ?? 1,
    repositories: 8,
    idleMs: 30_000,
    answers: ANSWERS,
  })
  return {
    ask: (repo, { from, to }, { max, signal }) => {
      if (!isOid(to) || (from !== null && !isOid(from))) throw new Error('not an object id')
      // A line that is no object id comes back as it is, and with it all that was printed before. Nobody who writes
      // files can know this one.
      const mark = `end ${randomBytes(16).toString('hex')}\n`
      const input = `${to}${from === null ? '' : ` ${from}`}\n${mark}`
      return residents.ask(repo, { input, reader: () => openReader(Buffer.from(mark), max), signal })
    },
    forget: residents.forget,
    close: residents.close,
  }
}

/** Takes all up to the mark. */
function openReader(mark: Buffer, max: number): AnswerReader<Head> {
  const chunks: Buffer[] = []
  let size = 0
  let rest = Buffer.alloc(0)
  const keep = (bytes: Buffer): void => {
    if (size <= max) chunks.push(bytes)
    size += bytes.length
  }
  return {
    take: (bytes) => {
      const window = Buffer.concat([rest, bytes])
      const at = window.indexOf(mark)
      // The mark may be cut in two.
      const end = at < 0 ? Math.max(0, window.length - mark.length + 1) : at
      keep(window.subarray(0, end))
      rest = window.subarray(end)
      return at < 0 ? undefined : window.subarray(at + mark.length)
    },
    get cut() {
      return size > max
    },
    value: () => ({ data: Buffer.concat(chunks).subarray(0, max), truncated: size > max }),
  }
}
