// Purging: an admin gives up kept tips for good. The job lets nobody push meanwhile, and tells every reader to let go.
import { forgetKept, type Kept, listKept } from '../../git/refs/keep.ts'
import { eraseUnreachable, stillThere } from '../../git/care/purge.ts'
import { sizeOf } from '../../git/care/upkeep.ts'
import { Fault } from '../../kit/fault.ts'
import type { News } from '../../outbox/bus.ts'
import { record } from '../../outbox/events.ts'
import { enqueue, extendLease, findJob, type Job } from '../../outbox/queue.ts'
import type { JobRun } from '../../outbox/runner.ts'
import type { RepositoryView, Rooms, User } from '../../rooms.ts'
import { repoOf } from './door.ts'
import { dropOldCopies } from './copies.ts'
import { untilIdle } from './gate.ts'
import { keptId } from './kept.ts'
import { fullName } from './present.ts'
import { needOpenNow } from './quarantine.ts'
import * as place from './place.ts'
import * as store from './store.ts'

/** How long pushes that began before may take until the purge lets others in again and waits for another turn. */
const PATIENCE_MS = 120_000

interface Wanted {
  kept: 'all' | string[]
  /** With `all`: what was kept until then. What is lost later nobody has looked at yet. */
  until: string
  tips: number
}

export async function askPurge(
  rooms: Rooms,
  repository: RepositoryView,
  wish: { confirm: string; kept: Wanted['kept'] },
  by: { user: User; address: string },
): Promise<Job> {
  if (wish.confirm.trim().toLowerCase() !== fullName(repository).toLowerCase())
    throw invalid('confirm', `Type ${fullName(repository)} to confirm.`)
  const wanted = { kept: wish.kept, until: new Date().toISOString(), tips: 0 }
  const tips = chosen(await listKept(rooms.refs, repoOf(rooms, repository)), wanted)
  if (wish.kept !== 'all' && tips.length < new Set(wish.kept).size)
    throw new Fault('conflict', { detail: 'Some of these are no longer kept. Look at the list again.' })
  const id = await rooms.db.write(async (tx) => {
    await needOpenNow(tx, repository.id)
    const [last] = await store.listPurges(tx, repository.id, 1)
    if (last && (last.state === 'waiting' || last.state === 'running'))
      throw new Fault('conflict', { detail: 'A purge of this repository is under way already. Wait until it is done.' })
    const data = { ...wanted, tips: tips.length }
    await record(tx, {
      kind: 'repo:purge',
      actorId: by.user.id,
      workspaceId: repository.workspace_id,
      repositoryId: repository.id,
      address: by.address,
      data: { all: wish.kept === 'all', tips: tips.map(({ ref, oid }) => ({ ref, oid })) },
    })
    return enqueue(tx, { kind: 'purge', repositoryId: repository.id, actorId: by.user.id, data })
  })
  rooms.bus.tell({ kind: 'jobs' })
  const job = await findJob(rooms.db.read, id)
  if (!job) throw new Fault('not-found')
  return job
}

function chosen(all: readonly Kept[], { kept, until }: Wanted): Kept[] {
  if (kept === 'all') return all.filter(({ at }) => at.toISOString() <= until)
  const names = new Set(kept)
  return all.filter((one) => names.has(keptId(one)))
}

function invalid(field: string, detail: string): Fault {
  return new Fault('request.invalid', { detail, fields: { [field]: [detail] } })
}

/** The job. From its claim on nothing new is announced in this repository (`announce`); safe to repeat. */
export async function runPurge(rooms: Rooms, { job, signal, progress }: JobRun): Promise<void> {
  // Before the place is looked up: from here on nobody moves the repository.
  if (job.repository_id !== null && (await place.isGated(rooms.db.read, job.repository_id)))
    throw new Error('This repository is being moved to another disk. It is tried again later.')
  const view = job.repository_id === null ? undefined : store.viewById(rooms.db, { kind: 'guest' }, job.repository_id)
  if (!view) return
  await needOpenNow(rooms.db.read, view.id)
  const repo = repoOf(rooms, view)
  const wanted = JSON.parse(job.data) as Wanted
  progress('Waiting until no push is under way …')
  await untilIdle(rooms, view, { signal, patienceMs: PATIENCE_MS })
  const since = new Date()
  const before = await sizeOf(repo)
  const tips = chosen(await listKept(rooms.refs, repo), wanted)
  await forgetKept(
    rooms,
    repo,
    tips.map(({ keptAs }) => keptAs),
  )
  try {
    await dropOldCopies(rooms, view)
    await eraseUnreachable(rooms.git, repo, { since, signal, progress })
  } finally {
    rooms.bus.tell({ kind: 'repacked', repositoryId: view.id, purged: true })
  }
  const bytes = await sizeOf(repo)
  const oids = [...new Set(tips.map(({ oid }) => oid))]
  const left = (await stillThere(rooms.git, repo, oids)).length
  const freed = Math.max(0, before - bytes)
  const result = inWords({ tips: wanted.tips, freed, left })
  progress(result)
  await rooms.db.write(async (tx) => {
    if (!(await extendLease(tx, job, result))) throw new Error('Another runner has taken this purge over.')
    await store.updateRepository(tx, view.id, { size: bytes })
    await record(tx, {
      kind: 'repo:purged',
      actorId: job.actor_id,
      workspaceId: view.workspace_id,
      repositoryId: view.id,
      data: { tips: wanted.tips, freed, left },
    })
  })
}

function inWords({ tips, freed, left }: { tips: number; freed: number; left: number }): string {
  const gone = `${tips} ${tips === 1 ? 'tip' : 'tips'} removed for good, ${sizeInWords(freed)} freed.`
  if (left === 0) return gone
  const [what, stay] = left === 1 ? ['One of them', 'stays'] : [`${left} of them`, 'stay']
  return `${gone} ${what} ${stay} on the server, as a branch, a tag or another kept tip leads there too.`
}

function sizeInWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  const mib = bytes / 1024 ** 2
  return mib < 1 ? `${Math.round(bytes / 1024)} KiB` : `${mib.toFixed(1)} MiB`
}

/** In every process that hears of it: old packs are closed, and of a purge no ready answer is left. */
export function letGo(rooms: Rooms, { repositoryId, purged }: Extract<News, { kind: 'repacked' }>): void {
  rooms.reads.forget(repositoryId)
  if (!purged) return
  rooms.packs.purge(repositoryId)
  rooms.reads.folders
    .purge(repositoryId)
    .catch((err: unknown) => rooms.log.warn({ err }, 'a cache could not be purged'))
  rooms.refs.forget(repositoryId)
}
