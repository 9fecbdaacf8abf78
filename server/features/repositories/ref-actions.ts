// Branches and tags made and removed by pages and REST: through the same door as a push.
import { resolve } from '../../git/read/revisions.ts'
import { moveRefs, ZERO_OID } from '../../git/refs/update.ts'
import { findRef, isForeign } from '../../git/refs/refs.ts'
import { Fault } from '../../kit/fault.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { conclude } from './conclude.ts'
import { announce, type Origin, type RefCommand, refusals, repoOf } from './door.ts'
import { whenOpen } from './gate.ts'

export type RefKind = 'branch' | 'tag'

const PREFIX: Record<RefKind, string> = { branch: 'refs/heads/', tag: 'refs/tags/' }

function invalid(field: string, detail: string): Fault {
  return new Fault('request.invalid', { detail, fields: { [field]: [detail] } })
}

/** Gives the object id that the ref stands at; undefined when there is no such ref. */
export async function refOid(rooms: Rooms, repository: RepositoryView, ref: string): Promise<string | undefined> {
  const snapshot = await rooms.refs.read(repoOf(rooms, repository))
  return isForeign(snapshot) ? undefined : findRef(snapshot, ref)?.oid
}

export async function createRef(
  rooms: Rooms,
  repository: RepositoryView,
  wanted: { kind: RefKind; name: string; target: string },
  origin: Origin,
): Promise<string> {
  // Git stores such a name but gives it to nobody who types it: everywhere else it would be an option.
  if (wanted.name.startsWith('-')) throw invalid('name', 'A name must not begin with a dash.')
  const ref = PREFIX[wanted.kind] + wanted.name
  const newOid = await targetOf(rooms, repository, wanted.target)
  if ((await refOid(rooms, repository, ref)) !== undefined)
    throw new Fault('name.taken', { name: wanted.name, fields: { name: ['It exists already.'] } })
  await pass(rooms, repository, { ref, oldOid: ZERO_OID, newOid }, origin)
  return newOid
}

/** The tip is kept and can be restored. The main branch stays. */
export async function deleteRef(
  rooms: Rooms,
  repository: RepositoryView,
  named: { kind: RefKind; name: string },
  origin: Origin,
): Promise<void> {
  const ref = PREFIX[named.kind] + named.name
  const oldOid = await refOid(rooms, repository, ref)
  if (oldOid === undefined) throw new Fault('git.object')
  if (named.kind === 'branch' && named.name === repository.main_branch) {
    throw new Fault('conflict', { detail: 'This is the main branch. Make another one the main branch first.' })
  }
  await pass(rooms, repository, { ref, oldOid, newOid: ZERO_OID }, origin)
}

/** One ref through the whole door; throws in words for a person when it cannot be moved. */
export async function pass(
  rooms: Rooms,
  repository: RepositoryView,
  command: RefCommand,
  origin: Origin,
): Promise<void> {
  const reason = refusals([command]).get(command.ref)
  if (reason !== undefined) throw invalid('name', `It was refused: ${reason}.`)
  const outcome = await whenOpen(rooms, { repository }, async (now) => {
    const id = await announce(rooms, now, [command], origin)
    const outcome = await moveRefs(rooms.git, repoOf(rooms, now), [command]).catch(async (error: unknown) => {
      await conclude(rooms, now, id, 'unseen')
      throw error
    })
    await conclude(rooms, now, id, [{ ...command, ok: outcome === 'moved' }])
    return outcome
  })
  if (outcome === 'blocked')
    throw invalid('name', 'A branch or tag of which this is a part of the name stands in the way.')
  if (outcome === 'changed') throw new Fault('conflict', { detail: 'Somebody moved it in the meantime. Look again.' })
}

async function targetOf(rooms: Rooms, repository: RepositoryView, named: string): Promise<string> {
  try {
    return (await resolve(rooms.reads, repoOf(rooms, repository), named)).oid
  } catch (error) {
    if (error instanceof Fault && error.status === 404)
      throw invalid('target', `There is no commit ${named} in this repository.`)
    throw error
  }
}
