// Quarantine: an admin of the server closes a repository to changes, or altogether, and everybody reads why.
import type { Mode, NewQuarantine, Quarantine } from '../../contract/quarantine.ts'
import type { Handle, Tx } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { record } from '../../outbox/events.ts'
import type { Actor, RepositoryView, Rooms, User } from '../../rooms.ts'
import { importIsUnderWay, modeOf, updateRepository } from './store.ts'

type Closable = Pick<RepositoryView, 'mode' | 'mode_reason'>

export function quarantineOf(view: Closable & Pick<RepositoryView, 'mode_since'>): Quarantine {
  return { mode: view.mode, reason: view.mode_reason, since: view.mode_since }
}

/** Throws where nothing may be changed: as it stood when the view was made. */
export function needOpen({ mode, mode_reason: reason }: Closable): void {
  if (mode !== 'open') throw new Fault(mode === 'off' ? 'repository.off' : 'repository.read-only', { reason })
}

/** The same as it stands in this transaction, and whether the repository is there at all. */
export async function needOpenNow(tx: Tx | Handle, id: string): Promise<void> {
  const now = await modeOf(tx, id)
  if (!now) throw new Fault('not-found')
  needOpen(now)
}

/** For what is no part of its history: an admin of the server, who has closed it, goes on to look after it. */
export async function needOpenFor(tx: Tx, actor: Actor, id: string): Promise<void> {
  if (actor.kind !== 'user' || !actor.isAdmin) await needOpenNow(tx, id)
}

/** Nothing is announced after this; of what was announced before, pushes that are still under way are ended. */
export async function setMode(
  rooms: Rooms,
  by: { user: User; address: string },
  view: RepositoryView,
  { mode, reason }: NewQuarantine,
): Promise<Quarantine> {
  const next = { mode, mode_reason: mode === 'open' ? '' : reason, mode_since: sinceOf(mode) }
  await rooms.db.write(async (tx) => {
    const before = await modeOf(tx, view.id)
    if (!before) throw new Fault('not-found')
    if (mode !== 'open' && (await importIsUnderWay(tx, view.id)))
      throw new Fault('conflict', { detail: 'An import is filling this repository. Cancel it first, or let it end.' })
    await updateRepository(tx, view.id, next)
    await record(tx, {
      kind: 'repo:quarantine',
      actorId: by.user.id,
      workspaceId: view.workspace_id,
      repositoryId: view.id,
      address: by.address,
      data: { from: before.mode, to: mode, reason: next.mode_reason },
    })
  })
  return quarantineOf(next)
}

function sinceOf(mode: Mode): string | null {
  return mode === 'open' ? null : new Date().toISOString()
}
