// The files that refs live in, read again only where their stamps changed: HEAD, packed-refs and the loose ref folders.
import { lstatSync, readdirSync, readFileSync, statSync, type PathLike } from 'node:fs'
import { isAscii } from '../format/refnames.ts'

/** All names are strings of one character per byte, as in refnames.ts. */
export interface RefFiles {
  config: Watched<string>
  head: Watched<string>
  packed: Watched<Buffer>
  folders: Map<string, Folder>
}

/** A file's content at the time of its stamp; undefined when there is no such file. */
export interface Watched<T> {
  stamp?: Stamp
  value?: T
}

export interface Folder {
  stamp: Stamp
  files: Map<string, Watched<string>>
  folders: string[]
}

export interface Stamp {
  ino: bigint
  size: bigint
  /** The later of mtime and ctime. */
  time: bigint
  /** When we looked, in ms. */
  read: number
}

export interface Changes {
  config: boolean
  head: boolean
  packed: boolean
  loose: boolean
}

/** A second write within the clock's tick leaves the same stamp: younger ones prove nothing ("racy" in git's index). */
const RACY_MS = 30
const COARSE_RACY_MS = 2100 // for file systems that store whole seconds, or two

/** Stands for the content of a symbolic link, git's oldest form of a symbolic ref. */
export const SYMLINK = '\0'

export function emptyFiles(): RefFiles {
  return { config: {}, head: {}, packed: {}, folders: new Map() }
}

/**
 * Brings `files` up to date and says what changed in content. Loose refs are read before packed-refs, as git does:
 * packing writes a ref to packed-refs before it removes the loose one, so in this order none can be missed.
 */
export function refresh(files: RefFiles, root: string): Changes {
  const config = renew(files.config, `${root}/config`, readText)
  const head = renew(files.head, `${root}/HEAD`, readHead)
  const folders = new Map<string, Folder>()
  const looseChanged = walk('refs', { root, old: files.folders, next: folders })
  const loose = looseChanged || folders.size !== files.folders.size
  files.folders = folders
  const packed = renew(files.packed, `${root}/packed-refs`, readFileSync)
  return { config, head, packed, loose }
}

/** Whether the config read last is there still, unchanged. Changes nothing, so that `refresh` misses nothing. */
export function configHolds(files: RefFiles, root: string): boolean {
  const now = stampOf(`${root}/config`, lstatSync)
  return files.config.stamp !== undefined && now !== undefined && holds(files.config.stamp, now)
}

interface Walk {
  root: string
  old: Map<string, Folder>
  next: Map<string, Folder>
}

function walk(name: string, through: Walk): boolean {
  const path = pathOf(through.root, name)
  const stamp = stampOf(path)
  if (!stamp) return false
  const old = through.old.get(name)
  let folder = old
  let changed = false
  if (!old || !holds(old.stamp, stamp)) {
    folder = readFolder(through.root, name, { stamp, old })
    if (!folder) return true
    changed = !old || !sameFiles(old.files, folder.files)
  }
  if (!folder) return true
  through.next.set(name, folder)
  for (const inner of folder.folders) if (walk(`${name}/${inner}`, through)) changed = true
  return changed
}

function readFolder(root: string, name: string, seen: { stamp: Stamp; old?: Folder }): Folder | undefined {
  const folder: Folder = { stamp: seen.stamp, files: new Map(), folders: [] }
  try {
    for (const entry of readdirSync(pathOf(root, name), { withFileTypes: true, encoding: 'latin1' })) {
      if (entry.isDirectory()) folder.folders.push(entry.name)
      else if (entry.isSymbolicLink()) folder.files.set(entry.name, { value: SYMLINK })
      else if (!entry.name.endsWith('.lock')) {
        const file = { ...seen.old?.files.get(entry.name) }
        renew(file, pathOf(root, `${name}/${entry.name}`), readText)
        if (file.value !== undefined) folder.files.set(entry.name, file)
      }
    }
    return folder
  } catch {
    return undefined
  }
}

function sameFiles(a: Map<string, Watched<string>>, b: Map<string, Watched<string>>): boolean {
  if (a.size !== b.size) return false
  for (const [name, { value }] of b) if (a.get(name)?.value !== value) return false
  return true
}

/** Reads a file again unless its stamp vouches for what we have. True when the content is another. */
function renew<T extends string | Buffer>(watched: Watched<T>, path: PathLike, read: (path: PathLike) => T): boolean {
  // A symbolic link is looked at itself, not what it leads to: HEAD may be one, and dangle.
  const stamp = stampOf(path, lstatSync)
  if (watched.stamp && stamp && holds(watched.stamp, stamp)) return false
  const before = watched.value
  watched.stamp = stamp
  watched.value = stamp && attempt(() => read(path))
  if (typeof before !== 'object' || typeof watched.value !== 'object') return before !== watched.value
  return !before.equals(watched.value)
}

function readHead(path: PathLike): string {
  return lstatSync(path).isSymbolicLink() ? SYMLINK : readText(path)
}

function readText(path: PathLike): string {
  return readFileSync(path, 'latin1')
}

/** A file that went between stat and read counts as absent: the next look sees a stable state. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Taken before the content is read, so that a change in between shows at the next look. */
function stampOf(path: PathLike, look: typeof statSync = statSync): Stamp | undefined {
  const read = Date.now()
  const stat = attempt(() => look(path, { bigint: true, throwIfNoEntry: false }))
  if (!stat) return undefined
  const time = stat.mtimeNs > stat.ctimeNs ? stat.mtimeNs : stat.ctimeNs
  return { ino: stat.ino, size: stat.size, time, read }
}

function holds(old: Stamp, now: Stamp): boolean {
  return old.time === now.time && old.ino === now.ino && old.size === now.size && settled(old)
}

function settled({ time, read }: Stamp): boolean {
  const window = time % 1_000_000_000n === 0n ? COARSE_RACY_MS : RACY_MS
  return read - Number(time / 1_000_000n) > window
}

function pathOf(root: string, name: string): PathLike {
  if (isAscii(name)) return `${root}/${name}`
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, 'latin1')])
}
