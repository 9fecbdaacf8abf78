// The kinds of jobs: who does them, how many at once, how often they are tried. And what is done by the clock.
import { readSettings } from './features/accounts/settings.ts'
import { pruneAudit } from './features/events/audit.ts'
import { fillFeed } from './features/events/feed.ts'
import { clearImport, runImport } from './features/imports/actions.ts'
import { upkeep } from './features/repositories/jobs.ts'
import { fillFolders } from './features/source/last-commits.ts'
import { dropDueCopies } from './features/repositories/copies.ts'
import { runPurge } from './features/repositories/purge.ts'
import { pruneAll as pruneOAuth } from './features/oauth/oauth1.ts'
import { pruneTokens } from './features/tokens/actions.ts'
import { pruneTallies } from './features/insights/keep.ts'
import { noteFigures, runCheck, runNight } from './features/storage/night.ts'
import { runMove } from './features/storage/move.ts'
import { deliverMail } from './features/mail/actions.ts'
import { noticeLetter } from './features/notices/letter.ts'
import { tellNotices } from './features/notices/actions.ts'
import { deliver, fanOut } from './features/webhooks/deliver.ts'
import { type Job, pruneJobs } from './outbox/queue.ts'
import type { Work } from './outbox/runner.ts'
import { nextHour } from './outbox/timetable.ts'
import type { Rooms } from './rooms.ts'

const HOUR_MS = 3_600_000

export function workOf(rooms: Rooms): Work {
  return {
    kinds: {
      upkeep: {
        run: async (run) => {
          await upkeep(rooms, run)
          await noteFigures(rooms, run.job.repository_id)
          await fillFolders(rooms, run)
        },
        parallel: 2,
        alone: true,
        attempts: 5,
        pauseMs: 4000,
      },
      import: { run: (run) => runImport(rooms, run), parallel: 2, attempts: 5, pauseMs: 4000 },
      purge: { run: (run) => runPurge(rooms, run), parallel: 1, alone: true, attempts: 5, pauseMs: 4000 },
      move: { run: (run) => runMove(rooms, run), parallel: 1, alone: true, attempts: 5, pauseMs: 4000 },
      night: { run: (run) => runNight(rooms, run), parallel: 1, attempts: 3, pauseMs: 60_000 },
      check: { run: (run) => runCheck(rooms, run), parallel: 1, alone: true, attempts: 3, pauseMs: 4000 },
      copies: { run: () => dropDueCopies(rooms), parallel: 1, attempts: 3, pauseMs: 60_000 },
      webhook: { run: (run) => deliver(rooms, run), parallel: 4, attempts: 6, pauseMs: 4000 },
      audit: { run: ({ signal }) => pruneAudit(rooms, signal), parallel: 1, attempts: 3, pauseMs: 60_000 },
      mail: {
        run: (run) => deliverMail(rooms, run, (notice) => noticeLetter(rooms, notice)),
        parallel: 2,
        attempts: 7,
        pauseMs: 5000,
      },
      prune: { run: () => prune(rooms), parallel: 1, attempts: 3, pauseMs: 60_000 },
    },
    before: async () => {
      await fillFeed(rooms)
      await fanOut(rooms)
      await tellNotices(rooms)
    },
    timetable: [
      {
        name: 'night',
        kind: 'night',
        everyMs: 24 * HOUR_MS,
        next: (now) => nextHour(readSettings(rooms.db).storage.night_hour, now),
      },
      { name: 'copies', kind: 'copies', everyMs: HOUR_MS },
      { name: 'prune', kind: 'prune', everyMs: HOUR_MS },
      { name: 'audit', kind: 'audit', everyMs: HOUR_MS },
    ],
  }
}

/** Forgets what nobody needs any more. */
async function prune(rooms: Rooms): Promise<void> {
  await rooms.db.write((tx) => pruneJobs(tx))
  await pruneTokens(rooms)
  await pruneOAuth(rooms)
  await pruneTallies(rooms)
}

/** What is left to do for a job that was cancelled before it ran. */
export async function afterCancel(rooms: Rooms, job: Job): Promise<void> {
  if (job.kind === 'import') await clearImport(rooms, job)
}
