// After a crash: finds out which announced ref updates git has made, and writes the rows that are missing, once.
import { findRef, isForeign } from '../../git/refs.ts'
import type { Rooms } from '../../rooms.ts'
import { type RefCommand, type RefResult, repoOf, settle } from './door.ts'
import * as store from './store.ts'

const ZERO = /^0+$/

/** Gives how many pushes were recorded late. A push that is still under way must not be in the journal: call at start. */
export async function reconcile(rooms: Rooms): Promise<{ recorded: number; void: number }> {
  const pending = await store.listPendingPushes(rooms.db.read)
  const found = { recorded: 0, void: 0 }
  for (const push of pending) {
    const view = store.viewById(rooms.db, { kind: 'guest' }, push.repository_id)
    if (!view) continue
    try {
      const changes = await settle(rooms, view, push.id, await outcome(rooms, push, view))
      if (changes.length > 0) found.recorded += 1
      else found.void += 1
    } catch (error) {
      rooms.log.error({ err: error, push: push.id, repository: view.id }, 'a push could not be reconciled')
    }
  }
  if (pending.length > 0) rooms.log.info(found, 'pushes of the last run were reconciled')
  return found
}

/**
 * A command was carried out if the ref stands where it should have gone, or if a later push of the journal started
 * from there: git compares the old value before it moves a ref, so the later one proves the earlier.
 */
async function outcome(rooms: Rooms, push: store.PushRow, view: Parameters<typeof repoOf>[1]): Promise<RefResult[]> {
  const snapshot = await rooms.refs.read(repoOf(rooms, view))
  if (isForeign(snapshot)) throw new Error(`its refs cannot be read: ${snapshot.foreign}`)
  const later = await store.listPushesAfter(rooms.db.read, push.repository_id, push.id)
  const laterCommands = later
    .filter((row) => row.state === 'done')
    .flatMap((row) => JSON.parse(row.commands) as RefCommand[])
  return (JSON.parse(push.commands) as RefCommand[]).map((command) => {
    const now = findRef(snapshot, command.ref)?.oid ?? ''
    const wanted = ZERO.test(command.newOid) ? '' : command.newOid
    const followed = laterCommands.some((next) => next.ref === command.ref && next.oldOid === command.newOid)
    const before = ZERO.test(command.oldOid) ? '' : command.oldOid
    const { ref, oldOid, newOid } = command
    return { ref, oldOid, newOid, ok: (now === wanted && now !== before) || followed }
  })
}
