// The commits of a repository as one graph of numbers: git's commit-graph file, and what is newer than it read from git.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../../kit/fault.ts'
import { bloomKey, mayContain, type BloomKey } from '../graph/bloom.ts'
import { eachLine, streamOutput } from '../run/capture.ts'
import { COMMIT_MAX, parseCommit } from '../format/commits.ts'
import { loadGraphFile, type GraphFile } from '../graph/graphfile.ts'
import { openNewer, type Newcomer, type Newer } from '../graph/newer.ts'
import type { Objects, ReadObject } from './objects.ts'
import type { Repo } from '../refs/refs.ts'
import type { Git } from '../run/run.ts'
import type { Dag } from '../graph/walks.ts'

export interface Graph extends Dag {
  /** -1 for what is not known. */
  idOf: (oid: string) => number
  oidOf: (id: number) => string
  treeOf: (id: number) => string
  /** Undefined where nothing is known of paths like this. */
  keyOf: (path: Buffer) => BloomKey | undefined
  /** False only when the commit surely left this path as it is in its first parent. */
  mayTouch: (id: number, key: BloomKey) => boolean
}

export interface Graphs {
  /** A graph that knows these commits and all their ancestors. Throws `git.object` where one is no commit. */
  cover: (repo: Repo, oids: readonly string[], signal?: AbortSignal) => Promise<Graph>
  forget: (repoId: string) => void
}

interface Entry {
  path: string
  stamp: string
  file: GraphFile | undefined
  newer: Newer
  /** Ids of commits whose parents were cut off when the repository was made as a shallow one. */
  shallow: Set<string>
  graph: Graph
  /** The end of the line of those who add commits: one at a time. */
  turn: Promise<unknown>
}

interface Room {
  git: Git
  objects: Objects
  entries: Map<string, Entry>
  loading: Map<string, Promise<Entry>>
}

const BYTES_LIMIT = 128 * 1024 * 1024
/** Newer commits than this are not read one by one but by a walk of git. */
const ONE_BY_ONE = 50
/** Of each of them. More is read only of one with thousands of parents. */
const HEADERS_MAX = 64 * 1024
/** Without a commit-graph file so large a history is not held here. */
const NEWER_MAX = 500_000

export function openGraphs(git: Git, objects: Objects): Graphs {
  const room: Room = { git, objects, entries: new Map(), loading: new Map() }
  return {
    cover: async (repo, oids, signal) => {
      const entry = await freshEntry(room, repo)
      if (oids.some((oid) => entry.graph.idOf(oid) < 0)) {
        const mine = entry.turn.then(() => addNewer(room, repo, entry, { oids, signal }))
        entry.turn = mine.catch(() => {})
        await mine
        evict(room.entries)
      }
      return { ...entry.graph, size: entry.graph.size }
    },
    forget: (repoId) => void room.entries.delete(repoId),
  }
}

async function freshEntry(room: Room, repo: Repo): Promise<Entry> {
  const stamp = stampOf(repo.path)
  const known = room.entries.get(repo.id)
  if (known?.stamp === stamp && known.path === repo.path) {
    // Last in the map is last used.
    room.entries.delete(repo.id)
    room.entries.set(repo.id, known)
    return known
  }
  const key = `${repo.path} ${stamp}`
  const loading = room.loading.get(key) ?? load(repo, stamp).finally(() => room.loading.delete(key))
  room.loading.set(key, loading)
  const entry = await loading
  if (room.entries.get(repo.id)?.stamp !== stamp) room.entries.set(repo.id, entry)
  evict(room.entries)
  return room.entries.get(repo.id) ?? entry
}

/** Git writes these files anew and renames them into place, so a change shows in place, size or time. */
function stampOf(path: string): string {
  const names = ['objects/info/commit-graph', 'objects/info/commit-graphs/commit-graph-chain', 'shallow']
  const stats = names.map((name) => statSync(join(path, name), { throwIfNoEntry: false }))
  return stats.map((stat) => (stat ? `${stat.ino}.${stat.size}.${stat.mtimeMs}` : '-')).join(' ')
}

async function load(repo: Repo, stamp: string): Promise<Entry> {
  const shallow = stamp.endsWith('-') ? new Set<string>() : readShallow(repo.path)
  // Git leaves the file alone in a shallow repository, as it knows of parents that are not there.
  const file = shallow.size > 0 ? undefined : await loadGraphFile(join(repo.path, 'objects'))
  const newer = openNewer(file)
  return { path: repo.path, stamp, file, newer, shallow, graph: graphOf(file, newer), turn: Promise.resolve() }
}

function readShallow(path: string): Set<string> {
  return new Set(readFileSync(join(path, 'shallow'), 'latin1').split('\n').filter(Boolean))
}

function graphOf(file: GraphFile | undefined, newer: Newer): Graph {
  const count = file?.count ?? 0
  const of = (id: number): GraphFile | Newer => (file && id < count ? file : newer)
  return {
    get size() {
      return newer.size
    },
    idOf: newer.idOf,
    oidOf: (id) => of(id).oidOf(id),
    treeOf: (id) => of(id).treeOf(id),
    time: (id) => of(id).time(id),
    level: (id) => of(id).level(id),
    parents: (id, into) => of(id).parents(id, into),
    keyOf: (path) => file && bloomKey(path, file.bloom),
    mayTouch: (id, key) => {
      const filter = id < count ? file?.filter(id) : undefined
      return !filter || mayContain(filter, key)
    },
  }
}

function evict(entries: Map<string, Entry>): void {
  let total = 0
  for (const { file, newer } of entries.values()) total += (file?.bytes ?? 0) + newer.bytes
  for (const [id, { file, newer }] of entries) {
    if (total <= BYTES_LIMIT || entries.size === 1) return
    entries.delete(id)
    total -= (file?.bytes ?? 0) + newer.bytes
  }
}

interface Wish {
  oids: readonly string[]
  signal: AbortSignal | undefined
}

/** Reads from these commits down to what is known: a few one by one, more of them by one walk. */
async function addNewer(room: Room, repo: Repo, entry: Entry, wish: Wish): Promise<void> {
  const found = new Map<string, Newcomer>()
  const unknown = (oid: string): boolean => entry.graph.idOf(oid) < 0 && !found.has(oid)
  let wanted = [...new Set(wish.oids)].filter(unknown)
  const asked = wanted
  while (wanted.length > 0 && found.size + wanted.length <= ONE_BY_ONE) {
    const read = await Promise.all(wanted.map((oid) => readNewcomer(room, repo, oid, wish.signal)))
    if (wanted !== asked && read.includes(undefined)) throw holes(wanted[read.indexOf(undefined)])
    const commits = read.filter((commit) => commit !== undefined).map((commit) => cut(commit, entry.shallow))
    for (const commit of commits) found.set(commit.oid, commit)
    wanted = [...new Set(commits.flatMap(({ parents }) => parents))].filter(unknown)
  }
  if (wanted.length > 0) await walkNewer(room, repo, { wanted, found, unknown, signal: wish.signal })
  if (asked.some((oid) => !found.has(oid))) throw new Fault('git.object')
  entry.newer.add(found)
}

function cut(commit: Newcomer, shallow: Set<string>): Newcomer {
  return shallow.has(commit.oid) ? { ...commit, parents: [] } : commit
}

function holes(oid: string | undefined): Fault {
  return new Fault('git.corrupt', { detail: 'its history has holes', oid })
}

async function readNewcomer(
  room: Room,
  repo: Repo,
  oid: string,
  signal: AbortSignal | undefined,
): Promise<Newcomer | undefined> {
  const beginning = await room.objects.read(repo, oid, { max: HEADERS_MAX, part: true, signal })
  const isEnough = beginning?.kind !== 'commit' || hasCommitter(beginning)
  const object = isEnough ? beginning : await room.objects.read(repo, oid, { max: COMMIT_MAX, signal })
  if (!object) return undefined
  if (object.kind !== 'commit' || !object.data) throw new Fault('git.object', { detail: 'This is not a commit.' })
  const { tree, parents, committer } = parseCommit(oid, object.data)
  return { oid, tree, parents, time: committer.seconds }
}

/** What comes after that line, the graph does not know: signatures and the message, which may have megabytes. */
function hasCommitter({ data = Buffer.alloc(0), size }: ReadObject): boolean {
  const at = data.indexOf('\ncommitter ')
  return data.length === size || (at >= 0 && data.includes('\n', at + 1))
}

interface WalkWish {
  wanted: string[]
  found: Map<string, Newcomer>
  unknown: (oid: string) => boolean
  signal: AbortSignal | undefined
}

async function walkNewer(room: Room, repo: Repo, { wanted, found, unknown, signal }: WalkWish): Promise<void> {
  const missing = new Set(wanted)
  const lines = await streamOutput(room.git, {
    name: 'read history',
    args: ['rev-list', '--stdin', '--no-commit-header', '--format=%H %T %ct %P'],
    repo: repo.id,
    cwd: repo.path,
    input: `${wanted.join('\n')}\n`,
    deadlineMs: 120_000,
    ...(signal ? { signal } : {}),
  })
  for await (const line of eachLine(lines)) {
    const [oid = '', tree = '', time = '', ...parents] = line.split(' ')
    missing.delete(oid)
    if (unknown(oid)) {
      const known = parents.filter(Boolean)
      found.set(oid, { oid, tree, parents: known, time: Number(time) })
      for (const parent of known) if (unknown(parent)) missing.add(parent)
    }
    if (missing.size === 0) return
    if (found.size > NEWER_MAX) throw new Fault('busy', { detail: 'The history is still being indexed.' })
  }
  throw holes([...missing][0])
}
