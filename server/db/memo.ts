// Look-ups that every git request makes, remembered for as long as nothing in the database has changed.
import type { Db } from './open.ts'

interface Memo {
  /** SQLite's own number for the state that the reader sees: any commit by another connection changes it. */
  version: () => unknown
  seen: unknown
  rows: Map<string, unknown>
}

const MOST_ROWS = 20_000
/** Parameters come from addresses, which may be long: longer ones than any name of ours are looked up each time. */
const LONGEST_KEY = 2048
const memos = new WeakMap<Db, Memo>()

/**
 * The one row that `sql` finds for these parameters, as the database holds it now: each call asks SQLite whether
 * anybody, this process or another, has committed since, which costs a tenth of a look-up. Rows are frozen.
 */
export function lookUp(db: Db, sql: string, params: Record<string, string>): unknown {
  const memo = memos.get(db) ?? open(db)
  const now = memo.version()
  if (now !== memo.seen || memo.rows.size >= MOST_ROWS) {
    memo.rows.clear()
    memo.seen = now
  }
  const key = keyOf(sql, params)
  const known = memo.rows.get(key)
  if (known !== undefined || memo.rows.has(key)) return known
  const row = Object.freeze(db.statement(sql).get(params))
  if (key.length <= LONGEST_KEY) memo.rows.set(key, row)
  return row
}

/** Each part with its length before it, so that no two sets of parameters give one key. */
function keyOf(sql: string, params: Record<string, string>): string {
  let key = sql
  for (const name in params) key += `\0${params[name]?.length}:${params[name]}`
  return key
}

function open(db: Db): Memo {
  const statement = db.statement('pragma data_version').pluck()
  const memo = { version: () => statement.get(), seen: undefined, rows: new Map<string, unknown>() }
  memos.set(db, memo)
  return memo
}
