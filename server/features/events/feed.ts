// Activity: what happened in a repository, in a workspace or by a person, as far as the reader may see it.
import { setImmediate as breathe } from 'node:timers/promises'
import type { Activity, ActivityList } from '../../contract/events.ts'
import type { RecentPush } from '../../contract/gitstead.ts'
import { FeedDamaged, type FeedKey, type FeedRow } from '../../db/feed.ts'
import { Fault } from '../../kit/fault.ts'
import { oncePer } from '../../kit/onceper.ts'
import type { Actor, RepositoryView, Rooms } from '../../rooms.ts'
import { readableById } from '../repositories/actions.ts'
import type { RefChange } from '../repositories/door.ts'
import { fullName, presentChanges } from '../repositories/present.ts'
import { dataOf, type Known, machineOf, namesOf } from './present.ts'
import * as store from './store.ts'
import { wordsOf } from './words.ts'

/** What readers of a repository may know of it. Who was given what is for its admins. */
const SHOWN = new Set(['repo:push', 'repo:created', 'repo:imported', 'repo:updated', 'repo:restored', 'repo:purged'])
const AT_ONCE = 1000

/** The step: reads on in the events where the feed ends. A failure here keeps nothing else from being done. */
export async function fillFeed(rooms: Rooms): Promise<void> {
  try {
    await fill(rooms)
  } catch (error) {
    rooms.log.error({ err: error }, 'the feed could not be filled')
    if (!(error instanceof FeedDamaged)) return
    rooms.feed.clear()
    await fill(rooms).catch((failure: unknown) => rooms.log.error({ err: failure }, 'the feed could not be made anew'))
  }
}

async function fill(rooms: Rooms): Promise<void> {
  clearIfAsked(rooms)
  const last = await store.lastId(rooms.db.read)
  // The database is an older one than the feed was made of.
  if (rooms.feed.cursor() > last) rooms.feed.clear()
  for (let at = rooms.feed.cursor(); at < last;) {
    const events = await store.listAfter(rooms.db.read, at, AT_ONCE)
    at = events.at(-1)?.id ?? last
    rooms.feed.add(events.flatMap(rowOf), at)
    await breathe()
  }
}

function rowOf({ id, kind, repository_id, workspace_id, actor_id }: store.EventRow): FeedRow[] {
  if (!SHOWN.has(kind) || repository_id === null || workspace_id === null) return []
  return [{ id, repository_id, workspace_id, actor_id }]
}

/** When somebody last said that the feed is damaged, and when that was last believed. */
const mendingOf = oncePer((_rooms: Rooms) => ({ asked: false, last: -Infinity }))
/** What is damaged again at once is not mended by making it anew again. */
const MEND_MS = 60_000

/** A process that reads the feed says that it is damaged: the next step makes it anew. */
export function mendFeed(rooms: Rooms): void {
  const state = mendingOf(rooms)
  if (state.asked || performance.now() - state.last < MEND_MS) return
  state.asked = true
  rooms.bus.tell({ kind: 'jobs' })
}

function clearIfAsked(rooms: Rooms): void {
  const state = mendingOf(rooms)
  if (!state.asked) return
  Object.assign(state, { asked: false, last: performance.now() })
  rooms.log.warn('the feed is said to be damaged and is made anew')
  rooms.feed.clear()
}

export interface Of {
  key: FeedKey
  id: string
}

const STRETCH = 200
const STRETCHES = 20

/** Looks through a bounded stretch: a page may be short or empty and still lead further back. */
export async function activityOf(
  rooms: Rooms,
  actor: Actor,
  of: Of,
  asked: { before?: string | undefined; limit: number },
): Promise<ActivityList> {
  const visible = new Map<string, RepositoryView | undefined>()
  const may = (id: string): boolean => {
    if (!visible.has(id)) visible.set(id, readableById(rooms, actor, id))
    return visible.get(id) !== undefined
  }
  const found: number[] = []
  let before = asked.before === undefined ? Number.MAX_SAFE_INTEGER : Number(asked.before)
  let more = true
  for (let n = 0; n < STRETCHES && more && found.length < asked.limit; n++) {
    const rows = listRows(rooms, of, before)
    const seen = rows.filter((row) => may(row.repository_id)).slice(0, asked.limit - found.length)
    found.push(...seen.map(({ id }) => id))
    before = (found.length === asked.limit ? seen : rows).at(-1)?.id ?? before
    more = rows.length === STRETCH || (rows.at(-1)?.id ?? before) < before
    await breathe()
  }
  const events = await store.listByIds(rooms.db.read, found)
  const names = await namesOf(rooms.db.read, events)
  return {
    values: events.flatMap((event) => presentActivity(event, names, visible.get(event.repository_id ?? ''))),
    next: more ? String(before) : null,
  }
}

function listRows(rooms: Rooms, { key, id }: Of, before: number): FeedRow[] {
  try {
    return rooms.feed.list(key, id, { before, limit: STRETCH })
  } catch (error) {
    if (!(error instanceof FeedDamaged)) throw error
    rooms.log.warn({ err: error }, 'the feed could not be read')
    rooms.bus.tell({ kind: 'feed' })
    throw new Fault('feed.damaged')
  }
}

function presentActivity(event: store.EventRow, names: Known, view: RepositoryView | undefined): Activity[] {
  if (!view) return []
  const data = dataOf(event)
  const changes = Array.isArray(data['changes']) ? (data['changes'] as RefChange[]) : []
  return [
    {
      id: String(event.id),
      kind: event.kind,
      actor: names.actor(event.actor_id),
      machine: machineOf(data)?.display_name ?? null,
      words: wordsOf(event.kind, data, names),
      repository: fullName(view),
      created_on: event.created_at,
      changes: presentChanges(changes),
    },
  ]
}

/** The number of the newest event: what has one above it happened later. */
export function newestEvent(rooms: Rooms): Promise<number> {
  return store.lastId(rooms.db.read)
}

interface PushData {
  push?: number
  changes?: RefChange[]
  deploy_token?: { name: string }
}

/** The push that an event of this repository tells of; an import counts as one without changes. */
export async function pushOfEvent(rooms: Rooms, view: RepositoryView, id: number): Promise<RecentPush | undefined> {
  const event = await store.findEvent(rooms.db.read, id)
  if (event?.repository_id !== view.id) return undefined
  const names = await namesOf(rooms.db.read, [event])
  const { push = '', changes = [], deploy_token: token } = dataOf(event) as PushData
  return {
    id: String(push),
    repository: fullName(view),
    actor: names.actor(event.actor_id),
    deploy_token: token?.name ?? null,
    pushed_on: event.created_at,
    changes: presentChanges(changes),
  }
}
