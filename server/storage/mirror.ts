// Brings a folder to the state of another one on another disk: what is new is copied and synced, what is gone is removed.
import { createReadStream, createWriteStream, type Stats } from 'node:fs'
import { lstat, mkdir, open, readdir, rm, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { syncFile } from './files.ts'

export interface Mirror {
  from: string
  to: string
  signal: AbortSignal
  /** Names, from the root on, that are not copied: what the writers of that moment will remove again. */
  passes: (path: string) => boolean
  /** Files that are copied each time: a second change within the clock's tick would not show. */
  always: (path: string) => boolean
  /** Files of which the order matters come last, in this order; others first. Not named: as they come. */
  rank: (path: string) => number
  /** Called after each file, with the bytes done and the bytes that there are to do. */
  progress?: (done: number, of: number) => void
}

export interface Mirrored {
  /** Bytes that had to be copied. */
  copied: number
  /** Folders and files that were copied or removed. */
  changes: number
}

export interface Found {
  path: string
  stats: Stats
}

/** What vanishes meanwhile is looked for once more, under the name that replaced it. */
const LOOKS = 5

/** A file of the same size and time is taken for the same: git replaces its files, and never writes into one. */
export async function mirror(wish: Mirror): Promise<Mirrored> {
  const all: Mirrored = { copied: 0, changes: 0 }
  for (let look = 1; ; look++) {
    const { vanished, copied, changes } = await pass(wish)
    all.copied += copied
    all.changes += changes
    if (!vanished) return all
    if (look === LOOKS) throw new Error('Its files change too quickly to be copied now.')
  }
}

async function pass(wish: Mirror): Promise<Mirrored & { vanished: boolean }> {
  const here = await walk(wish.to, () => true)
  const known = new Map(here.map((one) => [one.path, one.stats]))
  const all = { copied: 0, changes: 0, vanished: false }
  const touched = new Set<string>()
  // What may change is read first: all that it speaks of is there when the rest is listed.
  await bringAll(wish, await walk(wish.from, wish.passes), { known, touched, all, only: wish.always })
  const there = await walk(wish.from, wish.passes)
  await bringAll(wish, there, { known, touched, all, only: (path) => !wish.always(path) })
  const stay = new Set(there.map(({ path }) => path))
  const gone = here.filter(({ path }) => !stay.has(path))
  // What is not there any more may be what vanished a moment ago: then the next look decides.
  if (!all.vanished)
    for (const { path } of gone) {
      touched.add(dirname(path))
      await rm(join(wish.to, path), { recursive: true, force: true })
      all.changes++
    }
  for (const folder of touched) await syncFile(join(wish.to, folder)).catch(unlessGone)
  return all
}

interface Passing {
  known: Map<string, Stats>
  touched: Set<string>
  all: Mirrored & { vanished: boolean }
  only: (path: string) => boolean
}

async function bringAll(wish: Mirror, there: Found[], { known, touched, all, only }: Passing): Promise<void> {
  const due = there.filter(({ path, stats }) => {
    const same = isSame(stats, known.get(path))
    return stats.isDirectory() ? !same : only(path) && (!same || wish.always(path))
  })
  const before = all.copied
  const of = due.reduce((sum, { stats }) => sum + stats.size, before)
  // Folders first, each after the one that it is in.
  const rank = ({ path, stats }: Found): number => (stats.isDirectory() ? -1 : wish.rank(path))
  for (const found of due.toSorted((a, b) => rank(a) - rank(b))) {
    wish.signal.throwIfAborted()
    touched.add(dirname(found.path))
    const bytes = await copy(wish, found, (now) => wish.progress?.(all.copied + now, of))
    if (bytes === undefined) all.vanished = true
    else all.copied += bytes
    all.changes++
    known.set(found.path, found.stats)
    wish.progress?.(all.copied, of)
  }
}

/** All below the root, folders before what is in them, without those that do not pass. */
export async function walk(root: string, passes: (path: string) => boolean): Promise<Found[]> {
  const found: Found[] = []
  const enter = async (folder: string): Promise<void> => {
    for (const name of await readdir(join(root, folder)).catch(emptyIfGone)) {
      const path = folder === '' ? name : `${folder}/${name}`
      const stats = passes(path) ? await lstat(join(root, path)).catch(unlessGone) : undefined
      if (!stats) continue
      found.push({ path, stats })
      if (stats.isDirectory()) await enter(path)
    }
  }
  await enter('')
  return found
}

function isSame(a: Stats, b: Stats | undefined): boolean {
  if (!b) return false
  if (a.isDirectory()) return b.isDirectory()
  return b.isFile() && a.size === b.size && Math.abs(a.mtimeMs - b.mtimeMs) < 1
}

/** Gives the bytes of the file, 0 for a folder, undefined where it is gone. */
async function copy(
  { from, to, signal }: Mirror,
  { path, stats }: Found,
  progress: (bytes: number) => void,
): Promise<number | undefined> {
  const [source, target] = [join(from, path), join(to, path)]
  if (stats.isDirectory()) {
    await mkdir(target, { mode: stats.mode & 0o777 }).catch(unlessThere)
    return 0
  }
  if (!stats.isFile()) throw new Error(`It holds a link or another odd thing, ${path}, and is not moved.`)
  let bytes = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      progress(bytes)
      done(null, chunk)
    },
  })
  // Packs are read-only: a new file takes the place of an old one instead of being written over.
  await rm(target, { force: true, recursive: true })
  try {
    const out = createWriteStream(target, { flags: 'wx', mode: (stats.mode & 0o777) | 0o200 })
    await pipeline(createReadStream(source, { highWaterMark: CHUNK }), count, out, { signal })
    await settle(target, stats)
    return bytes
  } catch (error) {
    await rm(target, { force: true })
    return unlessGone(error as NodeJS.ErrnoException)
  }
}

const CHUNK = 1024 * 1024

/** Time and rights as the source has them, and all of it on disk. */
async function settle(path: string, stats: Stats): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await utimes(path, stats.atimeMs / 1000, stats.mtimeMs / 1000)
    await file.chmod(stats.mode & 0o777)
    await file.sync()
  } finally {
    await file.close()
  }
}

function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}

function emptyIfGone(error: NodeJS.ErrnoException): string[] {
  unlessGone(error)
  return []
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
