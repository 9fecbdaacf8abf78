// A repository changes its disk: copied while everybody works in it, shut for the last seconds, compared, switched.
import { existsSync } from 'node:fs'
import { rm, utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { findBadPack, findDamage, findHoles, packNames, refList } from '../../git/care/check.ts'
import { copyRank, isPassing, mayChange } from '../../git/care/files.ts'
import { sizeOf } from '../../git/care/upkeep.ts'
import type { Repo } from '../../git/refs/refs.ts'
import { FinalFailure, type JobRun } from '../../outbox/runner.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { mirror, type Mirrored } from '../../storage/mirror.ts'
import { viewById } from '../repositories/actions.ts'
import { dropOldCopy, oldCopyOn, switchVolume } from '../repositories/copies.ts'
import { repoOf } from '../repositories/door.ts'
import { openGate, shutGate, untilIdle } from '../repositories/gate.ts'

export interface Wanted {
  to: string
  /** Nothing is copied: what an earlier move left there is taken as it is. */
  restore?: boolean
}

/** Whoever pushes waits for 25 seconds: waiting for others, the last copying and the comparison must fit in there. */
const IDLE_MS = 8000
/** More than this is copied with the gate open once more. */
const LATE_BYTES = 64 * 1024 ** 2
const ROUNDS = 20
const REST_MS = 3000
const SHOWN_EVERY_MS = 500

interface Move extends Pick<JobRun, 'job' | 'signal' | 'progress'> {
  view: RepositoryView
  from: Repo
  to: string
}

export async function runMove(rooms: Rooms, run: JobRun): Promise<void> {
  const { job } = run
  const { to, restore } = JSON.parse(job.data) as Wanted
  const view = job.repository_id === null ? undefined : viewById(rooms.db, { kind: 'guest' }, job.repository_id)
  if (!view || view.volume === to) return
  if (!rooms.volumes.all().some(({ id }) => id === to)) throw new FinalFailure('That disk was removed meanwhile.')
  if (restore === true) return putBack(rooms, view, { to, run })
  const move: Move = { ...run, view, to, from: repoOf(rooms, view) }
  await clearTarget(rooms, move)
  await needSpace(rooms, move)
  const dir = await rooms.volumes.scratch(to)
  try {
    await carry(rooms, move, dir)
  } finally {
    await openGate(rooms, view.id, job)
    await rm(dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** What an earlier move left there, or one that was cut off. */
async function clearTarget(rooms: Rooms, { view, to }: Move): Promise<void> {
  const old = await oldCopyOn(rooms, view.id, to)
  if (old) await dropOldCopy(rooms, old)
  else await rooms.volumes.discard(to, view.id)
}

async function needSpace(rooms: Rooms, { from, to }: Move): Promise<void> {
  rooms.volumes.needRoom(to)
  const { free, reserve } = rooms.volumes.space(to)
  if (free - (await sizeOf(from)) <= reserve)
    throw new FinalFailure('That disk has too little room for this repository.')
}

async function carry(rooms: Rooms, move: Move, dir: string): Promise<void> {
  let checked = await copyOpenly(rooms, move, dir)
  for (let round = 1; round <= ROUNDS; round++) {
    const late = await finishShut(rooms, move, dir, checked)
    if (late === 'switched') return
    if (late === 'busy') await sleep(REST_MS, undefined, { signal: move.signal })
    else checked = await copyOpenly(rooms, move, dir)
  }
  throw new Error('So much is pushed that no pause was found. It is tried again later.')
}

/** What was found whole in the copy. */
interface Checked {
  refs: string
  packs: ReadonlySet<string>
}

async function copyOpenly(rooms: Rooms, move: Move, dir: string): Promise<Checked> {
  const { signal, progress } = move
  await bring(rooms, move, dir, (done, of) => progress(`Copying: ${percent(done, of)} % of ${inWords(of)}`))
  progress('Reading every object of the copy …')
  const copy = copyOf(move, dir)
  const damage = await findDamage(rooms.git, copy, signal)
  if (damage !== undefined) {
    // The copy cannot be better than what it was made of.
    const source = await findDamage(rooms.git, move.from, signal)
    if (source !== undefined) throw new FinalFailure(`The repository is damaged and stays where it is: ${source}`)
    throw new Error(`The copy is not whole: ${damage}`)
  }
  return { refs: await refList(rooms.git, copy), packs: new Set(await packNames(copy)) }
}

/** Not by the repository's id: what git does in the copy is no work in the repository. */
function copyOf({ view }: Move, dir: string): Repo {
  return { id: `copy of ${view.id}`, path: dir }
}

async function bring(
  rooms: Rooms,
  { from, to, signal, view }: Move,
  dir: string,
  progress?: (done: number, of: number) => void,
): Promise<Mirrored> {
  let shown = 0
  const every = (done: number, of: number): void => {
    const now = performance.now()
    if (now - shown < SHOWN_EVERY_MS) return
    shown = now
    rooms.volumes.needRoom(to)
    // Sweepers take a folder that has not changed for long for an abandoned one.
    utimes(dir, new Date(), new Date()).catch(() => {})
    progress?.(done, of)
  }
  rooms.log.debug({ repository: view.id, to }, 'copying to another disk')
  return mirror({
    from: from.path,
    to: dir,
    signal,
    passes: (path) => !isPassing(path),
    always: mayChange,
    rank: copyRank,
    progress: every,
  })
}

/** With the gate shut nothing new is announced. Gives why it was not the time yet. */
async function finishShut(
  rooms: Rooms,
  move: Move,
  dir: string,
  checked: Checked,
): Promise<'switched' | 'busy' | 'much'> {
  const { view, job, signal, progress, to } = move
  progress('Waiting until no push is under way …')
  await shutGate(rooms, view.id, job)
  try {
    if (!(await becomesIdle(rooms, view, signal))) return 'busy'
    progress('Pushes wait: the last changes follow …')
    const { copied } = await bring(rooms, move, dir)
    if (copied > LATE_BYTES) return 'much'
    await compare(rooms, move, copyOf(move, dir), checked)
    signal.throwIfAborted()
    await utimes(dir, new Date(), new Date())
    await rooms.volumes.publish(dir, { volume: to, id: view.id, synced: true })
    await switched(rooms, move)
    return 'switched'
  } finally {
    await openGate(rooms, view.id, job)
  }
}

async function becomesIdle(rooms: Rooms, view: RepositoryView, signal: AbortSignal): Promise<boolean> {
  try {
    await untilIdle(rooms, view, { signal, patienceMs: IDLE_MS })
    return true
  } catch {
    signal.throwIfAborted()
    return false
  }
}

async function compare(rooms: Rooms, move: Move, copy: Repo, { refs, packs }: Checked): Promise<void> {
  const { git } = rooms
  const { signal, from } = move
  const now = await refList(git, copy)
  if (now !== (await refList(git, from))) throw new Error('The refs of the copy are not those of the repository.')
  const holes = await findHoles(git, copy, { before: refs, now, signal })
  if (holes !== undefined) throw new Error(`The copy is not whole: ${holes}`)
  const bad = await findBadPack(git, copy, { known: packs, signal })
  if (bad !== undefined) throw new Error(`A pack of the copy cannot be read: ${bad}`)
}

/** The one step. Where it fails the copy goes, unless the row says all the same that it is the repository now. */
async function switched(rooms: Rooms, { view, job, to }: Move): Promise<void> {
  const data = { from: nameOf(rooms, view.volume), to: nameOf(rooms, to) }
  try {
    await switchVolume(rooms, view, { job, to, event: 'repo:moved', data })
  } catch (error) {
    if (viewById(rooms.db, { kind: 'guest' }, view.id)?.volume !== to) await rooms.volumes.discard(to, view.id)
    throw error
  }
}

function nameOf(rooms: Rooms, volume: string): string {
  return rooms.volumes.all().find(({ id }) => id === volume)?.name ?? volume
}

/** The old copy becomes the repository again as it is, and what is the repository now becomes the old copy. */
async function putBack(rooms: Rooms, view: RepositoryView, { to, run }: { to: string; run: JobRun }): Promise<void> {
  const { job, signal, progress } = run
  const old = { id: `copy of ${view.id}`, path: rooms.volumes.path(to, view.id) }
  if (!(await oldCopyOn(rooms, view.id, to)) || !existsSync(old.path))
    throw new FinalFailure('The old copy is not there any more.')
  progress('Reading every object of the old copy …')
  const damage = await findDamage(rooms.git, old, signal)
  if (damage !== undefined) throw new FinalFailure(`The old copy is damaged: ${damage}`)
  await shutGate(rooms, view.id, job)
  try {
    // Where its disk is gone, nobody pushes.
    if (rooms.volumes.space(view.volume).there) await untilIdle(rooms, view, { signal, patienceMs: IDLE_MS })
    const data = { from: nameOf(rooms, view.volume), to: nameOf(rooms, to) }
    await switchVolume(rooms, view, { job, to, event: 'repo:copy-restored', data })
  } finally {
    await openGate(rooms, view.id, job)
  }
}

function percent(done: number, of: number): number {
  return of === 0 ? 100 : Math.floor((done * 100) / of)
}

function inWords(bytes: number): string {
  return bytes < 1024 ** 2 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(0)} MB`
}
