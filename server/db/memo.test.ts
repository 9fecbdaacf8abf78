import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lookUp } from './memo.ts'
import { migrate } from './migrate.ts'
import { type Db, openDb } from './open.ts'

const SQL = 'select value from settings where name = :name'
let dir: string
let db: Db

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gitstead-memo-'))
  await migrate(join(dir, 'x.db'))
  db = openDb(join(dir, 'x.db'))
})
afterAll(async () => {
  await db.close()
  rmSync(dir, { recursive: true })
})

const put = (value: string) =>
  db.write(async (tx) => {
    await tx
      .insertInto('settings')
      .values({ name: 'a', value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  })

it('asks the database once, and again after a commit of this process or of another', async () => {
  expect(lookUp(db, SQL, { name: 'a' })).toBeUndefined()
  await put('1')
  const first = lookUp(db, SQL, { name: 'a' })
  expect(first).toEqual({ value: '1' })
  expect(lookUp(db, SQL, { name: 'a' })).toBe(first)
  await put('2')
  // In the same turn of the event loop: what this process wrote is seen at once.
  expect(lookUp(db, SQL, { name: 'a' })).toEqual({ value: '2' })
  const other = new Database(join(dir, 'x.db'))
  other.exec(`update settings set value = '3'`)
  other.close()
  await nextTurn()
  expect(lookUp(db, SQL, { name: 'a' })).toEqual({ value: '3' })
})

it('takes no set of parameters for another', () => {
  const sql = `select :a || '/' || :b as both`
  expect(lookUp(db, sql, { a: 'x', b: 'y\u00001:z' })).toEqual({ both: 'x/y\u00001:z' })
  expect(lookUp(db, sql, { a: 'x\u00007:y', b: '' })).toEqual({ both: 'x\u00007:y/' })
  expect(lookUp(db, sql, { a: '1', b: '2' })).toEqual({ both: '1/2' })
  expect(lookUp(db, sql, { a: '2', b: '1' })).toEqual({ both: '2/1' })
})

it('remembers nothing for a key of any length that a caller likes', () => {
  const sql = `select :a as long`
  const a = 'x'.repeat(10_000)
  expect(lookUp(db, sql, { a })).toEqual({ long: a })
  expect(lookUp(db, sql, { a })).not.toBe(lookUp(db, sql, { a }))
  expect(lookUp(db, sql, { a: 'short' })).toBe(lookUp(db, sql, { a: 'short' }))
})

it('lets nobody change what it remembers', () => {
  const row = lookUp(db, SQL, { name: 'a' }) as { value: string }
  expect(() => Object.assign(row, { value: '4' })).toThrow(TypeError)
})
