// Keeping repositories quick and clean in the background: commit-graph, packed refs, few packs, no litter of the dead.
import type { Dirent } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Git } from '../run/run.ts'
import type { Repo } from '../refs/refs.ts'

const LOOSE_REFS = 50
const PACKS = 8
const WORTH_A_BITMAP = 1024 * 1024
const READERS = new Set([
  'cat-file',
  'diff-tree',
  'diff',
  'upload-pack',
  'log',
  'format-patch',
  'rev-list',
  'blame',
  'archive',
  'ls-tree',
])
const LITTER = /^(tmp_objdir-|tmp_pack_|tmp_idx_|tmp_rev_|tmp_bitmap_|tmp_obj_|tmp_graph_|\.tmp-)|\.lock$/

export interface Tidied {
  /** What the folder takes on disk. */
  bytes: number
  /** Packs were replaced: readers that hold the old ones open keep them on disk. */
  repacked: boolean
}

/** What a push leaves to be done. Repeating it is safe; so is stopping it. */
export async function afterPush(git: Git, repo: Repo, signal?: AbortSignal): Promise<Tidied> {
  await refreshGraph(git, repo, signal)
  if ((await countLooseRefs(repo)) > LOOSE_REFS) await packRefs(git, repo, signal)
  const repacked = (await countPacks(repo)) > PACKS
  if (repacked) await repack(git, repo, { signal })
  else if (await lacksBitmap(repo)) await writeBitmap(git, repo, signal)
  return { bytes: await sizeOf(repo), repacked }
}

/** Only what is new is written; pages and the connectivity check of pushes read history from it. */
export async function refreshGraph(git: Git, repo: Repo, signal?: AbortSignal): Promise<void> {
  const args = ['commit-graph', 'write', '--reachable', '--split', '--changed-paths', '--no-progress']
  await background(git, repo, { name: 'commit-graph', args, signal })
}

export async function packRefs(git: Git, repo: Repo, signal?: AbortSignal): Promise<void> {
  await background(git, repo, { name: 'pack-refs', args: ['pack-refs', '--all', '--prune'], signal })
}

export interface RepackOptions {
  /** One pack with everything, the cheapest to clone from; else only small packs are joined. */
  full?: boolean
  signal?: AbortSignal | undefined
}

/** No object is ever dropped: not even one that no ref leads to, since a push may be about to point at it. */
export async function repack(git: Git, repo: Repo, { full = false, signal }: RepackOptions = {}): Promise<void> {
  const how = full ? ['-a', '-d', '-l', '--keep-unreachable'] : ['-d', '-l', '--geometric=2', '--write-midx']
  const args = ['repack', '--quiet', ...how, '--write-bitmap-index']
  await background(git, repo, { name: full ? 'repack' : 'repack geometric', args, signal })
}

/** Clones of a repository with a bitmap cost a third. Written over the packs as they are: nothing is packed anew. */
async function writeBitmap(git: Git, repo: Repo, signal?: AbortSignal): Promise<void> {
  await background(git, repo, {
    name: 'bitmap',
    args: ['multi-pack-index', 'write', '--bitmap', '--no-progress'],
    signal,
  })
}

async function lacksBitmap(repo: Repo): Promise<boolean> {
  const files = await entries(join(repo.path, 'objects/pack'))
  if (files.some(({ name }) => name.endsWith('.bitmap'))) return false
  for (const { name } of files)
    if (name.endsWith('.pack') && (await sizeOfFile(join(repo.path, 'objects/pack', name))) > WORTH_A_BITMAP)
      return true
  return false
}

function sizeOfFile(path: string): Promise<number> {
  return stat(path).then((one) => one.size, none)
}

interface Work {
  name: string
  args: string[]
  signal: AbortSignal | undefined
}

/** One at a time, as long as it takes. A half pack of one that failed would fill a disk that is full already. */
export async function background(git: Git, repo: Repo, { signal, ...work }: Work): Promise<void> {
  const call = { ...work, cwd: repo.path, repo: repo.id, deadlineMs: 0, lane: 'background' as const }
  try {
    await git.exec(signal ? { ...call, signal } : call)
  } catch (error) {
    await cleanStale(git, repo).catch((err: unknown) => git.log.warn({ err }, 'tidying up'))
    throw error
  }
}

export async function countLooseRefs(repo: Repo): Promise<number> {
  return (await entries(join(repo.path, 'refs'), true)).filter((entry) => entry.isFile()).length
}

export async function countPacks(repo: Repo): Promise<number> {
  return (await entries(join(repo.path, 'objects/pack'))).filter(({ name }) => name.endsWith('.pack')).length
}

/** Bytes of all files. */
export async function sizeOf(repo: Repo): Promise<number> {
  let bytes = 0
  for (const entry of await entries(repo.path, true))
    if (entry.isFile()) bytes += await sizeOfFile(join(entry.parentPath, entry.name))
  return bytes
}

/**
 * Removes what killed processes left behind: quarantines, half packs, locks. Does nothing while a git of ours works in
 * this repository. `olderThanMs` spares the files of processes that are not ours. Gives the names of what went.
 */
export async function cleanStale(git: Git, repo: Repo, { olderThanMs = 0 } = {}): Promise<string[]> {
  if (await isBusy(git, repo)) return []
  const found = await findLitter(repo.path, Date.now() - olderThanMs)
  // Looked at once more: what a process makes that began meanwhile looks just the same.
  if (await isBusy(git, repo)) return []
  for (const file of found) await rm(join(repo.path, file), { recursive: true, force: true })
  return found
}

/** Whether a git that may write works here; those that only read make no files, and some of them stay for long. */
export async function isBusy(git: Git, repo: Repo): Promise<boolean> {
  const here = git.running().filter((call) => call.repo === repo.id || call.cwd === repo.path)
  if (here.some((call) => !READERS.has(call.command))) return true
  return (await git.everywhere()).some(({ cwd, command }) => cwd === repo.path && !READERS.has(command))
}

async function findLitter(path: string, before: number): Promise<string[]> {
  const found: string[] = []
  const places = [['', false] as const, ['objects', true] as const, ['refs', true] as const]
  for (const [place, deep] of places)
    for (const entry of await entries(join(path, place), deep)) {
      const file = join(entry.parentPath, entry.name).slice(path.length + 1)
      const inside = found.some((other) => file.startsWith(`${other}/`))
      if (!LITTER.test(entry.name) || inside) continue
      const changed = await stat(join(path, file)).then((one) => one.mtimeMs, none)
      if (changed > 0 && changed <= before) found.push(file)
    }
  return found
}

async function entries(folder: string, recursive = false): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true, recursive })
  } catch {
    // Files come and go while git works.
    return []
  }
}

function none(): number {
  return 0
}
