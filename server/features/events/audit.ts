// The audit log: found a stretch at a time, so that no search holds the process up however long the log is.
import { setImmediate as breathe } from 'node:timers/promises'
import type { AuditFilter, AuditList } from '../../contract/events.ts'
import { Fault } from '../../kit/fault.ts'
import { record } from '../../outbox/events.ts'
import type { Rooms, User } from '../../rooms.ts'
import { needUser } from '../accounts/actions.ts'
import { unbraced } from '../accounts/present.ts'
import { findForDoor } from '../repositories/actions.ts'
import { findWorkspace } from '../workspaces/actions.ts'
import { namesOf, presentEntry } from './present.ts'
import * as store from './store.ts'
import { FORMATS } from './table.ts'
import { kindsOf } from './words.ts'

/** So many ids are looked through in one go, and so many goes are made for one page. */
const STRETCH = 5000
const STRETCHES = 40
const DAY_MS = 86_400_000

interface Search {
  wanted: store.Wanted
  before: number
  floor: number
}

/** The filter in ids. Faults for a name that stands for nothing: an empty page would say that nothing had happened. */
async function searchFor(rooms: Rooms, actor: User, filter: AuditFilter): Promise<Search> {
  const { read } = rooms.db
  const { person, kind, repository, workspace, address, from, to } = filter
  const user = person ? await needUser(read, person).catch(() => unknown('person', person)) : undefined
  const end = to === undefined ? undefined : to.length === 10 ? new Date(Date.parse(to) + DAY_MS).toISOString() : to
  return {
    wanted: {
      person: user && { id: user.id, name: user.name },
      kinds: kind ? kindsOf(kind) : undefined,
      repositoryId: repository ? repositoryId(rooms, actor, repository) : undefined,
      workspaceId: workspace ? await workspaceId(rooms, workspace) : undefined,
      address: address || undefined,
    },
    before: (end === undefined ? await store.lastId(read) : await store.idBefore(read, end)) + 1,
    floor: from === undefined ? 0 : await store.idBefore(read, new Date(from).toISOString()),
  }
}

function unknown(field: string, name: string): never {
  const detail = `There is no ${field} ${name}.`
  throw new Fault('request.invalid', { detail, fields: { [field]: [detail] } })
}

function repositoryId(rooms: Rooms, actor: User, name: string): string {
  const [workspace = '', slug = ''] = name.split('/', 2)
  return unbraced(name) ?? findForDoor(rooms, actor, workspace, slug)?.id ?? unknown('repository', name)
}

async function workspaceId(rooms: Rooms, name: string): Promise<string> {
  const id = unbraced(name)
  return id ?? (await findWorkspace(rooms.db.read, { slug: name.toLowerCase() }))?.id ?? unknown('workspace', name)
}

export async function searchAudit(
  rooms: Rooms,
  actor: User,
  asked: AuditFilter & { before?: string | undefined; limit: number },
): Promise<AuditList> {
  const search = await searchFor(rooms, actor, asked)
  const found: store.EventRow[] = []
  let at = Math.min(search.before, asked.before === undefined ? Infinity : Number(asked.before))
  for (let n = 0; n < STRETCHES && at > search.floor + 1 && found.length < asked.limit; n++) {
    const floor = Math.max(search.floor, at - 1 - STRETCH)
    const limit = asked.limit - found.length
    const rows = await store.listStretch(rooms.db.read, search.wanted, { before: at, floor, limit })
    found.push(...rows)
    at = rows.length === limit ? (rows.at(-1)?.id ?? at) : floor + 1
    await breathe()
  }
  const names = await namesOf(rooms.db.read, found)
  const more = at > search.floor + 1
  return {
    values: found.map((event) => presentEntry(event, names)),
    next: more ? String(at) : null,
    searched_to: more ? await timeAt(rooms, at) : null,
  }
}

async function timeAt(rooms: Rooms, id: number): Promise<string | null> {
  const [row] = await store.listStretch(rooms.db.read, {}, { before: id + 1, floor: 0, limit: 1 })
  return row?.created_at ?? null
}

const AT_ONCE = 500

/** All that the filter finds, the newest first, a few hundred rows in memory at a time. */
export async function* exportAudit(
  rooms: Rooms,
  actor: User,
  { format, ...filter }: AuditFilter & { format: keyof typeof FORMATS },
): AsyncGenerator<string> {
  const { head, line } = FORMATS[format]
  if (head !== '') yield head
  let before: string | undefined
  do {
    const page = await searchAudit(rooms, actor, { ...filter, before, limit: AT_ONCE })
    const text = page.values.map(line).join('')
    if (text !== '') yield text
    before = page.next ?? undefined
  } while (before !== undefined)
}

/** Before the answer begins: a filter that names nothing is told as an error, not as a file. */
export async function checkFilter(rooms: Rooms, actor: User, filter: AuditFilter): Promise<void> {
  await searchFor(rooms, actor, filter)
}

export async function setRetention(
  rooms: Rooms,
  by: { user: User; address: string },
  days: number | null,
): Promise<void> {
  await rooms.db.write(async (tx) => {
    await store.writeRetention(tx, days)
    await record(tx, { kind: 'audit:retention', actorId: by.user.id, address: by.address, data: { days } })
  })
}

const PRUNED_AT_ONCE = 2000

/** The job. What goes is told by an event of its own, in the same transaction. */
export async function pruneAudit(rooms: Rooms, signal: AbortSignal): Promise<void> {
  for (let count = PRUNED_AT_ONCE; count === PRUNED_AT_ONCE && !signal.aborted;) {
    const days = await store.readRetention(rooms.db.read)
    if (days === null) return
    const before = new Date(Date.now() - days * DAY_MS).toISOString()
    count = await rooms.db.write(async (tx) => {
      const gone = await store.pruneEvents(tx, before, PRUNED_AT_ONCE)
      if (gone > 0) await record(tx, { kind: 'audit:pruned', data: { count: gone, before, days } })
      return gone
    })
  }
}

export { readRetention } from './store.ts'
