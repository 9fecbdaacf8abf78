// The feed: which events belong to which repository, workspace and person. A file of its own, made of the events and made
// anew from them whenever it is missing or damaged: nothing else reads it, and no change waits for it.
import { rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'

export interface FeedRow {
  /** Of the event. */
  id: number
  repository_id: string
  workspace_id: string
  actor_id: string | null
}

export type FeedKey = 'repository_id' | 'workspace_id' | 'actor_id'

export interface Feed {
  /** The last event that was read into it. */
  cursor(): number
  /** Adds what is not there yet and moves the cursor, both or neither. */
  add(rows: readonly FeedRow[], cursor: number): void
  /** Below `before`, the newest first. */
  list(key: FeedKey, id: string, page: { before: number; limit: number }): FeedRow[]
  /** Begins anew, empty. */
  clear(): void
  close(): void
}

/** The file is not what was written; `clear` and the events make it whole. */
export class FeedDamaged extends Error {}

const SCHEMA = `
  create table if not exists feed (id integer primary key, repository_id text not null, workspace_id text not null, actor_id text);
  create index if not exists feed_repository on feed (repository_id, id);
  create index if not exists feed_workspace on feed (workspace_id, id);
  create index if not exists feed_actor on feed (actor_id, id);
  create table if not exists cursor (one integer primary key check (one = 1), at integer not null);
  insert or ignore into cursor values (1, 0)`

interface Handle {
  db: Database.Database
  inode: number
}

/** Opened at its first use. One process writes, others see by the file's identity that it was made anew. */
export function openFeed(file: string): Feed {
  let writer: Handle | undefined
  let reader: Handle | undefined

  function connect(): Handle {
    const db = new Database(file, { timeout: 1000 })
    db.pragma('journal_mode = WAL')
    // What a crash takes is read from the events again.
    db.pragma('synchronous = NORMAL')
    db.exec(SCHEMA)
    return { db, inode: inodeOf() }
  }

  function inodeOf(): number {
    return statSync(file, { throwIfNoEntry: false })?.ino ?? 0
  }

  function closed(handle: Handle | undefined): undefined {
    handle?.db.close()
    return undefined
  }

  function read<T>(work: (db: Database.Database) => T): T {
    return whole(() => {
      if (reader && reader.inode !== inodeOf()) reader = closed(reader)
      reader ??= { db: new Database(file, { readonly: true, timeout: 1000 }), inode: inodeOf() }
      return work(reader.db)
    })
  }

  function write<T>(work: (db: Database.Database) => T): T {
    return whole(() => {
      if (writer && writer.inode !== inodeOf()) writer = closed(writer)
      writer ??= connect()
      return work(writer.db)
    })
  }

  return {
    cursor: () => write((db) => (db.prepare('select at from cursor').get() as { at: number }).at),
    add(rows, cursor) {
      write((db) => {
        const insert = db.prepare('insert or ignore into feed values (:id, :repository_id, :workspace_id, :actor_id)')
        db.transaction(() => {
          for (const row of rows) insert.run(row)
          db.prepare('update cursor set at = ?').run(cursor)
        }).immediate()
      })
    },
    list: (key, id, { before, limit }) =>
      read(
        (db) =>
          db
            .prepare(`select * from feed where ${key} = ? and id < ? order by id desc limit ?`)
            .all(id, before, limit) as FeedRow[],
      ),
    clear() {
      writer = closed(writer)
      reader = closed(reader)
      for (const tail of ['', '-wal', '-shm']) rmSync(file + tail, { force: true })
    },
    close() {
      writer = closed(writer)
      reader = closed(reader)
    },
  }
}

const DAMAGE = /^SQLITE_(CORRUPT|NOTADB|CANTOPEN|ERROR|IOERR_SHORT_READ)/

function whole<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error && 'code' in error && DAMAGE.test(String(error.code)))
      throw new FeedDamaged(error.message, { cause: error })
    throw error
  }
}
