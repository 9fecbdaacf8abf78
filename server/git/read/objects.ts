// Objects of a repository by id: small ones through processes that stay, large ones as streams of their own process.
import type { Readable } from 'node:stream'
import { Fault } from '../../kit/fault.ts'
import { type Lru, openLru } from '../../kit/lru.ts'
import { streamOutput } from '../run/capture.ts'
import { type Commit, parseCommit } from '../format/commits.ts'
import { isExpression, isOid } from '../format/oid.ts'
import type { Repo } from '../refs/refs.ts'
import { openResidents, type AnswerReader } from './resident.ts'
import type { Git } from '../run/run.ts'

export type ObjectKind = 'commit' | 'tree' | 'blob' | 'tag'

export interface ObjectInfo {
  oid: string
  kind: ObjectKind
  size: number
}

/** `data` is absent, or its beginning, when the object is larger than was asked for. */
export interface ReadObject extends ObjectInfo {
  data?: Buffer
}

export interface Objects {
  /** Undefined when there is no such object. `name` is an id or an expression as in oid.ts; anything else is a bug. */
  info: (repo: Repo, name: string, signal?: AbortSignal) => Promise<ObjectInfo | undefined>
  /** What is remembered of it, without asking git. */
  known: (repo: Repo, name: string) => ObjectInfo | undefined
  read: (repo: Repo, name: string, options?: ReadOptions) => Promise<ReadObject | undefined>
  /** Of one that is larger than `max` bytes, its beginning. Undefined where there is no such commit. */
  commit: (
    repo: Repo,
    oid: string,
    options: { max: number; signal?: AbortSignal | undefined },
  ) => Promise<Commit | undefined>
  /** A blob of any size in flat memory. Fails in the middle when git does. */
  stream: (repo: Repo, oid: string, signal?: AbortSignal) => Promise<Readable>
  /** To be called after a repack and before a repository goes. */
  forget: (repoId: string) => void
  close: () => void
  readonly processes: number
}

export interface ReadOptions {
  /** Bytes; default 1 MiB. */
  max?: number
  /** Of one that is larger, so much of its beginning. */
  part?: boolean
  signal?: AbortSignal | undefined
}

const MAX = 1024 * 1024
const OBJECTS_BYTES = 16 * 1024 * 1024
const COMMITS_BYTES = 8 * 1024 * 1024
const INFOS_BYTES = 4 * 1024 * 1024
/** Bytes of a too large object that are read past rather than starting another process. */
const WORTH_READING = 512 * 1024
const OVERHEAD = 300
/** What a commit is worth as values, beside its text twice. */
const PARSED = 700
const ANY_COMMIT = '^{commit}'

type Found = ReadObject | 'missing' | 'ambiguous'

/** What was met, as long as there is room: all of it is true for ever, as ids are made of contents. */
interface Memory {
  /** Trees and tags. Blobs are shown once and are large. */
  objects: Lru<ReadObject>
  commits: Lru<{ commit: Commit; size: number }>
  infos: Lru<ObjectInfo>
}

function openMemory(): Memory {
  return { objects: openLru(OBJECTS_BYTES), commits: openLru(COMMITS_BYTES), infos: openLru(INFOS_BYTES) }
}

function infoIn({ objects, commits, infos }: Memory, key: string): ObjectInfo | undefined {
  const commit = commits.get(key.endsWith(ANY_COMMIT) ? key.slice(0, -ANY_COMMIT.length) : key)
  if (commit) return { oid: commit.commit.oid, kind: 'commit', size: commit.size }
  const object = objects.get(key)
  return object ? { oid: object.oid, kind: object.kind, size: object.size } : infos.get(key)
}

export function openObjects(git: Git): Objects {
  const residents = openResidents(git, { name: 'read objects', args: ['cat-file', '--batch-command'] })
  const memory = openMemory()
  const { objects, commits, infos } = memory

  const ask = async (repo: Repo, question: string, options: ReadOptions & { max: number }) => {
    const { max, part = false, signal } = options
    const reader = (): AnswerReader<Found> => openReader(max, part)
    const found = await residents.ask<Found>(repo, { input: `${question}\n`, reader, signal })
    if (found === 'ambiguous') throw new Fault('git.object', { detail: 'More than one object begins with this id.' })
    return found === 'missing' ? undefined : found
  }
  const read = async (repo: Repo, name: string, options: ReadOptions = {}): Promise<ReadObject | undefined> => {
    check(name)
    const key = `${repo.id} ${name}`
    const max = options.max ?? MAX
    const known = objects.get(key)
    if (known && known.size <= max) return known
    const found = await ask(repo, `contents ${name}`, { ...options, max })
    if ((found?.kind === 'tree' || found?.kind === 'tag') && isWhole(found) && found.oid === name)
      objects.set(key, found, found.size + OVERHEAD)
    return found
  }
  const readCommit: Objects['commit'] = async (repo, oid, options) => {
    const key = `${repo.id} ${oid}`
    const known = commits.get(key)
    if (known && known.size <= options.max) return known.commit
    const object = await read(repo, oid, { ...options, part: true })
    if (object?.kind !== 'commit' || !object.data) return undefined
    const { data, size } = object
    // Where not even the headers have an end, the last one is cut through.
    const commit = parseCommit(object.oid, data.includes('\n\n') ? data : data.subarray(0, data.lastIndexOf('\n') + 1))
    if (isWhole(object) && object.oid === oid) commits.set(key, { commit, size }, 2 * size + PARSED)
    return commit
  }
  return {
    info: async (repo, name, signal) => {
      check(name)
      const key = `${repo.id} ${name}`
      const known = infoIn(memory, key)
      if (known) return known
      const found = await ask(repo, `info ${name}`, { max: -1, signal })
      if (found?.oid === name) infos.set(key, found, OVERHEAD)
      return found
    },
    known: (repo, name) => infoIn(memory, `${repo.id} ${name}`),
    read,
    commit: readCommit,
    stream: (repo, oid, signal) => streamBlob(git, repo, oid, signal),
    forget: (repoId) => {
      residents.forget(repoId)
      for (const cache of [objects, commits, infos]) cache.deletePrefix(`${repoId} `)
    },
    close: residents.close,
    get processes() {
      return residents.count
    },
  }
}

function isWhole({ data, size }: ReadObject): boolean {
  return data?.length === size
}

function check(name: string): void {
  if (!isExpression(name)) throw new Error('not an object id')
}

/** Reads `<oid> <kind> <size>`, and the bytes behind it unless `max` is negative. */
function openReader(max: number, part: boolean): AnswerReader<Found> {
  let head = Buffer.alloc(0)
  let found: Found | undefined
  let left = 0
  let filled = 0
  const takeHead = (bytes: Buffer): Buffer | undefined => {
    const end = bytes.indexOf(0x0a)
    head = Buffer.concat([head, end < 0 ? bytes : bytes.subarray(0, end)])
    if (end < 0) return undefined
    found = readHead(head.toString('latin1'))
    if (typeof found === 'object' && max >= 0) {
      if (part || found.size <= max) found.data = Buffer.allocUnsafeSlow(Math.min(found.size, max))
      left = found.size + 1
    }
    return bytes.subarray(end + 1)
  }
  const takeBody = (bytes: Buffer): Buffer | undefined => {
    const data = typeof found === 'object' ? found.data : undefined
    if (data) filled += bytes.copy(data, filled, 0, Math.min(left, bytes.length))
    const taken = Math.min(left, bytes.length)
    left -= taken
    return left === 0 ? bytes.subarray(taken) : undefined
  }
  return {
    take: (bytes) => {
      const rest = found === undefined ? takeHead(bytes) : bytes
      return rest && takeBody(rest)
    },
    get cut() {
      return typeof found === 'object' && filled === (found.data?.length ?? 0) && left > WORTH_READING
    },
    value: () => found ?? 'missing',
  }
}

function readHead(line: string): Found {
  const [, oid = '', kind = '', size = ''] = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/.exec(line) ?? []
  if (oid) return { oid, kind: kind as ObjectKind, size: Number(size) }
  return line.endsWith(' ambiguous') ? 'ambiguous' : 'missing'
}

function streamBlob(git: Git, repo: Repo, oid: string, signal?: AbortSignal): Promise<Readable> {
  if (!isOid(oid)) throw new Error('not an object id')
  return streamOutput(git, {
    name: 'read blob',
    args: ['cat-file', 'blob', oid],
    repo: repo.id,
    cwd: repo.path,
    // A reader may be as slow as it likes; the edge ends those that stand still.
    deadlineMs: 0,
    ...(signal ? { signal } : {}),
  })
}
