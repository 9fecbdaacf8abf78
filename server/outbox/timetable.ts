// Recurring jobs: each slot asks for its job once, whoever looks first; slots missed while nothing ran count as one.
import type { Handle, Tx } from '../db/open.ts'
import { enqueue } from './queue.ts'

export interface Recurring {
  /** Of the row that remembers when it is due next. */
  name: string
  kind: string
  everyMs: number
  /** When its slots do not lie that far apart: the first one after this moment, as things stand now. */
  next?: (now: number) => number
}

/** When the next slot is due; a name without a row is due to get one. */
export async function nextSlot(db: Handle, entries: readonly Recurring[]): Promise<number | undefined> {
  if (entries.length === 0) return undefined
  const rows = await db.selectFrom('timetable').select(['name', 'next_at']).execute()
  const known = new Map(rows.map(({ name, next_at }) => [name, Date.parse(next_at)]))
  const now = Date.now()
  return Math.min(
    ...entries.map((entry) => (isMoved(entry, known.get(entry.name), now) ? 0 : (known.get(entry.name) ?? 0))),
  )
}

/** Asks for the jobs whose slot has come and moves each slot on, in the caller's transaction. */
export async function takeSlots(tx: Tx, entries: readonly Recurring[], now = Date.now()): Promise<void> {
  for (const entry of entries) {
    const { name, kind } = entry
    const row = await tx.selectFrom('timetable').select('next_at').where('name', '=', name).executeTakeFirst()
    const slot = slotOf(entry, row && Date.parse(row.next_at), now)
    if (!slot) continue
    const next_at = new Date(slot.next).toISOString()
    await tx
      .insertInto('timetable')
      .values({ name, next_at })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ next_at }))
      .execute()
    if (slot.came && !(await isUnderway(tx, kind))) await enqueue(tx, { kind })
  }
}

/** Where the slot of a row is put, and whether it has come; undefined where it stays as it is. */
function slotOf(entry: Recurring, last: number | undefined, now: number): { next: number; came: boolean } | undefined {
  const moved = isMoved(entry, last, now)
  if (last !== undefined && last > now && !moved) return undefined
  const next = entry.next?.(now) ?? slotAfter(last ?? now, entry.everyMs, now)
  return { next, came: last !== undefined && !moved }
}

/** Its slot lies ahead, but not where it would be put now: the hour was changed. */
function isMoved({ next }: Recurring, last: number | undefined, now: number): boolean {
  return next !== undefined && last !== undefined && last > now && last !== next(now)
}

/** The next time at which clocks here show this full hour. */
export function nextHour(hour: number, now: number): number {
  const at = new Date(now)
  at.setHours(hour, 0, 0, 0)
  if (at.getTime() <= now) at.setDate(at.getDate() + 1)
  return at.getTime()
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
