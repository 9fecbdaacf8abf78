// Who is to be told what of an event.
import type { NoticeKind } from '../../contract/notices.ts'
import type { Actor, RepositoryView, Rooms } from '../../rooms.ts'
import { actor as actorFrom } from '../accounts/bearers.ts'
import { dataOf, namesOf } from '../events/present.ts'
import { wordsOf } from '../events/words.ts'
import { viewById } from '../repositories/actions.ts'
import type { RefChange } from '../repositories/door.ts'
import { findWorkspace } from '../workspaces/actions.ts'
import { mentionsIn } from './mentions.ts'
import * as store from './store.ts'

type Draft = store.NewNotice & { kind: NoticeKind }
type Teller = (rooms: Rooms, event: store.EventRow) => Promise<Draft[]>

/** A kind of event without an entry here is told to nobody. */
const TELLERS: Record<string, Teller> = {
  'repo:push': async (rooms, event) => [...(await mentions(rooms, event)), ...(await pushed(rooms, event))],
  'repo:permission': permitted,
  'workspace:member': joined,
  'group:member': grouped,
  'invitation:accepted': accepted,
  'repo:imported': imported,
  'import:failed': importFailed,
  'job:parked': parked,
}

export function draftsOf(rooms: Rooms, event: store.EventRow): Promise<Draft[]> {
  return TELLERS[event.kind]?.(rooms, event) ?? Promise.resolve([])
}

/** A person as they stand today, to ask what they may see. */
export function asActor(user: store.UserRow): Actor {
  return actorFrom(user, { via: 'session', scopes: null, onlyRepository: null, credential: '' })
}

export function mayRead(rooms: Rooms, user: store.UserRow, repositoryId: string): boolean {
  return (viewById(rooms.db, asActor(user), repositoryId)?.permission ?? 'none') !== 'none'
}

function draft(
  event: store.EventRow,
  user: store.UserRow,
  rest: Partial<Draft> & Pick<Draft, 'kind' | 'words' | 'path'>,
) {
  const { id, actor_id, repository_id } = event
  return { user_id: user.id, event_id: id, subject: String(id), actor_id, repository_id, ...rest }
}

function viewOf(rooms: Rooms, event: store.EventRow): RepositoryView | undefined {
  return event.repository_id === null ? undefined : viewById(rooms.db, { kind: 'guest' }, event.repository_id)
}

async function pushed(rooms: Rooms, event: store.EventRow): Promise<Draft[]> {
  const view = viewOf(rooms, event)
  if (!view) return []
  const watchers = (await store.listWatchers(rooms.db.read, view.id)).filter(({ id }) => id !== event.actor_id)
  const readers = watchers.filter((user) => mayRead(rooms, user, view.id))
  if (readers.length === 0) return []
  const data = dataOf(event)
  const words = wordsOf(event.kind, data, await namesOf(rooms.db.read, [event]))
  const [only, ...others] = (data['changes'] ?? []) as RefChange[]
  const path = only && others.length === 0 && only.kind !== 'deleted' ? `/commit/${only.newOid}` : '/activity'
  return readers.map((user) => draft(event, user, { kind: 'push', words, path }))
}

/** A repository that cannot be read is no reason to keep its watchers from being told of the push. */
async function mentions(rooms: Rooms, event: store.EventRow): Promise<Draft[]> {
  const view = viewOf(rooms, event)
  if (!view) return []
  const changes = (dataOf(event)['changes'] ?? []) as RefChange[]
  const found = await mentionsIn(rooms, view, changes).catch((error: unknown) => {
    rooms.log.warn({ err: error, repository: view.id }, 'mentions could not be looked for')
    return []
  })
  const named = await store.activeUsers(rooms.db.read, { names: [...new Set(found.map(({ name }) => name))] })
  return found.flatMap(({ name, oid, subject }) => {
    const user = named.find((one) => one.name === name && one.id !== event.actor_id)
    if (!user || !mayRead(rooms, user, view.id)) return []
    const words = `mentioned you in “${subject.slice(0, 200)}”`
    return [draft(event, user, { kind: 'mention', subject: `${view.id} ${oid}`, words, path: `/commit/${oid}` })]
  })
}

/** Somebody else did it, and the person is still here. */
async function other(rooms: Rooms, event: store.EventRow, userId: unknown): Promise<store.UserRow | undefined> {
  if (typeof userId !== 'string' || userId === event.actor_id) return undefined
  return (await store.activeUsers(rooms.db.read, { ids: [userId] }))[0]
}

const GIVEN = new Set(['read', 'write', 'admin'])

async function permitted(rooms: Rooms, event: store.EventRow): Promise<Draft[]> {
  const { userId, permission } = dataOf(event)
  const user = await other(rooms, event, userId)
  if (!user || typeof permission !== 'string' || !GIVEN.has(permission)) return []
  return [draft(event, user, { kind: 'access', words: `gave you ${permission} permission`, path: '' })]
}

async function workspacePath(rooms: Rooms, event: store.EventRow): Promise<string | undefined> {
  const workspace = await findWorkspace(rooms.db.read, { id: event.workspace_id ?? '' })
  return workspace && `/${workspace.slug}`
}

async function joined(rooms: Rooms, event: store.EventRow): Promise<Draft[]> {
  const { user: userId, role } = dataOf(event)
  const user = await other(rooms, event, userId)
  const path = await workspacePath(rooms, event)
  if (!user || typeof role !== 'string' || path === undefined) return []
  return [draft(event, user, { kind: 'access', words: `made you ${role} of the workspace ${path.slice(1)}`, path })]
}

async function grouped(rooms: Rooms, event: store.EventRow): Promise<Draft[]> {
  const { user: userId, slug, added } = dataOf(event)
  const user = await other(rooms, event, userId)
  const path = await workspacePath(rooms, event)
  if (!user || added !== true || typeof slug !== 'string' || path === undefined) return []
  const words = `added you to the group ${slug} of ${path.slice(1)}`
  return [draft(event, user, { kind: 'access', words, path })]
}

async function accepted(rooms: Rooms, event: store.EventRow): Promise<Draft[]> {
  const { link } = dataOf(event)
  const inviter = typeof link === 'string' ? await store.inviterOf(rooms.db.read, link) : null
  const user = await other(rooms, event, inviter)
  const path = await workspacePath(rooms, event)
  return user && path ? [draft(event, user, { kind: 'access', words: 'accepted your invitation', path })] : []
}

/** Whoever started it is told by the server, not by themselves. */
async function maker(rooms: Rooms, event: store.EventRow): Promise<store.UserRow | undefined> {
  return event.actor_id === null ? undefined : (await store.activeUsers(rooms.db.read, { ids: [event.actor_id] }))[0]
}

async function imported(rooms: Rooms, event: store.EventRow): Promise<Draft[]> {
  const user = await maker(rooms, event)
  if (!user) return []
  const { url } = dataOf(event) as { url: string }
  const words = `has imported ${url}`
  return [draft(event, user, { kind: 'import', actor_id: null, words, path: '' })]
}

async function importFailed(rooms: Rooms, event: store.EventRow): Promise<Draft[]> {
  const user = await maker(rooms, event)
  if (!user) return []
  const { url, reason } = dataOf(event) as { url: string; reason: string }
  const words = `could not import ${url}: ${reason}`
  // The half-filled repository is gone.
  return [draft(event, user, { kind: 'import', actor_id: null, repository_id: null, words, path: '/import' })]
}

/** An outage parks many jobs of a kind: one an hour is told. */
async function parked(rooms: Rooms, event: store.EventRow): Promise<Draft[]> {
  const { kind } = dataOf(event) as { kind: string }
  const subject = `${kind} ${event.created_at.slice(0, 13)}`
  const words = `gave up on a job (${kind}) after its last attempt`
  const rest = { kind: 'jobs' as const, subject, repository_id: null, words, path: '/admin/jobs' }
  return (await store.activeAdmins(rooms.db.read)).map((user) => draft(event, user, rest))
}
