// What can be told of the disk under a folder at once: whether it is the right one, can be written, and how much it holds.
import { accessSync, constants, readFileSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Lies at the root of each added disk. An empty folder where the disk should be mounted does not have it. */
export const MARKER = 'gitstead-volume.json'

export interface Disk {
  /** The folder is there, and it is the one that was added. */
  there: boolean
  writable: boolean
  /** Bytes, 0 where there is nothing. */
  total: number
  free: number
  /** Two folders with the same one share a disk. */
  device: number
}

const GONE: Disk = { there: false, writable: false, total: 0, free: 0, device: 0 }

/** `id`: what the marker must say; undefined for a folder that has none. */
export function lookAt(folder: string, id: string | undefined): Disk {
  try {
    if (id !== undefined && markedId(folder) !== id) return GONE
    const { bsize, blocks, bavail } = statfsSync(folder)
    const { dev } = statSync(folder)
    return { there: true, writable: canWrite(folder), total: blocks * bsize, free: bavail * bsize, device: dev }
  } catch {
    return GONE
  }
}

/** The id of the volume that this folder is; undefined when it is none, or cannot be read. */
export function markedId(folder: string): string | undefined {
  try {
    const { id } = JSON.parse(readFileSync(join(folder, MARKER), 'utf8')) as { id?: unknown }
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
