// Copies the data folder of a server that does not run: all of it but caches and locks, compared file by file afterwards.
// What is left is either a whole copy that a server can be started on, or nothing.
import { existsSync, realpathSync, statfsSync, statSync } from 'node:fs'
import { readdir, realpath, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { openDb } from '../db/open.ts'
import { listVolumes, relocateVolumes } from '../features/storage/actions.ts'
import { isWithin } from '../storage/adopt.ts'
import { findDifference } from '../storage/compare.ts'
import { lookAt } from '../storage/disk.ts'
import { makeFolder, syncFile } from '../storage/files.ts'
import { takeLock } from '../storage/lock.ts'
import { type Found, mirror, walk } from '../storage/mirror.ts'
import type { Volume } from '../storage/volumes.ts'
import { Refusal } from './refusal.ts'

export interface Copying {
  from: string
  to: string
  signal: AbortSignal
  tell: (state: 'copying' | 'verifying', done: number, total: number) => void
}

const DATABASE = 'gitstead.db'
/** Made again where they are missing. The mark of a server that was killed, running.json, goes along: it has to be tidied up after. */
const LEFT_OUT = new Set(['gitstead.lock', 'gitstead.lock-journal', 'cache', 'feed.db', 'feed.db-wal', 'feed.db-shm'])
/** These are there only while somebody has the database open. */
const JOURNAL = [`${DATABASE}-wal`, `${DATABASE}-shm`]
/** What a file takes on a disk beyond its bytes, and what everything takes together. */
const BLOCK = 4096
const SPARE = 16 * 1024 ** 2
const LOOK_MS = 250

/** Gives the disks outside of the folder: they stay where they are, and the copy knows them too. */
export async function copyData(wish: Copying): Promise<Volume[]> {
  const from = await theFolder(wish.from)
  const lock = takeLock(from)
  if ('heldBy' in lock) {
    const { pid, url } = lock.heldBy ?? { pid: 'unknown', url: '' }
    throw new Refusal(
      `A server runs on this data (process ${pid}${url ? ` at ${url}` : ''}). Stop it first, then copy.`,
      'in-use',
    )
  }
  try {
    const volumes = await volumesAtRest(from)
    const inside = volumes.filter(({ path }) => path !== '' && isWithin(path, from))
    const files = await list(from, inside)
    const to = realPlace(resolve(wish.to))
    await needPlace(from, to)
    needSpace(files, to)
    await make({ ...wish, from, to }, { files, inside })
    return volumes.filter(({ path }) => path !== '' && !isWithin(path, from))
  } finally {
    lock.release()
  }
}

async function theFolder(data: string): Promise<string> {
  const from = await realpath(data).catch(() => undefined)
  if (from === undefined || !existsSync(join(from, DATABASE)))
    throw new Refusal(`There is no data of Gitstead in ${data}.`)
  return from
}

/** With the last connection the journal goes into the file: from here on the database is one file that nobody has open. */
async function volumesAtRest(from: string): Promise<readonly Volume[]> {
  const db = openDb(join(from, DATABASE))
  let volumes: readonly Volume[]
  try {
    volumes = listVolumes(db)
  } finally {
    await db.close()
  }
  needRest(from)
  const missing = volumes.find(({ id, path }) => path !== '' && isWithin(path, from) && !lookAt(path, id).there)
  if (missing)
    throw new Refusal(
      `The disk ${missing.name} (${missing.path}) is not there. Connect it first: it belongs to the data.`,
    )
  return volumes
}

function needRest(from: string): void {
  if (JOURNAL.some((name) => existsSync(join(from, name))))
    throw new Refusal('Another command of Gitstead uses the database. Let it end, then copy.')
}

function passesOf(inside: readonly string[]): (path: string) => boolean {
  const scratch = ['volumes/main', ...inside].map((root) => `${root}/scratch/`)
  const found = new Set(inside.map((root) => `${root}/lost+found`))
  const out = new Set([...LEFT_OUT, ...JOURNAL])
  return (path) => !out.has(path) && !found.has(path) && !scratch.some((prefix) => path.startsWith(prefix))
}

interface Files {
  all: Found[]
  passes: (path: string) => boolean
  bytes: number
}

async function list(from: string, inside: readonly Volume[]): Promise<Files> {
  const passes = passesOf(inside.map(({ path }) => relative(from, path).replaceAll('\\', '/')))
  const all = await walk(from, passes)
  const odd = all.find(({ stats }) => !stats.isFile() && !stats.isDirectory())
  if (odd) throw new Refusal(`The data folder holds a link or another odd thing, ${odd.path}, which is not copied.`)
  const bytes = all.reduce((sum, { stats }) => sum + (stats.isFile() ? stats.size : 0), 0)
  return { all, passes, bytes }
}

/** Without links, also where the last parts of the path are not there yet. */
function realPlace(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return dirname(path) === path ? path : join(realPlace(dirname(path)), basename(path))
  }
}

async function needPlace(from: string, to: string): Promise<void> {
  if (isWithin(to, from)) throw new Refusal(`${to} lies inside the data folder. Choose a folder outside of it.`)
  const there = await readdir(to).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    if (error.code === 'ENOTDIR') throw new Refusal(`${to} cannot be made: a file stands in the way.`)
    throw error
  })
  if (there.length > 0) throw new Refusal(`${to} is not empty. Choose an empty folder, or one that is not there yet.`)
}

function standing(folder: string): string {
  return existsSync(folder) ? folder : standing(dirname(folder))
}

function needSpace({ all }: Files, to: string): void {
  const { bavail, bsize } = statfsSync(standing(to))
  const needed = all.reduce((sum, { stats }) => sum + Math.ceil(stats.size / BLOCK) * BLOCK + BLOCK, SPARE)
  if (needed > bavail * bsize)
    throw new Refusal(`${to} has too little room: ${mib(needed)} are needed, ${mib(bavail * bsize)} are free.`)
}

function mib(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MiB`
}

type Work = Copying & { from: string; to: string }

async function make(wish: Work, { files, inside }: { files: Files; inside: readonly Volume[] }): Promise<void> {
  const { from, to } = wish
  const made = await makeFolder(to)
  const guard = watchOver([from, to, ...inside.map(({ path }) => path)], wish.signal)
  try {
    await bring({ ...wish, signal: guard.signal }, files)
    guard.look()
    for (let at = to; at !== dirname(made ?? to); at = dirname(at)) await syncFile(at)
  } catch (error) {
    guard.notice()
    // Where its disk has gone, what stands in its place is not ours to empty.
    if (guard.isSame(to)) await clear(to, made)
    throw guard.signal.aborted ? guard.signal.reason : error
  } finally {
    guard.end()
  }
}

async function bring(wish: Work, { all, passes, bytes }: Files): Promise<void> {
  const { from, to, signal, tell } = wish
  const database = await stat(join(from, DATABASE))
  await mirror({
    from,
    to,
    signal,
    passes,
    always: () => false,
    rank: () => 0,
    progress: (done) => tell('copying', Math.min(done, bytes), bytes),
  })
  tell('verifying', 0, bytes)
  const files = all.filter(({ stats }) => stats.isFile())
  const found = await findDifference({ from, to, files, signal, progress: (done) => tell('verifying', done, bytes) })
  if (found) throw new Refusal(differs(found, to))
  needRest(from)
  if ((await stat(join(from, DATABASE))).mtimeMs !== database.mtimeMs)
    throw new Refusal('The database was changed while it was copied. Let other commands of Gitstead end, then copy.')
  await adapt(from, to)
}

function differs({ path, kind }: { path: string; kind: 'changed' | 'damaged' }, to: string): string {
  if (kind === 'changed') return `${path} was changed while it was copied. Nothing may use the data meanwhile.`
  return `The copy in ${to} is damaged: ${path} is not what was written. Is that disk in order?`
}

/** The copy as a database of its own: whole, and its disks where they lie now. */
async function adapt(from: string, to: string): Promise<void> {
  const db = openDb(join(to, DATABASE))
  try {
    const [problem] = db.integrity()
    if (problem !== undefined)
      throw new Refusal(`The database is damaged, and so is its copy: ${problem}. See gitstead doctor.`)
    await relocateVolumes(db, { from, to })
  } finally {
    await db.close()
  }
}

async function clear(to: string, made: string | undefined): Promise<void> {
  const names = made === undefined ? (await readdir(to)).map((name) => join(to, name)) : [made]
  for (const path of names) await rm(path, { recursive: true, force: true, maxRetries: 3 })
}

interface Guard {
  signal: AbortSignal
  /** Throws where one of them is not what it was. */
  look: () => void
  /** The same, told by the signal only. */
  notice: () => void
  isSame: (folder: string) => boolean
  end: () => void
}

/** Ends the work when a folder is not the one it was: without its disk, something else stands in its place. */
function watchOver(folders: readonly string[], signal: AbortSignal): Guard {
  const known = new Map(folders.map((folder) => [folder, identity(folder)]))
  const isSame = (folder: string): boolean => identity(folder) === known.get(folder)
  const gone = new AbortController()
  const notice = (): void => {
    const lost = folders.find((folder) => !isSame(folder))
    if (lost !== undefined) gone.abort(new Refusal(`The disk of ${lost} went away while the data was copied.`))
  }
  const look = (): void => {
    notice()
    gone.signal.throwIfAborted()
  }
  const timer = setInterval(notice, LOOK_MS)
  return { signal: AbortSignal.any([signal, gone.signal]), look, notice, isSame, end: () => clearInterval(timer) }
}

function identity(folder: string): string {
  try {
    const { dev, ino } = statSync(folder)
    return `${dev} ${ino}`
  } catch {
    return 'gone'
  }
}
