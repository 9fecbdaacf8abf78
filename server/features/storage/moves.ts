// What an admin asks of the places of repositories: to move one, to put an old copy back, to remove one before its time.
import type { MoveEntry, OldCopyEntry } from '../../contract/storage.ts'
import type { Tx } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { record } from '../../outbox/events.ts'
import { enqueue } from '../../outbox/queue.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { needByName, viewById } from '../repositories/actions.ts'
import { dropOldCopy } from '../repositories/copies.ts'
import type { By } from './actions.ts'
import type { Wanted } from './move.ts'
import * as store from './store.ts'

function nameOf(rooms: Rooms, volume: string): string {
  return rooms.volumes.all().find(({ id }) => id === volume)?.name ?? 'a removed disk'
}

export async function askMove(rooms: Rooms, by: By, wanted: { repository: string; volume: string }): Promise<void> {
  const view = await needByName(rooms, by.user, wanted.repository)
  const to = wanted.volume
  if (!rooms.volumes.all().some(({ id }) => id === to)) throw invalid('volume', 'There is no such disk.')
  if (view.volume === to) throw invalid('volume', 'The repository lies on this disk already.')
  // Both must be there now; that they stay is the job's to see.
  rooms.volumes.path(view.volume, view.id)
  rooms.volumes.needRoom(to)
  await ask(rooms, by, view, { to })
}

/** The job and its event; one at a time for a repository. */
async function ask(rooms: Rooms, by: By, view: RepositoryView, data: Wanted & { from?: string }): Promise<void> {
  await rooms.db.write(async (tx) => {
    if (await store.hasMove(tx, view.id))
      throw new Fault('conflict', { detail: 'A move of this repository is under way or parked already.' })
    if (await store.hasImport(tx, view.id))
      throw new Fault('conflict', { detail: 'This repository is still being imported. Move it when that is done.' })
    await enqueue(tx, {
      kind: 'move',
      repositoryId: view.id,
      actorId: by.user.id,
      data: { ...data, from: view.volume },
    })
    await tell(tx, by, view, { kind: 'repo:move', data: { to: nameOf(rooms, data.to) } })
  })
  rooms.bus.tell({ kind: 'jobs' })
}

function tell(
  tx: Tx,
  by: By,
  view: RepositoryView,
  event: { kind: string; data: Record<string, unknown> },
): Promise<number> {
  return record(tx, {
    ...event,
    actorId: by.user.id,
    address: by.address,
    workspaceId: view.workspace_id,
    repositoryId: view.id,
  })
}

function invalid(field: string, detail: string): Fault {
  return new Fault('request.invalid', { detail, fields: { [field]: [detail] } })
}

async function needCopy(rooms: Rooms, id: string): Promise<{ copy: store.CopyRow; view: RepositoryView }> {
  const copy = (await store.listCopies(rooms.db.read)).find((one) => String(one.id) === id)
  const view = copy && viewById(rooms.db, { kind: 'guest' }, copy.repository_id)
  if (!copy || !view) throw new Fault('not-found')
  return { copy, view }
}

/** What was pushed since then stays with the copy that is put aside. */
export async function askRestore(rooms: Rooms, by: By, id: string, confirm: string): Promise<void> {
  const { copy, view } = await needCopy(rooms, id)
  const name = `${copy.workspace}/${copy.slug}`
  if (confirm.trim().toLowerCase() !== name.toLowerCase()) throw invalid('confirm', `Type ${name} to confirm.`)
  rooms.volumes.path(copy.volume, view.id)
  await ask(rooms, by, view, { to: copy.volume, restore: true })
}

export async function removeCopy(rooms: Rooms, by: By, id: string): Promise<void> {
  const { copy, view } = await needCopy(rooms, id)
  if (await store.hasMove(rooms.db.read, view.id))
    throw new Fault('conflict', { detail: 'A move of this repository is under way or parked. Wait until it is over.' })
  await dropOldCopy(rooms, copy)
  await rooms.db.write((tx) =>
    tell(tx, by, view, { kind: 'repo:copy-removed', data: { from: nameOf(rooms, copy.volume) } }),
  )
}

export async function askCheck(rooms: Rooms, by: By, repository: string | undefined): Promise<void> {
  const view = repository === undefined ? undefined : await needByName(rooms, by.user, repository)
  await rooms.db.write(async (tx) => {
    if (view) await enqueue(tx, { kind: 'check', repositoryId: view.id })
    else if (await store.hasNight(tx)) throw new Fault('conflict', { detail: 'All are being looked at already.' })
    else await enqueue(tx, { kind: 'night', actorId: by.user.id })
  })
  rooms.bus.tell({ kind: 'jobs' })
}

export async function presentMoves(rooms: Rooms): Promise<MoveEntry[]> {
  return (await store.listMoves(rooms.db.read)).map((row) => {
    const { to, from = '', restore = false } = JSON.parse(row.data) as Wanted & { from?: string }
    return {
      job: String(row.id),
      repository: `${row.workspace}/${row.slug}`,
      from: nameOf(rooms, from),
      to: nameOf(rooms, to),
      state: row.state,
      progress: row.progress,
      error: row.error,
      restores: restore,
      finished_on: row.finished_at,
    }
  })
}

export async function presentCopies(rooms: Rooms): Promise<OldCopyEntry[]> {
  return (await store.listCopies(rooms.db.read)).map((row) => ({
    id: String(row.id),
    repository: `${row.workspace}/${row.slug}`,
    volume: nameOf(rooms, row.volume),
    moved_on: row.moved_at,
    removed_on: row.remove_at,
    pushes_since: row.pushes_since ?? 0,
  }))
}
