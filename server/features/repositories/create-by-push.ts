// Push to create: a member of a workspace pushes to a name that does not exist yet, and it comes into being.
import type { Actor, RepositoryView, Rooms } from '../../rooms.ts'
import { readSettings } from '../accounts/settings.ts'
import { viewWorkspace } from '../workspaces/actions.ts'
import { createRepository, slugOf } from './actions.ts'
import { viewById, viewBySlugs } from './store.ts'

/** Undefined when the switch is off, the caller is no member, or the name gives no address of its own. */
export async function createByPush(
  rooms: Rooms,
  by: { actor: Actor; address: string },
  workspace: string,
  name: string,
): Promise<RepositoryView | undefined> {
  const { actor, address } = by
  if (actor.kind !== 'user' || actor.onlyRepository !== null || !readSettings(rooms.db).push_to_create) return undefined
  if (
    actor.scopes !== null &&
    !actor.scopes.some((scope) => scope === 'repository:write' || scope === 'repository:admin')
  )
    return undefined
  const place = await viewWorkspace(rooms.db, actor, workspace)
  if (!place || (place.role !== 'owner' && place.role !== 'member')) return undefined
  if (viewBySlugs(rooms.db, actor, place.slug, name) || slugOf(name) !== name) return undefined
  const id = await createRepository(rooms, { user: actor, workspace: place, address }, { name })
  return viewById(rooms.db, actor, id)
}
