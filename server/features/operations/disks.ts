// What the disks say: room on each volume, how long a small write takes to be safe there, and how large the database is.
import { open, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { wordsOf } from '../../kit/fault.ts'
import type { Rooms } from '../../rooms.ts'

export interface Disk {
  volume: string
  free: number
  total: number
}

export interface Written {
  volume: string
  /** Milliseconds until the disk had a small file. */
  ms?: number
  /** Why it does not have it. */
  error?: string
}

type Part = Pick<Rooms, 'volumes' | 'config'>

/** A disk that does not answer is left out rather than waited for. */
const PATIENCE_MS = 5000

export async function readDisks({ volumes }: Part): Promise<Disk[]> {
  const found = await Promise.all(
    volumes
      .present()
      .map(async (volume): Promise<Disk | undefined> => {
        const { bavail, bsize, blocks } = await within(statfs(volumes.root(volume)))
        return { volume, free: bavail * bsize, total: blocks * bsize }
      })
      .map((one) => one.catch(() => undefined)),
  )
  return found.filter((one) => one !== undefined)
}

/** Writes a small file on each volume as a push would, and takes it away again. */
export function tryDisks({ volumes }: Part): Promise<Written[]> {
  return Promise.all(
    volumes.all().map(async ({ id: volume }): Promise<Written> => {
      if (!volumes.space(volume).there) return { volume, error: 'the disk is not connected' }
      try {
        return { volume, ms: await within(tryFolder(join(volumes.root(volume), 'scratch'))) }
      } catch (error) {
        return { volume, error: wordsOf(error) }
      }
    }),
  )
}

export async function databaseSizes({ config }: Part): Promise<{ database: number; wal: number }> {
  const size = async (name: string): Promise<number> =>
    (await stat(join(config.data, name)).catch(() => undefined))?.size ?? 0
  return { database: await size('gitstead.db'), wal: await size('gitstead.db-wal') }
}

/** Gives the milliseconds that it took. */
export async function tryFolder(folder: string): Promise<number> {
  // Named like the work of a process, so that it is swept away where this process dies meanwhile.
  const path = join(folder, `${process.pid}-${crypto.randomUUID()}`)
  const began = performance.now()
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.write('a small file, to see how long the disk takes')
      await file.sync()
    } finally {
      await file.close()
    }
    return performance.now() - began
  } finally {
    await rm(path, { force: true })
  }
}

export function within<T>(work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(reject, PATIENCE_MS, new Error('There was no answer in time.')).unref()
  })
  return Promise.race([work, late])
}
