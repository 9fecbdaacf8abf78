// What the operations page reads of the database.
import type { Handle } from '../../db/open.ts'

export interface KindOfJobs {
  kind: string
  waiting: number
  running: number
  parked: number
  /** Milliseconds by which the oldest job that is due is late. */
  lag: number
}

export async function jobsByKind(db: Handle, now = Date.now()): Promise<KindOfJobs[]> {
  const due = new Date(now).toISOString()
  const rows = await db
    .selectFrom('jobs')
    .select(({ fn, eb }) => [
      'kind',
      'state',
      fn.countAll<number>().as('n'),
      fn.min(eb.case().when('run_at', '<=', due).then(eb.ref('run_at')).end()).as('oldest'),
    ])
    .where('state', 'in', ['waiting', 'running', 'parked'])
    .groupBy(['kind', 'state'])
    .execute()
  const kinds = [...new Set(rows.map(({ kind }) => kind))].toSorted((a, b) => (a < b ? -1 : 1))
  return kinds.map((kind) => {
    const of = (state: string) => rows.find((row) => row.kind === kind && row.state === state)
    const oldest = of('waiting')?.oldest
    return {
      kind,
      waiting: of('waiting')?.n ?? 0,
      running: of('running')?.n ?? 0,
      parked: of('parked')?.n ?? 0,
      lag: oldest === undefined || oldest === null ? 0 : Math.max(0, now - Date.parse(oldest)),
    }
  })
}
