// Tidies up at the start what an earlier run left: locks and half packs of killed git, scratch folders, and folders of
// repositories that never got their row.
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Repo } from '../../git/refs/refs.ts'
import { cleanStale, isBusy } from '../../git/care/upkeep.ts'
import type { Rooms } from '../../rooms.ts'
import { leftoversEnd } from '../../storage/leftover.ts'
import { repoOf } from './door.ts'
import * as place from './place.ts'
import * as store from './store.ts'

/** The helper that starts git ends what it started within five seconds after its server has died. */
const LEFTOVER_MS = 7000
/** Between a folder's coming into its place and its row lies one short transaction, in this process or beside it. */
const ROW_FOLLOWS_MS = 60_000
const REST_MS = 500

/**
 * Before anything is served after a crash: refs can be moved again where pushes were under way. Gives false when git of
 * the earlier run is still at work; then nothing may be tidied up.
 */
export async function tidyJournaled(rooms: Rooms): Promise<boolean> {
  const mark = `GIT_CONFIG_GLOBAL=${join(rooms.config.data, 'git', 'config')}`
  if (!(await leftoversEnd({ mark, patienceMs: LEFTOVER_MS }))) {
    rooms.log.warn('git of an earlier run is still at work; what it may have left is not tidied up')
    return false
  }
  await tidyPushesOf(rooms)
  return true
}

/** Where pushes were under way, in these processes or in any. What is left there while others push goes later. */
export async function tidyPushesOf(rooms: Rooms, processes?: readonly string[]): Promise<void> {
  const pending = await store.listPendingPushes(rooms.db.read)
  const theirs = pending.filter((push) => processes === undefined || processes.includes(push.process))
  for (const id of new Set(theirs.map((push) => push.repository_id))) {
    const view = store.viewById(rooms.db, { kind: 'guest' }, id)
    if (view && isThere(rooms, view)) log(rooms, id, await cleanStale(rooms.git, repoOf(rooms, view)))
  }
}

/** In the background: everything else. Never fails; what cannot be removed now is met again at the next start. */
export async function tidyRest(rooms: Rooms, signal: AbortSignal): Promise<void> {
  try {
    await tidyVolumes(rooms)
    await tidyAll(rooms, signal)
    // A process of the earlier run may have outlived its supervisor by a moment, and its folder was taken for one in use.
    await sleep(LEFTOVER_MS, undefined, { signal })
    await sweepScratch(rooms)
  } catch (error) {
    if (!signal.aborted) rooms.log.warn({ err: error }, 'what an earlier run left could not be tidied up')
  }
}

/** Scratch folders, and folders that no row names. */
export async function tidyVolumes(rooms: Rooms): Promise<void> {
  await sweepScratch(rooms)
  await discardRowless(rooms, ROW_FOLLOWS_MS)
  await discardStrays(rooms, ROW_FOLLOWS_MS)
}

/** Folders of processes that are gone, on every disk. */
export async function sweepScratch(rooms: Rooms): Promise<void> {
  for (const volume of rooms.volumes.present()) await rooms.volumes.sweepScratch(volume)
}

/** Its disk is connected. */
function isThere(rooms: Rooms, { volume }: { volume: string }): boolean {
  return rooms.volumes.present().includes(volume)
}

/** Repository after repository; one in which git works right now gets its turn when it rests. */
async function tidyAll(rooms: Rooms, signal: AbortSignal): Promise<void> {
  const all = (await store.listAll(rooms.db.read)).filter((repository) => isThere(rooms, repository))
  let left = all.map((repository) => repoOf(rooms, repository))
  for (; left.length > 0; await sleep(REST_MS, undefined, { signal, ref: false })) {
    const busy = new Set<Repo>()
    for (const repo of left) if (await isBusy(rooms.git, repo)) busy.add(repo)
    for (const repo of left.filter((one) => !busy.has(one))) {
      signal.throwIfAborted()
      // What this run makes is younger than the run.
      const olderThanMs = Date.now() - rooms.instance.startedAt.getTime()
      log(rooms, repo.id, await cleanStale(rooms.git, repo, { olderThanMs }))
    }
    left = left.filter((repo) => busy.has(repo))
  }
}

function log(rooms: Rooms, id: string, removed: string[]): void {
  if (removed.length > 0) rooms.log.info({ repository: id, removed }, 'removed what an earlier run left behind')
}

/**
 * Removes folders of repositories that are in no row: new ones whose creation was cut off, and deleted ones whose
 * files outlived the crash. A folder with history of which the database knows nothing stays: the database may be older
 * than the folder, put back by an admin. `gitstead doctor` tells of it.
 */
async function discardRowless(rooms: Rooms, olderThanMs: number): Promise<void> {
  for (const { volume, id, ageMs, row } of await unowned(rooms)) {
    if (row || ageMs < olderThanMs) continue
    const path = rooms.volumes.path(volume, id)
    if (!(await isEmpty(path)) && !(await store.wasDeleted(rooms.db.read, id))) {
      rooms.log.warn({ path }, 'a folder with history belongs to no repository in the database')
      continue
    }
    rooms.log.info({ path }, 'removed a folder that belongs to no repository')
    await rooms.volumes.discard(volume, id)
  }
}

/**
 * Removes what a move to another disk left there that was cut off before the row said so. Only where the repository
 * itself is in its place: no copy goes that could be the last one.
 */
async function discardStrays(rooms: Rooms, olderThanMs: number): Promise<void> {
  for (const { volume, id, ageMs, row } of await unowned(rooms)) {
    if (!row || ageMs < olderThanMs || !isThere(rooms, row) || (await place.isGated(rooms.db.read, id))) continue
    if (!existsSync(join(rooms.volumes.path(row.volume, id), 'HEAD'))) continue
    rooms.log.info({ volume, repository: id }, 'removed a copy that a move had left unfinished')
    await rooms.volumes.discard(volume, id)
  }
}

interface Unowned {
  volume: string
  id: string
  ageMs: number
  /** Of the repository, which lies elsewhere. */
  row: store.RepositoryRow | undefined
}

/** Folders of which the database does not say that they are where they are. */
async function unowned(rooms: Rooms): Promise<Unowned[]> {
  const found: Unowned[] = []
  for (const volume of rooms.volumes.present()) {
    for (const id of await rooms.volumes.list(volume)) {
      const row = await store.findById(rooms.db.read, id)
      const copies = row ? await place.listOldCopies(rooms.db.read, id) : []
      if ([row, ...copies].some((one) => one?.volume === volume)) continue
      const changed = await stat(rooms.volumes.path(volume, id)).catch(() => undefined)
      if (changed) found.push({ volume, id, ageMs: Date.now() - changed.mtimeMs, row })
    }
  }
  return found
}

async function isEmpty(path: string): Promise<boolean> {
  const names = await readdir(join(path, 'objects'), { recursive: true, withFileTypes: true })
  return !names.some((entry) => entry.isFile())
}
