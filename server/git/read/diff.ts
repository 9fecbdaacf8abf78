// What changed between two commits: as a patch for people and programs, and as a list of files with numbers of lines.
import type { Readable } from 'node:stream'
import { captureHead, streamOutput } from '../run/capture.ts'
import { openDiffTree, type DiffTree } from './difftree.ts'
import { EMPTY_TREE, isOid } from '../format/oid.ts'
import { pathspec } from '../format/paths.ts'
import { splitPatches, type FilePatch } from '../format/patches.ts'
import { parseRaw, parseRawAndNumstat, type FileChange } from '../format/rawdiff.ts'
import type { Reads } from './reads.ts'
import type { Repo } from '../refs/refs.ts'
import type { Git, GitCall } from '../run/run.ts'
import { Fault } from '../../kit/fault.ts'

export interface DiffWish {
  /** Commit; null for nothing at all. */
  from: string | null
  to: string
  /** Only these files, or what is below these folders. */
  paths?: readonly Buffer[]
  /** Lines around each change. Default 3. */
  context?: number
  ignoreWhitespace?: boolean
  /** Default true. */
  renames?: boolean
  /** All but these files. */
  without?: readonly Buffer[]
}

const CONTEXT_MAX = 100_000
/** Larger patches are streamed. */
const QUICK_MAX = 1024 * 1024
const DEADLINE_MS = 60_000
/** For what is streamed: the reader may be slow, but git has an end. */
const STREAM_MS = 15 * 60_000

/** The patches that are asked for most, of whole commits in the usual form, come from a process that stays. */
export function openPatches(git: Git): DiffTree {
  return openDiffTree(git, { name: 'patches', args: ['-r', '--patch', ...PATCH, '--unified=3', '--find-renames'] })
}

/** The whole patch: in hand where it is small, else as a stream in flat memory. */
export async function diffBody(
  reads: Reads,
  repo: Repo,
  wish: DiffWish,
  signal?: AbortSignal,
): Promise<Buffer | Readable> {
  const { from, to } = wish
  if (isUsual(wish) && from !== null) {
    const { data, truncated } = await reads.patches.ask(repo, { from, to }, { max: QUICK_MAX, signal })
    if (!truncated) return data
  }
  return diffStream(reads, repo, wish, signal)
}

function isUsual(wish: DiffWish): boolean {
  const { paths = [], without = [], context = 3, ignoreWhitespace = false, renames = true } = wish
  return paths.length + without.length === 0 && context === 3 && !ignoreWhitespace && renames
}

/** A patch of any size. */
export function diffStream(reads: Reads, repo: Repo, wish: DiffWish, signal?: AbortSignal): Promise<Readable> {
  return streamOutput(reads.git, { ...call(repo, 'diff', patchArgs(wish), signal), deadlineMs: STREAM_MS })
}

/** One record per file, in git's order. Throws `git.output` when there are far too many to show. */
export async function diffstat(reads: Reads, repo: Repo, wish: DiffWish, signal?: AbortSignal): Promise<FileChange[]> {
  const args = diffArgs(wish, ['--raw', '--numstat', '-z', '--no-abbrev'])
  return parseRawAndNumstat((await reads.git.exec(call(repo, 'diffstat', args, signal))).stdout)
}

export interface Changes {
  files: FileChange[]
  /** Whether lines were counted: of very many or very large files it would take too long. */
  counted: boolean
  /** There are more files than these. */
  truncated: boolean
}

const COUNT_DEADLINE_MS = 20_000
const NAMES_MAX = 4 * 1024 * 1024

/** What a page shows of a comparison before any patch: the same list, and where it would be too much, names alone. */
export async function listChanges(reads: Reads, repo: Repo, wish: DiffWish, signal?: AbortSignal): Promise<Changes> {
  const both = diffArgs(wish, ['--raw', '--numstat', '-z', '--no-abbrev'])
  try {
    const counting = { ...call(repo, 'list changes', both, signal), deadlineMs: COUNT_DEADLINE_MS }
    const { stdout } = await reads.git.exec(counting)
    return { files: parseRawAndNumstat(stdout), counted: true, truncated: false }
  } catch (error) {
    if (!(error instanceof Fault) || (error.code !== 'git.output' && error.code !== 'git.deadline')) throw error
  }
  const names = diffArgs({ ...wish, renames: false }, ['--raw', '-z', '--no-abbrev'])
  const { data, truncated } = await captureHead(reads.git, call(repo, 'list changes', names, signal), NAMES_MAX)
  const files = parseRaw(data).map((change) => Object.assign(change, { added: undefined, removed: undefined }))
  return { files, counted: false, truncated }
}

const PATCHES_MAX = 4 * 1024 * 1024

/** The patches of a few files at once, of each at most `maxBytes`. */
export async function filePatches(
  reads: Reads,
  repo: Repo,
  { maxBytes, ...wish }: DiffWish & { maxBytes: number },
  signal?: AbortSignal,
): Promise<FilePatch[]> {
  const args = patchArgs(wish, ['--patch-with-raw', '-z', '--no-abbrev'])
  const { data, truncated } = await captureHead(reads.git, call(repo, 'file patches', args, signal), PATCHES_MAX)
  return splitPatches(data, { truncated, maxBytes })
}

/** One commit as a mail, against its first parent. */
export function patchOf(reads: Reads, repo: Repo, commit: string, signal?: AbortSignal): Promise<Readable> {
  const args = [
    'log',
    '-1',
    '--format=email',
    '--patch-with-stat',
    '--first-parent',
    '-m',
    '--root',
    ...SAFE,
    id(commit),
  ]
  return streamOutput(reads.git, { ...call(repo, 'patch', args, signal), deadlineMs: STREAM_MS })
}

/** A mail for each commit that `include` reaches and `exclude` does not, oldest first; merges are left out. */
export function patchSeries(
  reads: Reads,
  repo: Repo,
  range: { include: string; exclude: string },
  signal?: AbortSignal,
): Promise<Readable> {
  const span = `${id(range.exclude)}..${id(range.include)}`
  const args = ['format-patch', '--stdout', '--no-signature', '--no-attach', '--no-thread', ...SAFE, span]
  return streamOutput(reads.git, { ...call(repo, 'patch', args, signal), deadlineMs: STREAM_MS })
}

const SAFE = ['--no-ext-diff', '--no-textconv', '--no-color']
const PATCH = ['--full-index', '--src-prefix=a/', '--dst-prefix=b/']

function patchArgs(wish: DiffWish, format = ['--patch']): string[] {
  const context = Math.trunc(Math.min(Math.max(wish.context ?? 3, 0), CONTEXT_MAX))
  return diffArgs(wish, [...format, ...PATCH, `--unified=${context}`])
}

function diffArgs(wish: DiffWish, format: string[]): string[] {
  const { from, to, paths = [], without = [], ignoreWhitespace = false, renames = true } = wish
  return [
    'diff-tree',
    '-r',
    ...SAFE,
    ...format,
    renames ? '--find-renames' : '--no-renames',
    ...(ignoreWhitespace ? ['--ignore-all-space'] : []),
    id(from ?? EMPTY_TREE),
    id(to),
    '--',
    ...paths.map((path) => pathspec(path)),
    ...without.map((path) => pathspec(path, 'exclude')),
  ]
}

function id(oid: string): string {
  if (!isOid(oid)) throw new Error('not an object id')
  return oid
}

/** Names of files stand in patches as they are; only control characters are quoted. */
function call(repo: Repo, name: string, args: string[], signal: AbortSignal | undefined): GitCall {
  return {
    name,
    args: ['-c', 'core.quotePath=false', ...args],
    repo: repo.id,
    cwd: repo.path,
    deadlineMs: DEADLINE_MS,
    ...(signal ? { signal } : {}),
  }
}
