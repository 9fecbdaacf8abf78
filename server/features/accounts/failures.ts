// Failed sign-ins as events: told with a count, so that a flood of guesses fills neither log nor disk.
import type { Db } from '../../db/open.ts'
import type { Log } from '../../kit/log.ts'
import { oncePer } from '../../kit/onceper.ts'
import { record } from '../../outbox/events.ts'
import { throttleKey } from './throttle.ts'

/** One event of an account and network in so long, */
const EVERY_MS = 60_000
/** and of all of them together so many in the same time, each process by itself. */
const MOST = 30
const MOST_KEYS = 5000

interface Failure {
  /** Undefined: no account has that name. The name itself is not kept, as people type passwords there. */
  user: string | undefined
  address: string
  how: 'password' | 'token'
}

interface Seen {
  told: number
  /** Since it was told last. */
  since: number
}

export interface Tally {
  /** How many failures an event should tell of now; 0 for none. */
  count(key: string, now?: number): number
}

export function openTally(): Tally {
  const seen = new Map<string, Seen>()
  const all = { begun: 0, told: 0 }
  return {
    count(key, now = Date.now()) {
      const entry = seen.get(key) ?? { told: -Infinity, since: 0 }
      entry.since += 1
      seen.delete(key)
      seen.set(key, entry)
      if (seen.size > MOST_KEYS) seen.delete(seen.keys().next().value ?? '')
      if (now - all.begun > EVERY_MS) Object.assign(all, { begun: now, told: 0 })
      if (now - entry.told < EVERY_MS || all.told >= MOST) return 0
      const { since } = entry
      all.told += 1
      Object.assign(entry, { told: now, since: 0 })
      return since
    },
  }
}

const tallyOf = oncePer((_db: Db) => openTally())

/** Beside the request: an answer to a wrong password must not take longer than one to a right name. */
export function noteFailure({ db, log }: { db: Db; log: Log }, { user, address, how }: Failure): void {
  const count = tallyOf(db).count(`${user ?? ''} ${throttleKey('address', address)}`)
  if (count === 0) return
  const data = { ...(user !== undefined && { user }), how, count }
  db.write((tx) => record(tx, { kind: 'session:failed', address, data })).catch((error: unknown) =>
    log.warn({ err: error }, 'a failed sign-in was not noted'),
  )
}
