// SQLite under Kysely with two differences: a transaction takes the write lock at its start, and waits for it awake.
import { setTimeout as sleep } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { CompiledQuery, type DatabaseConnection, type Driver, SqliteDialect, SqliteDriver } from 'kysely'
import { Fault } from '../kit/fault.ts'
import type { Turn } from './turn.ts'

/** How long a writer waits for another process that holds the write lock. */
export const BUSY_LIMIT_MS = 5000
const FORGET_MS = 500

export function readerDialect(db: Database.Database): SqliteDialect {
  return new SqliteDialect({ database: withCache(db) })
}

export function writerDialect(db: Database.Database, turn: Turn): SqliteDialect {
  return new ImmediateDialect(db, turn)
}

class ImmediateDialect extends SqliteDialect {
  readonly #config
  readonly #db
  readonly #turn
  constructor(db: Database.Database, turn: Turn) {
    const config = { database: withCache(db) }
    super(config)
    this.#config = config
    this.#db = db
    this.#turn = turn
  }
  override createDriver(): Driver {
    return new ImmediateDriver(this.#config, this.#db, this.#turn)
  }
}

class ImmediateDriver extends SqliteDriver {
  readonly #db
  readonly #turn
  constructor(config: ConstructorParameters<typeof SqliteDriver>[0], db: Database.Database, turn: Turn) {
    super(config)
    this.#db = db
    this.#turn = turn
  }
  /** When the lock was first and last met as held elsewhere. Writers stand in a queue: they must not each wait anew. */
  #blocked = { since: 0, last: -Infinity }
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await this.#turn.take()
    try {
      await this.#begin(connection)
    } catch (error) {
      this.#turn.give()
      throw error
    }
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await super.commitTransaction(connection)
    this.#turn.give()
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // Also after a commit that failed. Where the disk is full SQLite has rolled back by itself, and says so to nobody.
    try {
      if (this.#db.inTransaction) await super.rollbackTransaction(connection)
    } finally {
      this.#turn.give()
    }
  }

  async #begin(connection: DatabaseConnection): Promise<void> {
    for (let wait = 2; ; wait = Math.min(wait * 2, 50)) {
      try {
        await connection.executeQuery(CompiledQuery.raw('begin immediate'))
        this.#blocked.last = -Infinity
        return
      } catch (error) {
        if (!isBusy(error)) throw error
        const now = performance.now()
        if (now - this.#blocked.last > FORGET_MS) this.#blocked.since = now
        this.#blocked.last = now
        if (now - this.#blocked.since > BUSY_LIMIT_MS)
          throw new Fault('busy', { detail: 'The database is held by another program.' })
      }
      await sleep(wait / 2 + (Math.random() * wait) / 2)
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}

const KEPT_STATEMENTS = 500

/** Kysely prepares a statement at each call; the same text gets the same prepared statement here. */
function withCache(db: Database.Database): { close(): void; prepare(sql: string): Database.Statement } {
  const kept = new Map<string, Database.Statement>()
  return {
    close: () => db.close(),
    prepare(sql) {
      const found = kept.get(sql)
      if (found && !found.busy) return found
      const made = db.prepare(sql)
      if (kept.size < KEPT_STATEMENTS) kept.set(sql, made)
      return made
    },
  }
}
