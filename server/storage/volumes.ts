// Where repositories lie: VOLUME/<2 hex>/<id>.git, so that a rename or a transfer never touches the disk. A volume is a
// folder, on a disk of its own as a rule. One that is not there is noticed, and nothing is ever written in its place.
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { Fault } from '../kit/fault.ts'
import { isAlive } from '../kit/process.ts'
import { type Disk, lookAt } from './disk.ts'
import { syncFile, syncTree } from './files.ts'
import { reserveBytes } from './reserve.ts'

export interface Volume {
  id: string
  name: string
  /** Empty for the one inside the data folder. */
  path: string
  /** Whether new repositories are placed here. */
  state: 'open' | 'closed'
  /** As written: of its own, or the server's. */
  reserve: string
}

export interface Space extends Disk {
  /** Bytes that pushes leave free. */
  reserve: number
}

export interface Volumes {
  /** Path of a repository's folder, whether it exists or not. Throws `storage.missing` when the disk is not there. */
  path(volume: string, id: string): string
  all(): readonly Volume[]
  /** Of the volumes that are there. */
  present(): string[]
  /** The folder that a volume is. */
  root(volume: string): string
  space(volume: string): Space
  /** Throws in words for a person unless something may be stored there; a removal needs no room, only a disk. */
  needRoom(volume: string, wish?: { removing?: boolean }): void
  /** For a new repository: of the open volumes with room the one with most of it, the older one where two are alike. */
  place(): string
  /** A folder on the same disk for what is being made or thrown away. */
  scratch(volume: string): Promise<string>
  /** Removes what processes that are gone left in the scratch folders. */
  sweepScratch(volume: string): Promise<void>
  /** Moves a finished folder into its place, on disk before this resolves. `synced`: its files are on disk already. */
  publish(from: string, to: { volume: string; id: string; synced?: boolean }): Promise<void>
  /** Takes the repository out of its place at once and removes its files afterwards. */
  discard(volume: string, id: string): Promise<void>
  /** Ids of all repositories on disk. */
  list(volume: string): Promise<string[]>
}

export const MAIN = 'main'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** How long what was seen of a disk is believed. */
const FRESH_MS = 500
/** The journal lies on the disk of the data folder: where that is really full, no push to another one can be written down. */
const JOURNAL_BYTES = 16 * 1024 ** 2

/** `listed`: the volumes as they stand in the database now, the oldest first. */
export async function openVolumes(data: string, listed: () => readonly Volume[]): Promise<Volumes> {
  const inside = join(data, 'volumes', MAIN)
  await mkdir(join(inside, 'scratch'), { recursive: true })
  const disks = openDisks(inside, listed)
  return {
    path: (volume, id) => within(disks.present(volume), id),
    all: listed,
    root: disks.root,
    present: () => listed().flatMap(({ id }) => (disks.space(id).there ? [id] : [])),
    space: (id) => disks.space(id),
    needRoom: (id, wish) => needRoom(disks, id, wish),
    place: () => place(disks, listed()),
    async scratch(volume) {
      const dir = join(disks.present(volume, true), 'scratch', scratchName())
      await mkdir(dir)
      return dir
    },
    sweepScratch: (volume) => sweep(join(disks.present(volume, true), 'scratch')),
    publish: (from, { volume, id, synced = false }) => publish(from, { root: disks.present(volume, true), id, synced }),
    discard: (volume, id) => discard(disks.present(volume, true), id),
    list: (volume) => list(disks.present(volume)),
  }
}

interface Disks {
  find: (id: string) => Volume
  root: (id: string) => string
  /** `now`: as it is at this moment. */
  space: (id: string, now?: boolean) => Space
  /** The folder of a volume whose disk is there; `now`: as it is at this moment. */
  present: (id: string, now?: boolean) => string
}

/** What is seen of a disk is believed for a moment: each request asks. */
function openDisks(inside: string, listed: () => readonly Volume[]): Disks {
  const seen = new Map<string, { at: number; disk: Disk }>()
  const find = (id: string): Volume => {
    const volume = listed().find((one) => one.id === id)
    if (!volume) throw new Error(`There is no volume ${id}.`)
    return volume
  }
  const root = (id: string): string => (id === MAIN ? inside : find(id).path)
  const look = (id: string, now: boolean): Disk => {
    const known = seen.get(id)
    const at = performance.now()
    if (!now && known && at - known.at < FRESH_MS) return known.disk
    const disk = lookAt(root(id), id === MAIN ? undefined : id)
    seen.set(id, { at, disk })
    return disk
  }
  return {
    find,
    root,
    space: (id, now = false) => {
      const disk = look(id, now)
      return { ...disk, reserve: reserveBytes(find(id).reserve, disk.total) }
    },
    present: (id, now = false) => {
      const { name } = find(id)
      if (!look(id, now).there) throw new Fault('storage.missing', { volume: name })
      return root(id)
    },
  }
}

function needRoom(disks: Disks, id: string, { removing = false } = {}): void {
  disks.present(id)
  if (!disks.space(id).writable) throw new Fault('storage.read-only', { volume: disks.find(id).name })
  // Nobody is refused by what was seen a moment ago: what filled the disk may have just been removed.
  if (!removing && isFull(disks, id, false) && isFull(disks, id, true)) throw new Fault('storage.full')
}

function isFull(disks: Disks, id: string, now: boolean): boolean {
  const own = disks.space(id, now)
  const journal = disks.space(MAIN, now)
  return own.free <= own.reserve || journal.free <= Math.min(journal.reserve, JOURNAL_BYTES)
}

function place(disks: Disks, volumes: readonly Volume[]): string {
  const open = volumes.filter(({ state }) => state === 'open').map(({ id }) => ({ id, space: disks.space(id) }))
  const usable = open.filter(({ space }) => space.there && space.writable)
  const rooms = usable.map(({ id, space }) => ({ id, bytes: space.free - space.reserve }))
  // The order is stable: of two that are alike, as on one disk, the older one.
  const [best] = rooms.toSorted((a, b) => b.bytes - a.bytes)
  if (!best) throw new Fault('storage.closed')
  if (best.bytes <= 0) throw new Fault('storage.full')
  return best.id
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const dir = join(folder, name)
    if (await isAbandoned(dir, name)) await rm(dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function publish(from: string, at: { root: string; id: string; synced: boolean }): Promise<void> {
  const to = within(at.root, at.id)
  // Not with its parents: where the disk has gone in between, nothing is made in its place.
  await mkdir(dirname(to)).catch(unlessThere)
  if (!at.synced) await syncTree(from)
  await rename(from, to)
  await syncFile(dirname(to))
  await syncFile(at.root)
}

async function discard(root: string, id: string): Promise<void> {
  const from = within(root, id)
  if (!existsSync(from)) return
  const away = join(root, 'scratch', scratchName())
  await rename(from, away)
  await syncFile(dirname(from))
  await rm(away, { recursive: true, force: true, maxRetries: 3 })
}

async function list(root: string): Promise<string[]> {
  const found: string[] = []
  for (const folder of await readdir(root)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue
    const names = await readdir(join(root, folder))
    found.push(...names.map((name) => name.replace(/\.git$/, '')).filter((id) => UUID.test(id)))
  }
  return found
}

function within(root: string, id: string): string {
  if (!UUID.test(id)) throw new Error('A repository is found by its UUID only.')
  return `${root}${sep}${id.slice(0, 2)}${sep}${id}.git`
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

/** Says which process works in it. */
function scratchName(): string {
  return `${process.pid}-${crypto.randomUUID()}`
}

const LONGEST_WORK_MS = 60 * 60_000

/** Its process is gone, or is another one that has the same number by now. */
async function isAbandoned(dir: string, name: string): Promise<boolean> {
  const pid = Number(/^\d+(?=-)/.exec(name)?.[0] ?? 0)
  const changed = (await stat(dir).catch(() => undefined))?.mtimeMs ?? Date.now()
  if (pid === process.pid) return changed < Date.now() - process.uptime() * 1000
  return !isAlive(pid) || Date.now() - changed > LONGEST_WORK_MS
}
