// A look into a database that another process may be using, and that may be of another version: nothing is migrated.
import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'

export interface Glance {
  accounts: number
  /** Names of those who are not disabled, the oldest account first. */
  admins: string[]
}

/** Throws what SQLite throws where the file cannot be read. */
export function glance(path: string): Glance {
  if (!existsSync(path)) return { accounts: 0, admins: [] }
  // Alone, a connection that only reads would leave the files of a journal behind, which one that may write takes along.
  // With a journal there is a server, or what a killed one has yet to bring in: that is only read.
  const db = new Database(path, { readonly: existsSync(`${path}-wal`), timeout: 2000 })
  try {
    const made = db.prepare("select 1 from sqlite_master where type = 'table' and name = 'users'").get()
    if (made === undefined) return { accounts: 0, admins: [] }
    const accounts = db.prepare<[], { n: number }>('select count(*) as n from users').get()?.n ?? 0
    const admins = db
      .prepare<[], { name: string }>(
        "select name from users where is_admin = 1 and state = 'active' order by created_at, id",
      )
      .all()
      .map(({ name }) => name)
    return { accounts, admins }
  } finally {
    db.close()
  }
}
