// Whether everything that the server stands on works, and what an admin should know when it does not.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Check, Health } from '../../contract/operations.ts'
import { wordsOf } from '../../kit/fault.ts'
import type { Rooms } from '../../rooms.ts'
import { type Disk, readDisks, tryDisks, tryFolder, within, type Written } from './disks.ts'
import { askEverybody, type Everybody } from './everybody.ts'
import { valueOf } from './sample.ts'
import { jobsByKind, type KindOfJobs, writePulse } from './store.ts'

/** What a look at the server found, from which the checks are made. */
export interface Looked {
  everybody: Everybody
  disks: readonly Disk[]
  written: readonly Written[]
  jobs: readonly KindOfJobs[]
  /** Why writing to the database, to the data folder, or starting git failed. */
  database: string | undefined
  folder: string | undefined
  git: string | undefined
}

const LEAST_FREE = 1024 ** 3
const SLOW_DISK_MS = 1000
const LATE_JOB_MS = 5 * 60_000
const LATE_LOOP_MS = 1000

export async function look(rooms: Rooms): Promise<Looked> {
  const [everybody, disks, jobs, tried] = await Promise.all([
    askEverybody(rooms),
    readDisks(rooms),
    jobsByKind(rooms.db.read),
    tries(rooms),
  ])
  return { everybody, disks, jobs, ...tried }
}

type Tried = Pick<Looked, 'written' | 'database' | 'folder' | 'git'>

/** What was tried a moment ago is not tried again: many may look, and each try costs the disk a write. */
const KEPT_MS = 5000
const kept = new WeakMap<Rooms, { at: number; tried: Promise<Tried> }>()

function tries(rooms: Rooms): Promise<Tried> {
  const last = kept.get(rooms)
  if (last && Date.now() - last.at < KEPT_MS) return last.tried
  const tried = tryAll(rooms)
  kept.set(rooms, { at: Date.now(), tried })
  return tried
}

async function tryAll(rooms: Rooms): Promise<Tried> {
  const [written, database, folder, git] = await Promise.all([
    tryDisks(rooms),
    failureOf(rooms.db.write(writePulse)),
    failureOf(writeFolder(rooms)),
    failureOf(rooms.git.exec({ name: 'health', args: ['version'] })),
  ])
  return { written, database, folder, git }
}

/** Emptied at each start, so that nothing is left there for ever. */
async function writeFolder({ config }: Rooms): Promise<void> {
  const folder = join(config.data, 'cache', 'packs')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await tryFolder(folder)
}

async function failureOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await within(work)
    return undefined
  } catch (error) {
    return wordsOf(error)
  }
}

export function healthOf(looked: Looked): Health {
  const checks = [
    database(looked),
    folder(looked),
    git(looked),
    ...looked.written.map((one) => disk(one, looked.disks)),
    jobs(looked),
    processes(looked),
    log(looked),
  ]
  const worst = (['broken', 'strained', 'fine'] as const).find((state) => checks.some((check) => check.state === state))
  return { state: worst ?? 'fine', checks }
}

export async function readHealth(rooms: Rooms): Promise<Health> {
  return healthOf(await look(rooms))
}

function check(name: string, state: Check['state'], words: string): Check {
  return { name, state, words }
}

function database({ database }: Looked): Check {
  if (database === undefined) return check('database', 'fine', 'The database can be read and written.')
  return check('database', 'broken', `The database cannot be written: ${database} Reading goes on.`)
}

function folder({ folder }: Looked): Check {
  if (folder === undefined) return check('data folder', 'fine', 'The data folder can be written.')
  return check('data folder', 'broken', `The data folder cannot be written: ${folder} Reading goes on; pushes fail.`)
}

function git({ git }: Looked): Check {
  if (git === undefined) return check('git', 'fine', 'Git starts.')
  return check('git', 'broken', `Git does not start: ${git}`)
}

function disk({ volume, ms, error }: Written, disks: readonly Disk[]): Check {
  const name = `volume ${volume}`
  if (ms === undefined) return check(name, 'broken', `Nothing can be stored on it: ${error ?? ''}`)
  const room = disks.find((one) => one.volume === volume)
  if (room && room.free < LEAST_FREE) return check(name, 'strained', 'It is nearly full.')
  if (ms > SLOW_DISK_MS) return check(name, 'strained', `A small write takes ${(ms / 1000).toFixed(1)} seconds.`)
  return check(name, 'fine', 'It can be written, and has room.')
}

function jobs({ everybody, jobs }: Looked): Check {
  // A pool of one process has no list: that process is the one that answers.
  const runner = everybody.processes.filter(({ known }) => known.role !== 'web')
  if (runner.length > 0 && !runner.some(({ state }) => state)) {
    return check(
      'jobs',
      'broken',
      'No process works the jobs off. Pushes and pages go on; what is left is caught up with.',
    )
  }
  const late = jobs.filter(({ lag }) => lag > LATE_JOB_MS).map(({ kind }) => kind)
  if (late.length > 0) return check('jobs', 'strained', `Jobs are late by more than five minutes: ${late.join(', ')}.`)
  const parked = jobs.reduce((sum, one) => sum + one.parked, 0)
  if (parked > 0)
    return check('jobs', 'strained', `${parked} of them have failed as often as they may, and wait for you.`)
  return check('jobs', 'fine', 'They are worked off.')
}

function processes({ everybody }: Looked): Check {
  const silent = everybody.processes.filter(({ known, state }) => !state && known.state === 'ready')
  if (silent.length > 0) {
    return check('processes', 'strained', `No answer from ${silent.map(({ known }) => known.name).join(', ')}.`)
  }
  const late = everybody.processes.filter(({ state }) => (state?.vitals.loop.p99 ?? 0) > LATE_LOOP_MS)
  if (late.length > 0) {
    return check('processes', 'strained', `So busy that all waits: ${late.map(({ known }) => known.name).join(', ')}.`)
  }
  return check('processes', 'fine', 'All of them answer.')
}

function log({ everybody }: Looked): Check {
  const dropped = valueOf(everybody.readings, 'log_dropped_total')
  if (dropped === 0) return check('log', 'fine', 'All lines of the log were taken.')
  return check('log', 'strained', `Nobody read the log in time: ${dropped} lines of it are lost.`)
}
