// The door to the database: one connection that writes, one that reads, both on the same file in WAL mode.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, type Transaction } from 'kysely'
import { BUSY_LIMIT_MS, writerDialect, readerDialect } from './dialect.ts'
import { written } from './memo.ts'
import type { Tables } from './schema.ts'
import { NO_TURN, type Turn } from './turn.ts'
import { inWords } from './words.ts'

/** What a store function takes first: the reader, or the transaction it runs in. */
export type Handle = Kysely<Tables>
export type Tx = Transaction<Tables>

export interface Db {
  read: Handle
  /** Runs `work` in one transaction on the writer. Never waits for git, disk or network inside. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** A statement on the reader, prepared once: for look-ups that every git request makes. */
  statement(sql: string): Database.Statement
  integrity(): string[]
  /** Brings what stands in the journal file into the database, as far as readers let it. */
  foldJournal(): void
  close(): Promise<void>
}

/** `turn`: when this process may write, where others do so too. `wrote` hears how long each took, its wait included. */
export function openDb(file: string, turn: Turn = NO_TURN, wrote: (ms: number) => void = () => {}): Db {
  mkdirSync(dirname(file), { recursive: true })
  const writer = connect(file)
  const reader = connect(file)
  reader.pragma('query_only = on')
  const write = new Kysely<Tables>({ dialect: writerDialect(writer, turn) })
  const read = new Kysely<Tables>({ dialect: readerDialect(reader) })
  const statements = new Map<string, Database.Statement>()
  const db: Db = {
    read,
    write: (work) => {
      const began = performance.now()
      return write
        .transaction()
        .execute(work)
        .catch(inWords)
        .finally(() => {
          written(db)
          wrote(performance.now() - began)
        })
    },
    statement(sql) {
      let found = statements.get(sql)
      if (!found) statements.set(sql, (found = reader.prepare(sql)))
      return found
    },
    foldJournal: () => void writer.pragma('wal_checkpoint(PASSIVE)'),
    integrity: () => [
      ...reader
        .prepare('pragma integrity_check')
        .all()
        .map(firstText)
        .filter((line) => line !== 'ok'),
      ...reader
        .prepare('pragma foreign_key_check')
        .all()
        .map((row) => JSON.stringify(row)),
    ],
    async close() {
      await read.destroy()
      await write.destroy()
      // Kysely closes only what it has used itself. With the last connection the journal file goes.
      for (const connection of [reader, writer]) connection.close()
    },
  }
  return db
}

function connect(file: string): Database.Database {
  const db = new Database(file, { timeout: 0 })
  // The busy handler sleeps inside SQLite and stops the event loop, so it stays off: writers wait in dialect.ts.
  db.pragma(`busy_timeout = ${BUSY_LIMIT_MS}`)
  db.pragma('journal_mode = WAL')
  db.pragma('busy_timeout = 0')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = on')
  db.pragma('cache_size = -8000')
  return db
}

function firstText(row: unknown): string {
  return String(Object.values(row as Record<string, string>)[0])
}
