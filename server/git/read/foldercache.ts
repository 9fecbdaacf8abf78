// What is known of the last commits of folders, by commit: in memory, and in files that outlive the process and that all
// processes share. Every file is made under another name and renamed; one that cannot be read is as good as none.
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLru, type Lru } from '../../kit/lru.ts'
import { isOid } from '../format/oid.ts'
import { type LastCommits, packFolder, unpackFolder } from '../format/folderfile.ts'

export type { LastCommits } from '../format/folderfile.ts'

/** What is known of one folder of one repository, by commit. */
export interface FolderMemory {
  /** Perhaps not of all of its entries. */
  get: (commit: string) => Promise<LastCommits | undefined>
  /** Gives a test that is asked of each commit of a walk. */
  known: () => Promise<(commit: string) => boolean>
  /** Adds to what is known. */
  put: (commit: string, found: LastCommits) => void
}

export interface FolderCache {
  of: (repoId: string, folder: Buffer) => FolderMemory
  /** Folders of which something is known, the last used first. */
  folders: (repoId: string, most: number) => Promise<Buffer[]>
  /** Nothing of this repository is left, and what is still on its way is not kept. */
  purge: (repoId: string) => Promise<void>
  /** Resolves when all that was put is on disk. */
  settled: () => Promise<void>
}

export interface FolderCacheOptions {
  /** Without a folder of its own it is memory alone. */
  dir?: string
  diskBytes?: number
}

const MEMORY_BYTES = 32 * 1024 * 1024
const DISK_BYTES = 256 * 1024 * 1024
/** Disks are never filled for it. */
const MIN_FREE = 1024 ** 3
/** Commits of one folder that are remembered: those of its latest branches. */
const PER_FOLDER = 16
/** Of one file; larger folders are known in memory only. */
const FILE_MAX = 16 * 1024 * 1024

interface Store {
  dir: string | undefined
  diskBytes: number
  memory: Lru<LastCommits>
  /** How often each repository was purged. */
  purges: Map<string, number>
  /** Bytes written since all files were looked at; at first nobody knows what there is. */
  unseen: number
  writing: Promise<void>
}

export function openFolderCache({ dir, diskBytes = DISK_BYTES }: FolderCacheOptions = {}): FolderCache {
  const store: Store = {
    dir,
    diskBytes,
    memory: openLru<LastCommits>(MEMORY_BYTES),
    purges: new Map(),
    unseen: Infinity,
    writing: Promise.resolve(),
  }
  return {
    of: (repoId, folder) => memoryOf(store, repoId, folder),
    folders: (repoId, most) => knownFolders(store, repoId, most),
    purge: async (repoId) => {
      store.purges.set(repoId, (store.purges.get(repoId) ?? 0) + 1)
      store.memory.deletePrefix(`${repoId} `)
      await store.writing
      if (store.dir !== undefined) await rm(join(store.dir, repoId), { recursive: true, force: true })
    },
    settled: () => store.writing,
  }
}

function memoryOf(store: Store, repoId: string, folder: Buffer): FolderMemory {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 40)
  const place = store.dir === undefined ? undefined : join(store.dir, repoId, name)
  const keyOf = (commit: string): string => `${repoId} ${name} ${commit}`
  const turn = store.purges.get(repoId)
  return {
    get: async (commit) => {
      const inMemory = store.memory.get(keyOf(commit))
      if (inMemory || place === undefined || !isOid(commit)) return inMemory
      const found = await readKnown(join(place, commit), folder)
      if (found && store.purges.get(repoId) === turn) remember(store, keyOf(commit), found)
      return found
    },
    known: async () => {
      const onDisk = new Set(place === undefined ? [] : await list(place))
      return (commit) => onDisk.has(commit) || store.memory.get(keyOf(commit)) !== undefined
    },
    put: (commit, found) => {
      if (store.purges.get(repoId) !== turn) return
      const whole = new Map([...(store.memory.get(keyOf(commit)) ?? []), ...found])
      remember(store, keyOf(commit), whole)
      const data = packFolder(folder, whole)
      if (place === undefined || data.length > FILE_MAX) return
      // One file after the other; a cache that cannot be written is none.
      store.writing = store.writing
        .then(() => (store.purges.get(repoId) === turn ? keep(store, { place, commit, data }) : undefined))
        .catch(() => {})
    },
  }
}

/** About what a Map of short texts takes. */
const PER_NAME = 120

function remember({ memory }: Store, key: string, found: LastCommits): void {
  memory.set(key, found, found.size * PER_NAME + 200)
}

async function readKnown(file: string, folder: Buffer): Promise<LastCommits | undefined> {
  const data = await readFile(file).catch(() => undefined)
  const read = data && unpackFolder(data)
  if (!read?.folder.equals(folder)) return undefined
  const now = new Date()
  // What was used longest ago goes first.
  void utimes(file, now, now).catch(() => {})
  return read.found
}

function list(place: string): Promise<string[]> {
  return readdir(place).catch(() => [])
}

async function keep(store: Store, file: { place: string; commit: string; data: Buffer }): Promise<void> {
  const { place, commit, data } = file
  if (store.unseen > store.diskBytes / 8) await shrink(store)
  await mkdir(place, { recursive: true, mode: 0o700 })
  const disk = await statfs(place)
  if (disk.bavail * disk.bsize < MIN_FREE) return
  const draft = join(place, `.${randomBytes(8).toString('hex')}`)
  try {
    await writeFile(draft, data, { mode: 0o600, flag: 'wx' })
    await rename(draft, join(place, commit))
    store.unseen += data.length
  } catch {
    await rm(draft, { force: true })
  }
  const names = await list(place)
  if (names.length > PER_FOLDER) await dropOldest(await looked(place, names), names.length - PER_FOLDER)
}

interface Looked {
  file: string
  bytes: number
  used: number
}

async function looked(place: string, names: readonly string[]): Promise<Looked[]> {
  const files = names.map(async (name) => {
    const file = join(place, name)
    const found = await stat(file).catch(() => undefined)
    return found?.isFile() ? [{ file, bytes: found.size, used: found.mtimeMs }] : []
  })
  return (await Promise.all(files)).flat().toSorted((a, b) => a.used - b.used)
}

async function dropOldest(files: readonly Looked[], count: number): Promise<void> {
  for (const { file } of files.slice(0, count)) await rm(file, { force: true })
}

/** Looks at all files, also those of other processes; where they are too many, a quarter goes, the longest unused first. */
async function shrink(store: Store): Promise<void> {
  const { dir = '', diskBytes } = store
  const files: Looked[] = []
  for (const repoId of await list(dir))
    for (const name of await list(join(dir, repoId))) {
      const place = join(dir, repoId, name)
      files.push(...(await looked(place, await list(place))))
    }
  store.unseen = 0
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total <= diskBytes) return
  for (const { file, bytes } of files.toSorted((a, b) => a.used - b.used)) {
    if (total <= (diskBytes * 3) / 4) return
    await rm(file, { force: true })
    total -= bytes
  }
}

async function knownFolders({ dir }: Store, repoId: string, most: number): Promise<Buffer[]> {
  if (dir === undefined) return []
  const places = (await list(join(dir, repoId))).map(async (name) => {
    const place = join(dir, repoId, name)
    const newest = (await looked(place, await list(place))).at(-1)
    return newest ? [newest] : []
  })
  const newest = (await Promise.all(places)).flat().toSorted((a, b) => b.used - a.used)
  const folders: Buffer[] = []
  for (const { file } of newest.slice(0, most)) {
    const data = await readFile(file).catch(() => undefined)
    const read = data && unpackFolder(data)
    if (read) folders.push(read.folder)
  }
  return folders
}
