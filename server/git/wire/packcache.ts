// Answers to fetch, kept in files: git writes one at full speed, any number of readers follow it at their own pace.
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, mkdirSync, openSync, read, readSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { CHUNK, ChunkReader, takeChunk } from '../../kit/chunks.ts'
import { Fault } from '../../kit/fault.ts'
import { endFault } from '../run/output.ts'
import type { GitEnd, GitProcess } from '../run/run.ts'

export interface PackCacheOptions {
  /** Emptied before the first use: a command that runs beside a server and serves nothing leaves it alone. */
  dir: string
  /** Default 2 GiB. */
  quotaBytes?: number
  /** Nothing is added while the disk has less than this free. Default 1 GiB. */
  minFreeBytes?: number
  /** Default 10 minutes. */
  ttlMs?: number
}

export interface PackAsk {
  repoId: string
  /** Everything that the answer depends on, besides the repository. */
  text: string
  /** A guess at the bytes of the answer, asked for where it has to be made. */
  guess: () => number
  /** Kept only from its second sighting on: most requests of this kind are never repeated. */
  rare: boolean
}

/** Starts git with its stdout appended to this file. */
export type Produce = (file: string) => Promise<Pick<GitProcess, 'done' | 'kill'>>

export interface PackCache {
  /** The answer as a stream from a file; undefined when it should be made without the cache. */
  answer: (ask: PackAsk, produce: Produce) => Promise<Readable | undefined>
  /** Forgets all answers of a repository. Those still being made end with an error. */
  purge: (repoId: string) => void
  stats: () => PackStats
  close: () => void
}

export interface PackStats {
  entries: number
  bytes: number
  hits: number
  misses: number
}

interface Entry {
  key: string
  repoId: string
  file: string
  fd: number
  size: number
  state: 'growing' | 'done' | 'failed'
  fault?: Error
  /** Readers that have read all there is and want to hear of more. */
  waiting: Set<() => void>
  /** Who holds the file open: the cache itself while it keeps the entry, each reader, the producer. */
  holders: number
  readers: number
  expires: number
  kill?: () => void
}

interface Store {
  dir: string
  open: boolean
  quota: number
  minFree: number
  ttl: number
  entries: Map<string, Entry>
  seen: Set<string>
  files: number
  hits: number
  misses: number
}

const SWEEP_MS = 30_000
const SEEN_MAX = 65_536
/** How often a growing file is looked at. */
const LOOK_MS = 4

export function openPackCache(options: PackCacheOptions): PackCache {
  const store: Store = {
    dir: options.dir,
    open: false,
    quota: options.quotaBytes ?? 2 * 1024 ** 3,
    minFree: options.minFreeBytes ?? 1024 ** 3,
    ttl: options.ttlMs ?? 10 * 60_000,
    entries: new Map(),
    seen: new Set(),
    files: 0,
    hits: 0,
    misses: 0,
  }
  const sweeper = setInterval(() => sweep(store), SWEEP_MS).unref()
  return {
    answer: (ask, produce) => answer(store, ask, produce),
    purge: (repoId) => {
      for (const entry of store.entries.values()) if (entry.repoId === repoId) drop(store, entry)
    },
    stats: () => ({ entries: store.entries.size, bytes: total(store), hits: store.hits, misses: store.misses }),
    close: () => {
      clearInterval(sweeper)
      for (const entry of store.entries.values()) drop(store, entry)
      if (store.open) rmSync(store.dir, { recursive: true, force: true })
    },
  }
}

function prepare(store: Store): void {
  if (store.open) return
  rmSync(store.dir, { recursive: true, force: true })
  mkdirSync(store.dir, { recursive: true, mode: 0o700 })
  store.open = true
}

async function answer(store: Store, ask: PackAsk, produce: Produce): Promise<Readable | undefined> {
  const key = createHash('sha256').update(`${ask.repoId}\0${ask.text}`).digest('base64url')
  const known = store.entries.get(key)
  if (known && (known.state === 'growing' || known.expires > Date.now())) {
    store.hits++
    // Last in the map is last used.
    store.entries.delete(key)
    store.entries.set(key, known)
    return follow(store, known)
  }
  store.misses++
  if (ask.rare && !seenBefore(store, key)) return undefined
  if (known) drop(store, known)
  const size = ask.guess()
  const entry = size > store.quota / 2 ? undefined : tryCreate(store, { ...ask, key, size })
  if (!entry) return undefined
  const reader = follow(store, entry)
  try {
    await grow(store, entry, produce)
    return reader
  } catch (error) {
    reader.destroy()
    throw error
  }
}

function seenBefore(store: Store, key: string): boolean {
  if (store.seen.has(key)) return true
  store.seen.add(key)
  const [oldest] = store.seen
  if (store.seen.size > SEEN_MAX && oldest !== undefined) store.seen.delete(oldest)
  return false
}

function hasRoom(store: Store, size: number): boolean {
  const disk = statfsSync(store.dir)
  return disk.bavail * disk.bsize - size > store.minFree
}

/** Undefined where no file can be made: no more open files, no more disk. The answer then goes without one. */
function tryCreate(store: Store, what: Pick<Entry, 'key' | 'repoId' | 'size'>): Entry | undefined {
  try {
    prepare(store)
    return hasRoom(store, what.size) ? create(store, what) : undefined
  } catch {
    // Perhaps the folder is gone: it is made anew next time.
    store.open = false
    return undefined
  }
}

function create(store: Store, { key, repoId }: Pick<Entry, 'key' | 'repoId'>): Entry {
  const file = join(store.dir, String(++store.files))
  const entry: Entry = {
    key,
    repoId,
    file,
    fd: openSync(file, 'wx+', 0o600),
    size: 0,
    state: 'growing',
    waiting: new Set(),
    holders: 1,
    readers: 0,
    expires: Date.now() + store.ttl,
  }
  store.entries.set(key, entry)
  return entry
}

/** Lets git write the file. Returns once it has started; followers are told of every growth and of the end. */
async function grow(store: Store, entry: Entry, produce: Produce): Promise<void> {
  entry.holders++
  const look = setInterval(() => notice(store, entry), LOOK_MS)
  const finish = (fault: Error | undefined): void => {
    clearInterval(look)
    notice(store, entry)
    entry.state = fault ? 'failed' : 'done'
    if (fault) entry.fault = fault
    for (const wake of entry.waiting) wake()
    if (fault) drop(store, entry)
    release(entry)
    shrink(store)
  }
  try {
    const git = await produce(entry.file)
    entry.kill = git.kill
    if (entry.state === 'failed') git.kill()
    void git.done.then((end) => {
      finish(entry.fault ?? judge(entry, end))
      // A refusal in git's own words reaches those who wait for it, and is not kept.
      if (end.code !== 0) drop(store, entry)
    })
  } catch (error) {
    finish(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}

function judge(entry: Entry, end: GitEnd): Error | undefined {
  const size = fstatSync(entry.fd).size
  const short = size <= 65536 ? readNow(entry.fd, 0, size) : undefined
  const fault = endFault(end, short)
  if (fault || end.code !== 0) return fault
  // Whole answers end with a flush packet.
  const whole = readNow(entry.fd, Math.max(0, size - 4), 4).toString('latin1') === '0000'
  return whole ? undefined : new Fault('git.failed', { detail: 'The answer of git is cut off.' })
}

function readNow(fd: number, at: number, length: number): Buffer {
  const buffer = Buffer.alloc(length)
  return buffer.subarray(0, readSync(fd, buffer, 0, length, at))
}

/** Sees how far a growing file has come, and stops it before it fills the disk. */
function notice(store: Store, entry: Entry): void {
  const { size } = fstatSync(entry.fd)
  if (size === entry.size) return
  const step = 64 * 1024 * 1024
  if (Math.floor(size / step) > Math.floor(entry.size / step)) {
    shrink(store)
    if (!hasRoom(store, -store.minFree / 2)) fail(entry, new Fault('storage.full'))
  }
  entry.size = size
  for (const wake of entry.waiting) wake()
}

function fail(entry: Entry, fault: Error): void {
  if (entry.state !== 'growing') return
  entry.state = 'failed'
  entry.fault = fault
  entry.kill?.()
  for (const wake of entry.waiting) wake()
}

/** Takes an entry out of the cache. Whoever reads a finished one reads on: the file lives as long as its readers. */
function drop(store: Store, entry: Entry): void {
  if (store.entries.get(entry.key) !== entry) return
  store.entries.delete(entry.key)
  rmSync(entry.file, { force: true })
  fail(entry, new Fault('not-found'))
  release(entry)
}

function release(entry: Entry): void {
  if (--entry.holders === 0) closeSync(entry.fd)
}

function shrink(store: Store): void {
  let bytes = total(store)
  for (const entry of store.entries.values()) {
    if (bytes <= store.quota) return
    if (entry.state !== 'done') continue
    bytes -= entry.size
    drop(store, entry)
  }
}

function sweep(store: Store): void {
  const now = Date.now()
  for (const entry of store.entries.values()) if (entry.state === 'done' && entry.expires <= now) drop(store, entry)
}

function total(store: Store): number {
  let bytes = 0
  for (const entry of store.entries.values()) bytes += entry.size
  return bytes
}

/** A reader of an entry from its beginning. When the last one leaves a growing entry, git is ended. */
function follow(store: Store, entry: Entry): Readable {
  let at = 0
  let reading = false
  let left: (() => void) | undefined
  entry.holders++
  entry.readers++
  const leave = (): void => {
    entry.waiting.delete(pump)
    if (--entry.readers === 0 && entry.state === 'growing') {
      fail(entry, new Fault('git.failed', { detail: 'Nobody waits for this answer any more.' }))
      drop(store, entry)
    }
    release(entry)
  }
  const pump = (): void => {
    entry.waiting.delete(pump)
    if (reading || reader.destroyed) return
    if (at < entry.size && entry.state !== 'failed') return next()
    if (entry.state === 'growing') entry.waiting.add(pump)
    else if (entry.state === 'done') reader.push(null)
    else reader.destroy(entry.fault)
  }
  const next = (): void => {
    reading = true
    const length = Math.min(CHUNK, entry.size - at)
    // Another buffer each time: the one before may still be on its way through the socket.
    read(entry.fd, takeChunk(length), 0, length, at, (error, count, buffer) => {
      reading = false
      at += count
      if (left) left()
      else if (error) reader.destroy(error)
      else reader.push(buffer.subarray(0, count))
    })
  }
  const reader = new ChunkReader({
    highWaterMark: CHUNK,
    read: pump,
    destroy: (error, done) => {
      // The file must not be closed under a read.
      left = () => {
        leave()
        done(error)
      }
      if (!reading) left()
    },
  })
  return reader
}
