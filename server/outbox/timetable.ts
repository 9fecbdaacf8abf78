// Recurring jobs: each slot asks for its job once, whoever looks first; slots missed while nothing ran count as one.
import type { Handle, Tx } from '../db/open.ts'
import { enqueue } from './queue.ts'

export interface Recurring {
  /** Of the row that remembers when it is due next. */
  name: string
  kind: string
  everyMs: number
}

/** When the next slot is due; a name without a row is due to get one. */
export async function nextSlot(db: Handle, entries: readonly Recurring[]): Promise<number | undefined> {
  if (entries.length === 0) return undefined
  const rows = await db.selectFrom('timetable').select(['name', 'next_at']).execute()
  const known = new Map(rows.map(({ name, next_at }) => [name, Date.parse(next_at)]))
  return Math.min(...entries.map(({ name }) => known.get(name) ?? 0))
}

/** Asks for the jobs whose slot has come and moves each slot on, in the caller's transaction. */
export async function takeSlots(tx: Tx, entries: readonly Recurring[], now = Date.now()): Promise<void> {
  for (const { name, kind, everyMs } of entries) {
    const row = await tx.selectFrom('timetable').select('next_at').where('name', '=', name).executeTakeFirst()
    if (row && Date.parse(row.next_at) > now) continue
    const next_at = new Date(slotAfter(row ? Date.parse(row.next_at) : now, everyMs, now)).toISOString()
    await tx
      .insertInto('timetable')
      .values({ name, next_at })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ next_at }))
      .execute()
    if (row && !(await isUnderway(tx, kind))) await enqueue(tx, { kind })
  }
}

/** The first slot of the row's own rhythm that lies ahead. */
export function slotAfter(last: number, everyMs: number, now: number): number {
  return last + everyMs * (Math.floor((now - last) / everyMs) + 1)
}

/** What the last slot asked for and is not done yet does for this one too. */
async function isUnderway(tx: Tx, kind: string): Promise<boolean> {
  const found = await tx
    .selectFrom('jobs')
    .select('id')
    .where('kind', '=', kind)
    .where('state', 'in', ['waiting', 'running'])
    .executeTakeFirst()
  return found !== undefined
}
