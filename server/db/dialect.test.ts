import Database from 'better-sqlite3'
import { Kysely, sql } from 'kysely'
import { expect, it } from 'vitest'
import { writerDialect } from './dialect.ts'

it('a transaction that fills the disk is told by what filled it, and the next one begins', async () => {
  const raw = new Database(':memory:')
  let turns = 0
  const turn = { take: () => Promise.resolve(void (turns += 1)), give: () => void (turns -= 1), close: () => {} }
  const db = new Kysely<Record<string, never>>({ dialect: writerDialect(raw, turn) })
  await sql`create table notes (text text)`.execute(db)
  raw.pragma('max_page_count = 4')
  const write = (size: number): Promise<unknown> =>
    db.transaction().execute((within) => sql`insert into notes values (${'x'.repeat(size)})`.execute(within))
  await expect(write(100_000)).rejects.toMatchObject({ code: 'SQLITE_FULL' })
  await expect(write(10)).resolves.toBeDefined()
  expect(turns).toBe(0)
  await db.destroy()
})
