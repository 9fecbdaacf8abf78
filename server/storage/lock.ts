// One server per data folder: a lock that the operating system takes back when its holder dies, however it dies.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
  /** The last holder did not release it: it was killed, or the machine went down. */
  afterCrash: boolean
  /** Writes down who holds it and where they are to be reached; the note stays if they die. */
  announce(url: string): void
  release(): void
}

/** Takes the lock of the data folder, or gives who holds it. An SQLite file serves as lock on every platform. */
export function takeLock(data: string): DataLock | { heldBy: Holder | undefined } {
  const db = new Database(join(data, 'gitstead.lock'), { timeout: 0 })
  try {
    db.exec('begin exclusive')
  } catch (error) {
    db.close()
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error
    return { heldBy: readHolder(data) }
  }
  const note = join(data, 'running.json')
  let announced = false
  return {
    afterCrash: existsSync(note),
    announce(url) {
      const holder: Holder = { pid: process.pid, host: hostname(), started: started(), url }
      writeFileSync(note, JSON.stringify(holder), { mode: 0o600 })
      announced = true
    },
    release() {
      if (announced) rmSync(note, { force: true })
      db.exec('rollback')
      db.close()
    },
  }
}

/** Whether a server runs on the data: asked without a trace, and without being in the way of one that starts. */
export function isHeld(data: string): boolean {
  const path = join(data, 'gitstead.lock')
  if (!existsSync(path)) return false
  const db = new Database(path, { readonly: true, timeout: 0 })
  try {
    db.prepare('select count(*) from sqlite_master').get()
    return false
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return true
    throw error
  } finally {
    db.close()
  }
}

function started(): string {
  return new Date(Date.now() - process.uptime() * 1000).toISOString()
}

/** What the holder of the lock wrote about itself; only meaningful while the lock is held. */
export function readHolder(data: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(join(data, 'running.json'), 'utf8')) as Holder
  } catch {
    return undefined
  }
}
