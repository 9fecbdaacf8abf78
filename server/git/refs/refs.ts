// A snapshot of a repository's refs, kept in memory and proven fresh by stat on every read: no process, no stale answer.
import { Fault } from '../../kit/fault.ts'
import { targets, type Target } from './peel.ts'
import { configHolds, emptyFiles, refresh, type RefFiles } from './reffiles.ts'
import {
  firstAtOrAfter,
  mergeRefs,
  parsePacked,
  readHead,
  readLoose,
  type Head,
  type Loose,
  type PackedRefs,
  type Ref,
} from './refparse.ts'
import { toBytes } from '../format/refnames.ts'
import { readRepoConfig, type RepoConfig } from './repoconfig.ts'
import type { Git } from '../run/run.ts'

export interface Repo {
  id: string
  path: string
}

export interface Snapshot {
  /** Never reused in this process; another one exactly when the content is another. */
  readonly version: number
  /** Undefined when HEAD is broken. */
  readonly head: Head | undefined
  /** Sorted by bytes; refs of our own included. */
  readonly refs: readonly Ref[]
  readonly config: RepoConfig
}

/** A repository whose refs are not read here: reftable, SHA-256, unknown extensions, symbolic links. Ask git. */
export interface Foreign {
  readonly foreign: string
}

export interface Refs {
  /** The refs as they are at the time of the call. Throws `git.corrupt` when the folder is no repository. */
  read: (repo: Repo) => Promise<Snapshot | Foreign>
  /** The repository's config alone; undefined where only `read` can tell. */
  config: (repo: Repo) => RepoConfig | undefined
  forget: (repoId: string) => void
  /** How often a snapshot was proven fresh, and how often it was made anew. */
  stats: () => { hits: number; misses: number; entries: number }
}

interface Entry {
  path: string
  files: RefFiles
  packed: PackedRefs
  config: RepoConfig
  known: Map<string, Target>
  answer?: Snapshot | Foreign
  /** The snapshot before this one: a new version is only given to new content. */
  before?: Snapshot
  /** The look that goes on. */
  busy?: Promise<unknown>
  /** The look that has not begun. */
  next?: Promise<Snapshot | Foreign>
}

const DEFAULT_LIMIT = 96 * 1024 * 1024
const BYTES_PER_REF = 200
/** More objects than this are looked up by git, so that nothing blocks the server for long. */
const LOOKUPS_HERE = 500

export function isForeign(answer: Snapshot | Foreign): answer is Foreign {
  return 'foreign' in answer
}

/** The ref of this full name, by binary search. */
export function findRef(snapshot: Pick<Snapshot, 'refs'>, name: string): Ref | undefined {
  const bytes = toBytes(name)
  const ref = snapshot.refs[firstAtOrAfter(snapshot.refs, bytes)]
  return ref?.bytes === bytes ? ref : undefined
}

export function openRefs(git: Git, limitBytes = DEFAULT_LIMIT): Refs {
  const entries = new Map<string, Entry>()
  let versions = 0
  const seen = { hits: 0, misses: 0 }

  /** One look for all that ask before it begins: it sees what each of them knows of. */
  const look = async (entry: Entry): Promise<Snapshot | Foreign> => {
    await entry.busy
    await came()
    entry.next = undefined
    if (isFresh(entry) && entry.answer) {
      seen.hits++
      return entry.answer
    }
    seen.misses++
    const building = rebuild(entry)
    // Whoever asks from now on may know of what this look misses, and waits for the next one.
    entry.busy = building.then(nothing, nothing)
    return building
  }
  const rebuild = async (entry: Entry): Promise<Snapshot | Foreign> => {
    entry.answer = undefined
    entry.answer = await build(git, entry, () => ++versions)
    evict(entries, limitBytes)
    return entry.answer
  }
  return {
    read: (repo) => {
      let entry = entries.get(repo.id)
      if (entry?.path !== repo.path) entry = newEntry(repo.path)
      // Last in the map is last used.
      entries.delete(repo.id)
      entries.set(repo.id, entry)
      entry.next ??= look(entry)
      return entry.next
    },
    config: (repo) => {
      const entry = entries.get(repo.id)
      const known = entry?.path === repo.path && entry.answer && configHolds(entry.files, entry.path)
      return known ? entry.config : undefined
    },
    forget: (repoId) => void entries.delete(repoId),
    stats: () => ({ ...seen, entries: entries.size }),
  }
}

/** When all that came in together has been taken in. */
function came(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

function nothing(): void {}

function newEntry(path: string): Entry {
  const config = { foreign: undefined, ordinary: true }
  return { path, files: emptyFiles(), packed: parsePacked(undefined), config, known: new Map() }
}

function evict(entries: Map<string, Entry>, limit: number): void {
  let total = 0
  for (const entry of entries.values()) total += sizeOf(entry)
  for (const [id, entry] of entries) {
    if (total <= limit || entries.size === 1) return
    entries.delete(id)
    total -= sizeOf(entry)
  }
}

function sizeOf(entry: Entry): number {
  return 4096 + (entry.files.packed.value?.length ?? 0) * 2 + (entry.before?.refs.length ?? 0) * BYTES_PER_REF
}

/** Looks at the files; false when the last answer no longer holds. */
function isFresh(entry: Entry): boolean {
  const changes = refresh(entry.files, entry.path)
  if (changes.packed) entry.packed = parsePacked(entry.files.packed.value)
  if (changes.config) entry.config = readRepoConfig(entry.files.config.value ?? '')
  return !Object.values(changes).some(Boolean)
}

async function build(git: Git, entry: Entry, nextVersion: () => number): Promise<Snapshot | Foreign> {
  const { files, packed, config } = entry
  if (files.head.value === undefined) throw new Fault('git.corrupt', { detail: 'it has no HEAD' })
  if (packed.damaged) throw new Fault('git.corrupt', { detail: 'its packed-refs file is damaged' })
  if (config.foreign !== undefined) return { foreign: config.foreign }
  const loose = readLoose(files, packed.refs)
  const head = readHead(files.head.value, { loose, packed: packed.refs })
  if (loose.foreign || head === 'foreign') return { foreign: 'a ref is a link' }
  const kinds = await learn(git, entry, oidsToKnow(loose, head?.oid))
  for (const ref of packed.unpeeled) ref.peeled = peeledOf(kinds(ref.oid))
  const refs = mergeRefs(packed.refs, loose, kinds)
  return publish(entry, { head: head && withPeeled(head, kinds), refs, config }, nextVersion)
}

function publish(entry: Entry, next: Omit<Snapshot, 'version'>, nextVersion: () => number): Snapshot {
  const version = entry.before && sameContent(entry.before, next) ? entry.before.version : nextVersion()
  entry.before = { version, ...next }
  return entry.before
}

function oidsToKnow(loose: Loose, head: string | undefined): string[] {
  const oids = [...loose.found.values()].map(({ oid }) => oid)
  return head === undefined ? oids : [...oids, head]
}

type Kinds = (oid: string) => Target

function withPeeled(head: Omit<Head, 'peeled'>, kinds: Kinds): Head {
  return { ...head, peeled: head.oid === undefined ? undefined : peeledOf(kinds(head.oid)) }
}

/** Finds out what the objects are that refs point at; what is known already is kept, what is no longer needed goes. */
async function learn(git: Git, entry: Entry, needed: string[]): Promise<Kinds> {
  const known = new Map<string, Target>()
  const unknown = new Set<string>()
  for (const oid of needed.concat(entry.packed.unpeeled.map((ref) => ref.oid))) {
    const target = entry.known.get(oid)
    if (target && target.kind !== 'absent') known.set(oid, target)
    else unknown.add(oid)
  }
  const here = unknown.size <= LOOKUPS_HERE ? targets(entry.path, unknown) : new Map<string, Target>()
  const left: string[] = []
  for (const oid of unknown) {
    const target = here.get(oid)
    if (target && target.kind !== 'absent') known.set(oid, target)
    else left.push(oid)
  }
  if (left.length > 0) for (const [oid, target] of await askGit(git, entry.path, left)) known.set(oid, target)
  entry.known = known
  return (oid) => known.get(oid) ?? { kind: 'plain' }
}

/** For what is not found here: alternates, a pack index of another version, or simply missing. */
async function askGit(git: Git, path: string, oids: string[]): Promise<Map<string, Target>> {
  const { stdout } = await git.exec({
    name: 'peel refs',
    args: ['cat-file', '--batch-check=%(objectname) %(objecttype)'],
    cwd: path,
    input: oids.map((oid) => `${oid}\n${oid}^{}\n`).join(''),
    maxOutput: 200 * oids.length + 1024,
    // Git reads nothing where HEAD is broken; the refs are shown all the same.
    expect: [0, 128],
  })
  const lines = stdout.toString('latin1').split('\n')
  return new Map(
    oids.map((oid, i): [string, Target] => {
      const [own = '', end = ''] = [lines[2 * i], lines[2 * i + 1]]
      if (!/ (commit|tree|blob|tag)$/.test(own)) return [oid, { kind: 'absent' }]
      const peeled = end.slice(0, end.indexOf(' '))
      return [oid, own.endsWith(' tag') && peeled !== oid ? { kind: 'tag', peeled } : { kind: 'plain' }]
    }),
  )
}

function peeledOf(target: Target): string | undefined {
  return target.kind === 'tag' ? target.peeled : undefined
}

function sameContent(a: Omit<Snapshot, 'version'>, b: Omit<Snapshot, 'version'>): boolean {
  if (a.refs.length !== b.refs.length || a.config !== b.config) return false
  if (a.head?.target !== b.head?.target || a.head?.oid !== b.head?.oid) return false
  return a.refs.every((ref, i) => sameRef(ref, b.refs[i]))
}

function sameRef(a: Ref, b: Ref | undefined): boolean {
  return a === b || (a.bytes === b?.bytes && a.oid === b.oid && a.symref === b.symref && a.peeled === b.peeled)
}
