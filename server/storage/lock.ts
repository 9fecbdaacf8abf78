// One server per data folder: a lock that the operating system takes back when its holder dies, however it dies.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'

export interface Holder {
  pid: number
  host: string
  started: string
  url: string
}

export interface DataLock {
  /** Writes down where the holder is to be reached. */
  announce(url: string): void
  release(): void
}

/** Takes the lock of the data folder, or gives who holds it. An SQLite file serves as lock on every platform. */
export function takeLock(data: string): DataLock | { heldBy: Holder | undefined } {
  const db = new Database(join(data, 'gitstead.lock'), { timeout: 0 })
  try {
    db.exec('begin exclusive')
  } catch {
    db.close()
    return { heldBy: readHolder(data) }
  }
  const note = join(data, 'running.json')
  const write = (url: string): void => {
    const holder: Holder = { pid: process.pid, host: hostname(), started: new Date().toISOString(), url }
    writeFileSync(note, JSON.stringify(holder), { mode: 0o600 })
  }
  write('')
  return {
    announce: write,
    release() {
      rmSync(note, { force: true })
      db.exec('rollback')
      db.close()
    },
  }
}

/** What the holder of the lock wrote about itself; only meaningful while the lock is held. */
export function readHolder(data: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(join(data, 'running.json'), 'utf8')) as Holder
  } catch {
    return undefined
  }
}
