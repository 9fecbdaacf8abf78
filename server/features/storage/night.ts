// The nightly care: repository after repository is read whole and packed anew, then the database; and one by itself when
// an admin asks. What was found is written down for each, and a damaged one is told to admins.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { findDamage, packNames } from '../../git/care/check.ts'
import { countAll, type Figures, packWhole, refreshIndexes } from '../../git/care/night.ts'
import { cleanStale, isBusy } from '../../git/care/upkeep.ts'
import type { Repo } from '../../git/refs/refs.ts'
import { Fault } from '../../kit/fault.ts'
import { record } from '../../outbox/events.ts'
import { extendLease } from '../../outbox/queue.ts'
import type { JobRun } from '../../outbox/runner.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { viewById } from '../repositories/actions.ts'
import { dropDueCopies } from '../repositories/copies.ts'
import { repoOf } from '../repositories/door.ts'
import { tidyVolumes } from '../repositories/janitor.ts'
import { reconcileLeft } from '../repositories/reconcile.ts'
import * as store from './store.ts'

/** After this no further repository is begun; those that were left are the first of the next night. */
const NIGHT_MS = 6 * 3_600_000
const BUSY_MS = 20_000
const LOOK_MS = 500
const LITTER_MS = 3_600_000

export async function runNight(rooms: Rooms, { job, signal, progress }: JobRun): Promise<void> {
  const due = await store.listForCare(rooms.db.read, job.created_at)
  const end = Date.now() + NIGHT_MS
  for (const [i, { id, name }] of due.entries()) {
    signal.throwIfAborted()
    if (Date.now() > end) break
    progress(`${i + 1} of ${due.length}: ${name}`)
    const view = viewById(rooms.db, { kind: 'guest' }, id)
    if (view) await care(rooms, view, signal)
  }
  await tidyVolumes(rooms)
  await dropDueCopies(rooms)
  await reconcileLeft(rooms)
  const words = `${await summary(rooms, job.created_at)} ${await careForDatabase(rooms)}`
  progress(words)
  await rooms.db.write((tx) => extendLease(tx, job, words))
}

export async function runCheck(rooms: Rooms, { job, signal, progress }: JobRun): Promise<void> {
  const view = job.repository_id === null ? undefined : viewById(rooms.db, { kind: 'guest' }, job.repository_id)
  if (!view) return
  progress('Reading every object …')
  await care(rooms, view, signal)
}

/** After a push: the figures that pages show. */
export async function noteFigures(rooms: Rooms, repositoryId: string | null): Promise<void> {
  const view = repositoryId === null ? undefined : viewById(rooms.db, { kind: 'guest' }, repositoryId)
  if (!view) return
  const figures = await countAll(rooms.git, rooms.refs, repoOf(rooms, view))
  await rooms.db.write((tx) => store.putFigures(tx, view.id, figures))
}

interface Outcome {
  verdict: store.Verdict
  words: string
  figures?: Figures
}

async function care(rooms: Rooms, view: RepositoryView, signal: AbortSignal): Promise<void> {
  const began = performance.now()
  const found = await examine(rooms, view, signal).catch((error: unknown): Outcome => {
    signal.throwIfAborted()
    rooms.log.error({ err: error, repository: view.id }, 'a repository could not be cared for')
    if (error instanceof Fault && error.code === 'storage.missing') return { verdict: 'missing', words: error.message }
    return { verdict: 'failed', words: error instanceof Error ? error.message : 'It could not be looked at.' }
  })
  const before = await store.readCare(rooms.db.read, view.id)
  await rooms.db.write(async (tx) => {
    if (!(await store.putVerdict(tx, view.id, { ...found, milliseconds: Math.round(performance.now() - began) })))
      return
    if (found.verdict !== 'damaged' || before?.verdict === 'damaged') return
    const data = { words: found.words }
    await record(tx, { kind: 'repo:damaged', workspaceId: view.workspace_id, repositoryId: view.id, data })
  })
}

/** A damaged repository is left as it is: packing it anew could lose what can still be read. */
async function examine(rooms: Rooms, view: RepositoryView, signal: AbortSignal): Promise<Outcome> {
  const { git } = rooms
  const repo = repoOf(rooms, view)
  if (!(await becomesQuiet(rooms, repo, signal))) return { verdict: 'busy', words: 'Somebody pushed all the time.' }
  await cleanStale(git, repo, { olderThanMs: LITTER_MS })
  const damage = await damageAtRest(rooms, repo, signal)
  if (damage !== undefined) return { verdict: 'damaged', words: damage }
  const words = (await hasRoomToPack(rooms, view))
    ? await packed(rooms, view, signal)
    : 'Whole. Not packed anew, as its disk has too little room.'
  return { verdict: 'whole', words, figures: await countAll(git, rooms.refs, repo) }
}

async function packed(rooms: Rooms, view: RepositoryView, signal: AbortSignal): Promise<string> {
  const repo = repoOf(rooms, view)
  const anew = await packWhole(rooms.git, repo, signal)
  await refreshIndexes(rooms.git, repo, signal)
  if (anew) rooms.bus.tell({ kind: 'repacked', repositoryId: view.id, purged: false })
  return anew ? 'Whole, and packed anew.' : 'Whole.'
}

/** The new pack lies beside the old ones for a moment. */
async function hasRoomToPack(rooms: Rooms, view: RepositoryView): Promise<boolean> {
  const { free, reserve, writable } = rooms.volumes.space(view.volume)
  return writable && free - view.size > reserve
}

/** Upkeep after a push may replace packs while they are read: then they are read once more. */
async function damageAtRest(rooms: Rooms, repo: Repo, signal: AbortSignal): Promise<string | undefined> {
  for (let tries = 1; ; tries++) {
    const before = (await packNames(repo)).toSorted((a, b) => a.localeCompare(b)).join(' ')
    const damage = await findDamage(rooms.git, repo, signal)
    const after = (await packNames(repo)).toSorted((a, b) => a.localeCompare(b)).join(' ')
    if (damage === undefined || before === after || tries === 3) return damage
  }
}

async function becomesQuiet(rooms: Rooms, repo: Repo, signal: AbortSignal): Promise<boolean> {
  const end = performance.now() + BUSY_MS
  while (await isBusy(rooms.git, repo)) {
    if (performance.now() > end) return false
    await sleep(LOOK_MS, undefined, { signal })
  }
  return true
}

async function summary(rooms: Rooms, since: string): Promise<string> {
  const counts = await store.countVerdicts(rooms.db.read, since)
  const all = [...counts.values()].reduce((sum, n) => sum + n, 0)
  const others = [...counts].filter(([verdict]) => verdict !== 'whole').map(([verdict, n]) => `${n} ${verdict}`)
  return (
    [`${all} ${all === 1 ? 'repository' : 'repositories'}: ${counts.get('whole') ?? 0} whole`, ...others].join(', ') +
    '.'
  )
}

/** Looked through, its statistics refreshed, and its journal folded in. */
async function careForDatabase(rooms: Rooms): Promise<string> {
  const { db } = rooms
  const problems = (db.statement('pragma quick_check').pluck().all() as string[]).filter((line) => line !== 'ok')
  if (problems.length > 0) {
    rooms.log.error({ problems: problems.slice(0, 5) }, 'the database is damaged')
    await db.write((tx) => record(tx, { kind: 'database:damaged', data: { words: problems[0] } }))
    return 'The database is damaged: restore the newest copy that stands beside it.'
  }
  await db.write((tx) => sql`pragma optimize`.execute(tx).then(() => undefined))
  db.foldJournal()
  return 'The database is whole.'
}
