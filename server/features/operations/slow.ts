// The log of slow requests: gathered in memory, written together now and then, and bounded in both places, as it is most
// needed when the server has the least time for it.
import type { Insertable } from 'kysely'
import type { SlowRequestTable } from '../../db/tables/events.ts'
import { type Ended, idOf } from '../../meters/visit.ts'
import type { Rooms } from '../../rooms.ts'
import { readSettings } from '../accounts/settings.ts'
import { addSlow } from './store.ts'

const REST_MS = 2000
/** What comes on top while so many wait is dropped: they tell the same story. */
const MOST_WAITING = 100

type Row = Insertable<SlowRequestTable>

/** Begins to keep the slow requests of this process. */
export function keepSlow(rooms: Rooms): void {
  const waiting: Row[] = []
  let timer: NodeJS.Timeout | undefined
  const write = async (): Promise<void> => {
    timer = undefined
    const rows = waiting.splice(0)
    if (rows.length === 0) return
    // A database that cannot be written is no reason to keep them: others tell of that.
    await rooms.db
      .write((tx) => addSlow(tx, rows))
      .catch((err: unknown) => rooms.log.warn({ err }, 'slow requests were not noted'))
  }
  rooms.visits.onSlow({
    isSlow: (kind, ms) => {
      const { slow_ms, slow_git_ms } = readSettings(rooms.db)
      return ms >= (kind === 'git' ? slow_git_ms : slow_ms)
    },
    hear: (ended) => {
      if (waiting.length >= MOST_WAITING) return
      waiting.push(rowOf(rooms.instance.name, ended))
      timer ??= setTimeout(() => void write(), REST_MS)
    },
    close: () => {
      clearTimeout(timer)
      return write()
    },
  })
}

function rowOf(process: string, { visit, status, ms }: Ended): Row {
  const { account, address, method, route, repository } = visit
  const ran = visit.ran ?? []
  return {
    at: new Date(Date.now() - ms).toISOString(),
    request: idOf(visit),
    process,
    class: visit.kind,
    method,
    route,
    account,
    address,
    repository_id: repository === '' ? null : repository,
    status,
    ms: Math.round(ms),
    waited_ms: Math.round(visit.waitedMs),
    git: JSON.stringify(
      ran.map((one) => ({ command: one.command, ms: one.ms === undefined ? null : Math.round(one.ms) })),
    ),
  }
}
