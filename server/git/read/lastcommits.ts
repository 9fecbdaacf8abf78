// Which commit changed each entry of a folder last, found in one walk and told as it is found.
import { Fault } from '../../kit/fault.ts'
import type { BloomKey } from '../graph/bloom.ts'
import { openDiffTree, type DiffTree } from './difftree.ts'
import { openPace } from './history.ts'
import { openHeap } from '../graph/heap.ts'
import { pathspec } from '../format/paths.ts'
import { parseRaw } from '../format/rawdiff.ts'
import type { Reads } from './reads.ts'
import type { Repo } from '../refs/refs.ts'
import type { Graph } from './graph.ts'
import type { FolderMemory, LastCommits } from './foldercache.ts'
import { entryAt, readTree } from './trees.ts'
import { entries } from '../format/treeobject.ts'

export type { FolderMemory, LastCommits } from './foldercache.ts'

export interface LastCommitsWish {
  commit: string
  folder: Buffer
  /** Only these entries, as Latin-1 text. */
  names?: readonly string[]
  memory?: FolderMemory
}

/**
 * Each piece holds what was found together, the latest first. A walk that meets a commit of which the memory knows ends
 * there, so after a push only the pushed commits are looked at. Throws `git.object` when there is no such folder.
 */
export async function* lastCommits(
  reads: Reads,
  repo: Repo,
  wish: LastCommitsWish,
  signal?: AbortSignal,
): AsyncGenerator<LastCommits> {
  const { commit, memory } = wish
  const entry = await entryAt(reads, repo, { commit, path: wish.folder }, signal)
  if (entry?.kind !== 'folder') throw new Fault('git.object')
  const known = await memory?.get(commit)
  const found = new Map<string, string>()
  const missing = new Set(wish.names ?? (await namesOf(reads, repo, entry.oid, signal)))
  if (known) recall(missing, known, found)
  if (found.size > 0) yield found
  if (missing.size > 0)
    yield* searchMissing(reads, repo, { commit, folder: entry.path, missing, known, memory }, signal)
}

interface Missing extends Pick<LastCommitsWish, 'commit' | 'folder'> {
  missing: Set<string>
  known: LastCommits | undefined
  memory: FolderMemory | undefined
}

async function* searchMissing(
  reads: Reads,
  repo: Repo,
  { commit, folder, missing, known, memory }: Missing,
  signal: AbortSignal | undefined,
): AsyncGenerator<LastCommits> {
  const graph = await reads.graphs.cover(repo, [commit], signal)
  const isKnown = (await memory?.known()) ?? (() => false)
  const changes = openChanges(reads, repo, { graph, folder, isKnown }, signal)
  const fresh = new Map<string, string>()
  try {
    for await (const piece of search({ graph, changes, memory, isKnown }, graph.idOf(commit), missing, signal)) {
      for (const [name, oid] of piece) fresh.set(name, oid)
      yield piece
    }
  } finally {
    changes.close()
    // Whoever comes after one that went away looks for the rest only.
    if (fresh.size > 0) memory?.put(commit, new Map([...(known ?? []), ...fresh]))
  }
}

async function namesOf(reads: Reads, repo: Repo, tree: string, signal?: AbortSignal): Promise<string[]> {
  return entries(await readTree(reads, repo, tree, signal)).map(({ name }) => name.toString('latin1'))
}

interface Ground {
  graph: Graph
  changes: Changes
  memory: FolderMemory | undefined
  isKnown: (commit: string) => boolean
}

/**
 * Each commit is handed the names whose content it shares with the start. What a parent has alike goes on to it; what
 * no parent has alike was made here.
 */
async function* search(
  { graph, changes, memory, isKnown }: Ground,
  start: number,
  names: Set<string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Map<string, string>> {
  const wanted = new Map([[start, names]])
  // Highest level first: a commit has got all its names when its turn comes.
  const heap = openHeap()
  heap.push(start, graph.level(start))
  const pace = openPace(signal)
  const pass = (id: number, more: Set<string>): void => {
    if (more.size === 0) return
    const own = wanted.get(id)
    if (own) for (const name of more) own.add(name)
    else heap.push(id, graph.level(id))
    if (!own) wanted.set(id, more)
  }
  for (let id = heap.pop(); id !== undefined; id = heap.pop()) {
    const left = wanted.get(id) ?? new Set()
    wanted.delete(id)
    const oid = graph.oidOf(id)
    const known = id !== start && isKnown(oid) ? await memory?.get(oid) : undefined
    const found = new Map<string, string>()
    if (known) recall(left, known, found)
    const made = await settleParents({ graph, changes, pass }, id, left)
    for (const name of made) found.set(name, oid)
    if (found.size > 0) yield found
    await pace()
  }
}

function recall(left: Set<string>, known: LastCommits, found: Map<string, string>): void {
  for (const name of left) {
    const oid = known.get(name)
    if (oid === undefined) continue
    found.set(name, oid)
    left.delete(name)
  }
}

/** Gives each parent what it has alike; what is left of the names then was made by this commit. */
async function settleParents(
  { graph, changes, pass }: Pick<Ground, 'graph' | 'changes'> & { pass: (id: number, names: Set<string>) => void },
  id: number,
  names: Set<string>,
): Promise<Set<string>> {
  const parents: number[] = []
  graph.parents(id, parents)
  let left = names
  for (const [at, parent] of parents.entries()) {
    if (left.size === 0) return left
    const changed = await (at === 0 ? changes.first(id, left) : changes.between(id, parent))
    const stay = new Set<string>()
    for (const name of changed) if (left.delete(name)) stay.add(name)
    pass(parent, left)
    left = stay
  }
  return left
}

interface Changes {
  /** Names in the folder that differ from the first parent; those not among `names` may be missing. */
  first: (id: number, names: ReadonlySet<string>) => Promise<ReadonlySet<string>>
  between: (id: number, parent: number) => Promise<ReadonlySet<string>>
  close: () => void
}

const NOTHING: ReadonlySet<string> = new Set()
/** A larger comparison, of all that lies below the folder, is given up for one of the folder alone. */
const DIFF_MAX = 4 * 1024 * 1024
/** With more names than this it is cheaper to ask git than each name's filter. */
const FILTERED_NAMES = 100
/** How far ahead commits are looked for that git shall compare in one go, and how many of them. */
const LOOK_AHEAD = 2048
const [FIRST_BATCH, LAST_BATCH] = [4, 128]

function openChanges(
  reads: Reads,
  repo: Repo,
  { graph, folder, isKnown }: Pick<Ground, 'graph' | 'isKnown'> & { folder: Buffer },
  signal: AbortSignal | undefined,
): Changes {
  const isRoot = folder.length === 0
  const prefix = isRoot ? '' : `${folder.toString('latin1')}/`
  let git: DiffTree | undefined
  const ask = async (id: number, parent: number | undefined): Promise<ReadonlySet<string>> => {
    git ??= openDiffTree(reads.git, {
      name: 'last commits',
      args: ['-z', '--raw', '--no-abbrev', '--no-renames', ...(isRoot ? [] : ['-r', '--', pathspec(folder)])],
    })
    const pair = { to: graph.oidOf(id), from: parent === undefined ? null : graph.oidOf(parent) }
    const { data, truncated } = await git.ask(repo, pair, { max: DIFF_MAX, signal })
    return truncated ? compareFolders(reads, repo, { ...pair, folder }, signal) : namesIn(data, prefix)
  }
  const mayTouch = filterOf(graph, folder)
  const ahead = new Map<number, Promise<ReadonlySet<string>>>()
  let batch = FIRST_BATCH
  const lookAhead = (from: number, names: ReadonlySet<string>): void => {
    const parents: number[] = []
    let asked = 0
    for (let id: number | undefined = from, i = 0; id !== undefined && i < LOOK_AHEAD && asked < batch; i++) {
      // There the walk ends, most likely.
      if (id !== from && isKnown(graph.oidOf(id))) break
      graph.parents(id, parents)
      const [parent] = parents
      if (parent !== undefined && !ahead.has(id) && mayTouch(id, names)) {
        const answer = ask(id, parent)
        // Not every answer is waited for in the end.
        answer.catch(() => {})
        ahead.set(id, answer)
        asked++
      }
      id = parent
    }
    batch = Math.min(batch * 2, LAST_BATCH)
  }
  return {
    first: (id, names) => {
      if (!ahead.has(id)) {
        if (!mayTouch(id, names)) return Promise.resolve(NOTHING)
        lookAhead(id, names)
      }
      const answer = ahead.get(id) ?? Promise.resolve(NOTHING)
      ahead.delete(id)
      return answer
    },
    between: ask,
    close: () => git?.close(),
  }
}

/** Whether a commit may have touched one of these names in the folder, as far as git's filters know. */
function filterOf(graph: Graph, folder: Buffer): (id: number, names: ReadonlySet<string>) => boolean {
  const folderKey = folder.length === 0 ? undefined : graph.keyOf(folder)
  const keys = new Map<string, BloomKey | undefined>()
  const keyOf = (name: string): BloomKey | undefined => {
    if (!keys.has(name)) {
      const bytes = Buffer.from(name, 'latin1')
      keys.set(name, graph.keyOf(folder.length === 0 ? bytes : Buffer.concat([folder, Buffer.from('/'), bytes])))
    }
    return keys.get(name)
  }
  return (id, names) => {
    if (folderKey && !graph.mayTouch(id, folderKey)) return false
    if (names.size > FILTERED_NAMES) return true
    for (const name of names) {
      const key = keyOf(name)
      if (!key || graph.mayTouch(id, key)) return true
    }
    return false
  }
}

/** The same from both folders themselves: bounded by them, whatever lies below. */
async function compareFolders(
  reads: Reads,
  repo: Repo,
  { from, to, folder }: { from: string | null; to: string; folder: Buffer },
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const contentAt = async (commit: string | null): Promise<Map<string, string>> => {
    const entry = commit === null ? undefined : await entryAt(reads, repo, { commit, path: folder }, signal)
    if (entry?.kind !== 'folder') return new Map()
    const tree = await readTree(reads, repo, entry.oid, signal)
    return new Map(entries(tree).map(({ name, mode, oid }) => [name.toString('latin1'), `${mode} ${oid}`]))
  }
  const [before, after] = await Promise.all([contentAt(from), contentAt(to)])
  const names = new Set<string>()
  for (const [name, content] of after) if (before.get(name) !== content) names.add(name)
  for (const name of before.keys()) if (!after.has(name)) names.add(name)
  return names
}

function namesIn(raw: Buffer, prefix: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { oldPath, newPath } of parseRaw(raw)) {
    const path = (newPath ?? oldPath)?.toString('latin1') ?? ''
    if (!path.startsWith(prefix)) continue
    const end = path.indexOf('/', prefix.length)
    names.add(end < 0 ? path.slice(prefix.length) : path.slice(prefix.length, end))
  }
  return names
}
