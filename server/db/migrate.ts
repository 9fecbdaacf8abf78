// Brings a database to the form that this program knows, one numbered step after the other, after a copy of the file.
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import Database from 'better-sqlite3'
import { Kysely, sql } from 'kysely'
import { writerDialect } from './dialect.ts'
import * as start from './migrations/0001_start.ts'

interface Migration {
  number: number
  name: string
  up(db: Kysely<unknown>): Promise<void>
}

/** A merged step is never edited; a change is a new step. */
export const MIGRATIONS: Migration[] = [{ number: 1, name: 'start', up: start.up }]

/**
 * Migrates `file` forward. Before the first step of an existing database a copy is written beside it as
 * `FILE.before-N`. Throws with a sentence for the admin when a step fails or the file is of a newer program.
 */
export async function migrate(file: string, migrations = MIGRATIONS): Promise<{ applied: number[]; copy?: string }> {
  const fresh = !existsSync(file)
  const raw = new Database(file)
  raw.pragma('journal_mode = WAL')
  raw.pragma('synchronous = FULL')
  const db = new Kysely<unknown>({ dialect: writerDialect(raw) })
  try {
    raw.exec('create table if not exists migrations (number integer primary key, name text not null, at text not null)')
    const done = raw.prepare('select max(number) as last from migrations').get() as { last: number | null }
    const last = done.last ?? 0
    const newest = migrations.at(-1)?.number ?? 0
    if (last > newest) {
      throw new Error(
        `The database was written by a newer Gitstead (step ${last}, this program knows ${newest}). ` +
          `Start the newer program, or restore the copy that stands beside ${file}.`,
      )
    }
    const due = migrations.filter((migration) => migration.number > last)
    const copy = due.length > 0 && !fresh ? await copyBefore(raw, file, due[0]?.number ?? 0) : undefined
    for (const migration of due) await step(db, migration)
    return { applied: due.map((migration) => migration.number), ...(copy === undefined ? {} : { copy }) }
  } finally {
    await db.destroy()
  }
}

async function copyBefore(raw: Database.Database, file: string, number: number): Promise<string> {
  const copy = `${file}.before-${number}`
  const part = `${copy}.part`
  await rm(part, { force: true })
  raw.prepare('vacuum into ?').run(part)
  await rename(part, copy)
  return copy
}

async function step(db: Kysely<unknown>, migration: Migration): Promise<void> {
  try {
    await db.transaction().execute(async (tx) => {
      await migration.up(tx)
      await sql`insert into migrations values (${migration.number}, ${migration.name}, ${new Date().toISOString()})`.execute(
        tx,
      )
    })
  } catch (error) {
    throw new Error(`Migration ${migration.number} (${migration.name}) failed and was taken back: ${String(error)}`, {
      cause: error,
    })
  }
}
