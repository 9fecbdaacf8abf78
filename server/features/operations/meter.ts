// Meters on the rooms of a process, and what it answers when somebody asks how it fares.
import type { GitWatch } from '../../git/run/run.ts'
import type { Meters, Reading } from '../../meters/meters.ts'
import { openVitals, type Vitals } from '../../meters/vitals.ts'
import { noteCommand, noteWaiting } from '../../meters/visit.ts'
import { droppedLines } from '../../kit/sink.ts'
import type { Rooms } from '../../rooms.ts'
import { memoStats } from '../../db/memo.ts'

/** What each process answers to the question `state`. */
export interface ProcessState {
  readings: Reading[]
  vitals: Vitals
}

/** Times git's processes, and notes them for the request that they run for. */
export function watchGit(meters: Meters): GitWatch {
  return ({ command }, lane, waitedMs) => {
    const began = performance.now()
    const labels = { command }
    meters.counter({ name: 'git_processes_total', help: 'Git processes that were started', labels }).add()
    if (lane !== undefined) {
      const help = 'Time that calls of git waited for a place in their lane'
      meters.histogram({ name: 'git_wait_seconds', help, labels: { lane } }).record(waitedMs)
    }
    noteWaiting(waitedMs)
    const ended = noteCommand(command)
    return () => {
      ended?.()
      const help = 'Time that git processes ran'
      meters.histogram({ name: 'git_process_seconds', help, labels }).record(performance.now() - began)
    }
  }
}

export function wroteIn(meters: Meters): (ms: number) => void {
  const help = 'Time that transactions of the database took, with the wait for their turn'
  const { record } = meters.histogram({ name: 'database_write_seconds', help })
  return record
}

/** Everything that others keep count of themselves is read when somebody looks. */
export function meterRooms(rooms: Rooms): void {
  const { meters, packs, passwords, refs, db } = rooms
  const cache = (name: string, stats: () => { hits: number; misses: number }): void => {
    const labels = { cache: name }
    const hits = { name: 'cache_hits_total', help: 'Answers that a cache had', labels }
    const misses = { name: 'cache_misses_total', help: 'Answers that a cache did not have', labels }
    meters.watch(hits, () => stats().hits, 'counter')
    meters.watch(misses, () => stats().misses, 'counter')
  }
  cache('packs', packs.stats)
  cache('refs', refs.stats)
  cache('database', () => memoStats(db))
  cache('passwords', () => ({ hits: passwords.stats().hits, misses: passwords.stats().computed }))
  meters.watch({ name: 'pack_cache_bytes', help: 'Bytes in the pack cache' }, () => packs.stats().bytes)
  meters.watch({ name: 'bcrypt_waiting', help: 'Passwords that wait for their turn with bcrypt' }, () => {
    return passwords.stats().waiting
  })
  const computed = { name: 'bcrypt_computed_total', help: 'Passwords that were computed with bcrypt' }
  meters.watch(computed, () => passwords.stats().computed, 'counter')
  const dropped = { name: 'log_dropped_total', help: 'Lines of the log that nobody took in time' }
  meters.watch(dropped, droppedLines, 'counter')
  const vitals = openVitals()
  rooms.neighbours.answer('state', async (): Promise<ProcessState> => {
    return { readings: meters.read(), vitals: await vitals.look() }
  })
}
