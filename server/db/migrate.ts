// Brings a database to the form that this program knows, one numbered step after the other, after a copy of the file.
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import Database from 'better-sqlite3'
import { Kysely, sql } from 'kysely'
import { Fault } from '../kit/fault.ts'
import { writerDialect } from './dialect.ts'
import { NO_TURN } from './turn.ts'
import * as start from './migrations/0001_start.ts'
import * as audit from './migrations/0002_audit.ts'
import * as tokens from './migrations/0003_tokens.ts'
import * as quarantine from './migrations/0004_quarantine.ts'
import * as factor from './migrations/0005_factor.ts'
import * as deploy from './migrations/0006_deploy.ts'
import * as storage from './migrations/0007_storage.ts'
import * as operations from './migrations/0008_operations.ts'
import * as oauth from './migrations/0009_oauth.ts'
import * as notices from './migrations/0010_notices.ts'
import * as mail from './migrations/0011_mail.ts'
import * as oauth1 from './migrations/0012_oauth1.ts'

interface Migration {
  number: number
  name: string
  up(db: Kysely<unknown>): Promise<void>
}

/** A merged step is never edited; a change is a new step. */
export const MIGRATIONS: Migration[] = [
  { number: 1, name: 'start', up: start.up },
  { number: 2, name: 'audit', up: audit.up },
  { number: 3, name: 'tokens', up: tokens.up },
  { number: 4, name: 'quarantine', up: quarantine.up },
  { number: 5, name: 'factor', up: factor.up },
  { number: 6, name: 'deploy', up: deploy.up },
  { number: 7, name: 'storage', up: storage.up },
  { number: 8, name: 'operations', up: operations.up },
  { number: 9, name: 'oauth', up: oauth.up },
  { number: 10, name: 'notices', up: notices.up },
  { number: 11, name: 'mail', up: mail.up },
  { number: 12, name: 'oauth1', up: oauth1.up },
]

/**
 * Migrates `file` forward, all steps or none. Before the first step of an existing database a copy is written beside
 * it as `FILE.before-N`. Throws a Fault for the admin when a step fails or the file is of a newer program.
 */
export async function migrate(file: string, migrations = MIGRATIONS): Promise<{ applied: number[]; copy?: string }> {
  const fresh = !existsSync(file)
  const raw = new Database(file)
  raw.pragma('journal_mode = WAL')
  raw.pragma('synchronous = FULL')
  const db = new Kysely<unknown>({ dialect: writerDialect(raw, NO_TURN) })
  try {
    // From here on the dialect waits, awake, for another program that migrates.
    raw.pragma('busy_timeout = 0')
    // One transaction for all: an older program must find either its own form or that of the newest one, and of two
    // programs that start at once the second finds the work done.
    return await db.transaction().execute((tx) => forward(tx, { file, fresh, migrations }))
  } finally {
    await db.destroy()
  }
}

interface Task {
  file: string
  fresh: boolean
  migrations: Migration[]
}

async function forward(tx: Kysely<unknown>, task: Task): Promise<{ applied: number[]; copy?: string }> {
  const { file, fresh, migrations } = task
  await sql
    .raw('create table if not exists migrations (number integer primary key, name text not null, at text not null)')
    .execute(tx)
  const { rows } = await sql<{ last: number | null }>`select max(number) as last from migrations`.execute(tx)
  const last = rows[0]?.last ?? 0
  const newest = migrations.at(-1)?.number ?? 0
  if (last > newest) throw newerFile(file, last, newest)
  const due = migrations.filter((migration) => migration.number > last)
  const copy = due[0] && !fresh ? await copyBefore(file, due[0].number) : undefined
  for (const migration of due) await step(tx, migration)
  return { applied: due.map((migration) => migration.number), ...(copy === undefined ? {} : { copy }) }
}

async function step(tx: Kysely<unknown>, migration: Migration): Promise<void> {
  const { number, name } = migration
  try {
    await migration.up(tx)
    await sql`insert into migrations values (${number}, ${name}, ${new Date().toISOString()})`.execute(tx)
  } catch (error) {
    throw new Fault('data.migration', { step: number, name, reason: error instanceof Error ? error.message : '' })
  }
}

/** Names the newest copy that this program can read, where there is one. */
function newerFile(file: string, step: number, known: number): Fault {
  const copies = Array.from({ length: known + 1 }, (_, i) => `${file}.before-${known + 1 - i}`)
  const copy = copies.find((path) => existsSync(path))
  const or = copy === undefined ? '' : `, or put ${copy} in the place of ${file}`
  return new Fault('data.newer', { step, known, or })
}

/** Made through a connection of its own, which sees the file as it is before the transaction that waits for it. */
async function copyBefore(file: string, number: number): Promise<string> {
  const copy = `${file}.before-${number}`
  const part = `${copy}.part`
  await rm(part, { force: true })
  const db = new Database(file, { readonly: true })
  try {
    db.prepare('vacuum into ?').run(part)
  } finally {
    db.close()
  }
  await rename(part, copy)
  return copy
}
