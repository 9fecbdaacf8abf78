// Look-ups that every git request makes, remembered for as long as nothing in the database has changed.
import type { Db } from './open.ts'

interface Memo {
  /** SQLite's own number for the state that the reader sees: any commit by another connection changes it. */
  version: () => unknown
  seen: unknown
  /** The number was read since the event loop last went to look for what has come in, and nothing written since. */
  fresh: boolean
  /** What each statement found, by its parameters. */
  found: Map<string, Map<string, unknown>>
  hits: number
  misses: number
}

/** Of one statement. */
const MOST_ROWS = 10_000
/** Parameters come from addresses, which may be long: longer ones than any name of ours are looked up each time. */
const LONGEST_KEY = 1024
const memos = new WeakMap<Db, Memo>()

/**
 * The one row that `sql` finds for these parameters, as the database holds it now. SQLite is asked, for a tenth of what
 * a look-up costs, whether anybody has committed since: once for all requests that came in together, for each of them
 * had been sent before. Rows are frozen.
 */
export function lookUp(db: Db, sql: string, params: Record<string, string>): unknown {
  const memo = current(db)
  const rows = rowsOf(memo, sql)
  const key = keyOf(params)
  const known = rows.get(key)
  if (known !== undefined || rows.has(key)) {
    memo.hits++
    return known
  }
  memo.misses++
  const row = Object.freeze(db.statement(sql).get(params))
  if (rows.size >= MOST_ROWS) rows.clear()
  if (key.length <= LONGEST_KEY) rows.set(key, row)
  return row
}

export function memoStats(db: Db): { hits: number; misses: number } {
  return memos.get(db) ?? { hits: 0, misses: 0 }
}

/** This process has written: what it looks up from now on is as it left it. */
export function written(db: Db): void {
  const memo = memos.get(db)
  if (memo) memo.fresh = false
}

function current(db: Db): Memo {
  const memo = memos.get(db) ?? open(db)
  if (memo.fresh) return memo
  const now = memo.version()
  if (now !== memo.seen) memo.found.clear()
  memo.seen = now
  memo.fresh = true
  setImmediate(() => (memo.fresh = false))
  return memo
}

function rowsOf({ found }: Memo, sql: string): Map<string, unknown> {
  let rows = found.get(sql)
  if (!rows) found.set(sql, (rows = new Map()))
  return rows
}

/** Each value with its length before it, so that no two sets of parameters give one key. */
function keyOf(params: Record<string, string>): string {
  let key = ''
  for (const name in params) key += `${params[name]?.length}:${params[name]}`
  return key
}

function open(db: Db): Memo {
  const statement = db.statement('pragma data_version').pluck()
  const memo = { version: () => statement.get(), seen: undefined, fresh: false, found: new Map(), hits: 0, misses: 0 }
  memos.set(db, memo)
  return memo
}
