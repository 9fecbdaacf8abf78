// Push to create: a member of a workspace pushes to a name that does not exist yet, and it comes into being with that push.
import type { Readable } from 'node:stream'
import { drain, readPush } from '../../git/wire/push.ts'
import { refusal } from '../../git/wire/report.ts'
import { advertiseNew } from '../../git/wire/serve.ts'
import { Fault } from '../../kit/fault.ts'
import type { Beginning, GitAsk, NewPlace } from '../../route.ts'
import type { RepositoryView, Rooms, User, WorkspaceView } from '../../rooms.ts'
import { readSettings } from '../accounts/settings.ts'
import { viewWorkspace } from '../workspaces/actions.ts'
import { createRepository, slugOf } from './actions.ts'
import { refusals } from './door.ts'
import { isRefusedWhole } from './push.ts'
import { viewById, viewBySlugs, wasDeletedSince } from './store.ts'

/** So long nobody who began to push before it brings a deleted repository back. */
const GONE_MS = 120_000
const GONE =
  'this repository was deleted a moment ago; make it anew on its page, or push again in two minutes, if you mean to'
const ZERO = /^0+$/

/** What is told before the push itself: nothing is made yet, as many only look. Undefined as below. */
export async function advertiseByPush(
  rooms: Rooms,
  place: NewPlace,
  protocol: GitAsk['protocol'],
): Promise<Buffer | undefined> {
  return (await creating(rooms, place)) && advertiseNew(rooms, protocol)
}

/** Undefined when the switch is off, the caller is no member, or the name gives no address of its own. */
export async function createByPush(
  rooms: Rooms,
  place: NewPlace,
  { address, body }: { address: string; body: Readable },
): Promise<Beginning | undefined> {
  const by = await creating(rooms, place)
  if (!by) return undefined
  const push = await readPush(body)
  // A client tries out whether it may push at all before it sends much.
  if (push.commands.length === 0) return { reply: Buffer.alloc(0) }
  const refused = refusals(push.commands)
  const isGone = push.commands.some(({ oldOid }) => !ZERO.test(oldOid)) || (await wasJustDeleted(rooms, by, place))
  if (isGone || isRefusedWhole(push, refused)) {
    drain(body)
    return { reply: refusal(push, isGone ? GONE : refused) }
  }
  const { repository, made } = await make(rooms, { ...by, address }, place)
  return repository && { repository, begun: { push, made } }
}

interface Creating {
  user: User
  workspace: WorkspaceView
}

async function creating(rooms: Rooms, { actor, workspace, name }: NewPlace): Promise<Creating | undefined> {
  if (actor.kind !== 'user' || actor.onlyRepository !== null || !readSettings(rooms.db).push_to_create) return undefined
  if (
    actor.scopes !== null &&
    !actor.scopes.some((scope) => scope === 'repository:write' || scope === 'repository:admin')
  )
    return undefined
  const place = await viewWorkspace(rooms.db, actor, workspace)
  if (!place || (place.role !== 'owner' && place.role !== 'member')) return undefined
  if (viewBySlugs(rooms.db, actor, place.slug, name) || slugOf(name) !== name) return undefined
  return { user: actor, workspace: place }
}

function wasJustDeleted(rooms: Rooms, { workspace }: Creating, { name }: NewPlace): Promise<boolean> {
  const since = new Date(Date.now() - GONE_MS).toISOString()
  return wasDeletedSince(rooms.db.read, { id: workspace.id, fullName: `${workspace.slug}/${name}` }, since)
}

/** Of several who push to the same new name at once, one makes it, and all push to it. */
async function make(
  rooms: Rooms,
  by: Creating & { address: string },
  { actor, name }: NewPlace,
): Promise<{ repository: RepositoryView | undefined; made: boolean }> {
  try {
    const id = await createRepository(rooms, by, { name })
    return { repository: viewById(rooms.db, actor, id), made: true }
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'name.taken') throw error
    const there = viewBySlugs(rooms.db, actor, by.workspace.slug, name)
    const mayPush = there?.permission === 'write' || there?.permission === 'admin'
    return { repository: mayPush ? there : undefined, made: false }
  }
}
