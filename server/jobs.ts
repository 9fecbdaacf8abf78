// The kinds of jobs: who does them, how many at once, how often they are tried. And what is done by the clock.
import { pruneAudit } from './features/events/audit.ts'
import { clearImport, runImport } from './features/imports/actions.ts'
import { upkeep } from './features/repositories/jobs.ts'
import { runPurge } from './features/repositories/purge.ts'
import { pruneTokens } from './features/tokens/actions.ts'
import { deliver, fanOut } from './features/webhooks/deliver.ts'
import { type Job, pruneJobs } from './outbox/queue.ts'
import type { Work } from './outbox/runner.ts'
import type { Rooms } from './rooms.ts'

const HOUR_MS = 3_600_000

export function workOf(rooms: Rooms): Work {
  return {
    kinds: {
      upkeep: { run: (run) => upkeep(rooms, run), parallel: 2, alone: true, attempts: 5, pauseMs: 4000 },
      import: { run: (run) => runImport(rooms, run), parallel: 2, attempts: 5, pauseMs: 4000 },
      purge: { run: (run) => runPurge(rooms, run), parallel: 1, attempts: 5, pauseMs: 4000 },
      webhook: { run: (run) => deliver(rooms, run), parallel: 4, attempts: 6, pauseMs: 4000 },
      audit: { run: ({ signal }) => pruneAudit(rooms, signal), parallel: 1, attempts: 3, pauseMs: 60_000 },
      prune: { run: () => prune(rooms), parallel: 1, attempts: 3, pauseMs: 60_000 },
    },
    before: () => fanOut(rooms),
    timetable: [
      { name: 'prune', kind: 'prune', everyMs: HOUR_MS },
      { name: 'audit', kind: 'audit', everyMs: HOUR_MS },
    ],
  }
}

/** Forgets what nobody needs any more. */
async function prune(rooms: Rooms): Promise<void> {
  await rooms.db.write((tx) => pruneJobs(tx))
  await pruneTokens(rooms)
}

/** What is left to do for a job that was cancelled before it ran. */
export async function afterCancel(rooms: Rooms, job: Job): Promise<void> {
  if (job.kind === 'import') await clearImport(rooms, job)
}
