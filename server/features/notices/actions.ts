// Notifications: told once per event and person however often the server dies, read, chosen, watched.
import {
  NOTICE_KINDS,
  type Notice,
  type NoticeChoice,
  type NoticeKind,
  type NoticeList,
  type NoticeSettings,
} from '../../contract/notices.ts'
import type { Tx } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { newId } from '../../kit/secret.ts'
import { enqueue } from '../../outbox/queue.ts'
import type { RepositoryView, Rooms, User } from '../../rooms.ts'
import { readableById } from '../repositories/actions.ts'
import { fullName } from '../repositories/present.ts'
import { namesOf } from '../events/present.ts'
import { confirmedAddress, sendsMail } from '../mail/actions.ts'
import { draftsOf } from './drafts.ts'
import * as store from './store.ts'

const EVENTS_AT_ONCE = 100
/** Of each person. */
export const KEPT = 500

/** What is chosen until somebody chooses: pushes are many, the others rare and meant for the person. */
const DEFAULTS: NoticeSettings = { push: 'page', mention: 'mail', access: 'mail', import: 'page', jobs: 'mail' }

/**
 * The step: reads on in the events behind a cursor. Notices and cursor are written in one transaction, and only while the
 * cursor stands where it was read; what has to be asked of git is asked before.
 */
export async function tellNotices(rooms: Rooms): Promise<void> {
  try {
    while (await tellSome(rooms));
  } catch (error) {
    rooms.log.error({ err: error }, 'notifications could not be made')
  }
}

async function tellSome(rooms: Rooms): Promise<boolean> {
  const from = await store.readCursor(rooms.db.read)
  const events = await store.nextEvents(rooms.db.read, from, EVENTS_AT_ONCE)
  const last = events.at(-1)
  if (!last) return false
  const drafts: store.NewNotice[] = []
  for (const event of events) drafts.push(...(await draftsSafely(rooms, event)))
  const told = await rooms.db.write(async (tx) => {
    if (!(await store.moveCursor(tx, from, last.id))) return []
    return writeAll(tx, drafts)
  })
  if (told.length > 0) {
    rooms.bus.tell({ kind: 'notice', userIds: [...new Set(told)] })
    rooms.bus.tell({ kind: 'jobs' })
  }
  return true
}

/** One event that cannot be told must not keep all after it from being told. */
async function draftsSafely(rooms: Rooms, event: store.EventRow): Promise<store.NewNotice[]> {
  try {
    return await draftsOf(rooms, event)
  } catch (error) {
    rooms.log.error({ err: error, event: event.id }, 'nobody could be told of an event')
    return []
  }
}

/** Mail about mails that cannot be sent would be one of them. */
const aboutMail = ({ kind, subject }: store.NewNotice): boolean => kind === 'jobs' && subject.startsWith('mail ')

async function mailToo(tx: Tx, draft: store.NewNotice, id: number): Promise<void> {
  if (aboutMail(draft) || !(await sendsMail(tx))) return
  if ((await confirmedAddress(tx, draft.user_id)) === undefined) return
  await enqueue(tx, { kind: 'mail', data: { id: newId(), notice: id } })
}

/** Gives who was told of something. Of one event a person hears once: what comes first counts. */
async function writeAll(tx: Tx, drafts: readonly store.NewNotice[]): Promise<string[]> {
  const told: string[] = []
  const heard = new Set<string>()
  const about = [...new Set(drafts.flatMap(({ repository_id: id }) => (id === null ? [] : [id])))]
  const there = await store.repositoriesThere(tx, about)
  for (const draft of drafts) {
    if (draft.repository_id !== null && !there.has(draft.repository_id)) continue
    const once = `${draft.user_id} ${draft.event_id}`
    if (heard.has(once)) continue
    const choice = (await choicesOf(tx, draft.user_id))[draft.kind as NoticeKind]
    if (choice === 'none') continue
    const id = await store.insertNotice(tx, draft)
    if (id === undefined) continue
    heard.add(once)
    if (choice === 'mail') await mailToo(tx, draft, id)
    told.push(draft.user_id)
  }
  for (const userId of new Set(told)) await store.trimNotices(tx, userId, KEPT)
  return told
}

export async function choicesOf(db: Parameters<typeof store.listChoices>[0], userId: string): Promise<NoticeSettings> {
  const stored = await store.listChoices(db, userId)
  const choices = { ...DEFAULTS }
  for (const { kind, choice } of stored) if (kind in choices) choices[kind as NoticeKind] = choice as NoticeChoice
  return choices
}

export async function changeChoices(
  rooms: Rooms,
  user: User,
  change: Partial<Record<NoticeKind, NoticeChoice | undefined>>,
): Promise<NoticeSettings> {
  await rooms.db.write(async (tx) => {
    for (const kind of NOTICE_KINDS) {
      const choice = change[kind]
      if (choice !== undefined) await store.putChoice(tx, user.id, kind, choice)
    }
  })
  return choicesOf(rooms.db.read, user.id)
}

interface Shown {
  row: store.NoticeRow
  view: RepositoryView | undefined
}

/** What the person may see today; a right that was taken back takes its notices along. */
async function shownTo(rooms: Rooms, user: User): Promise<Shown[]> {
  const rows = await store.listNotices(rooms.db.read, user.id)
  return rows.flatMap((row): Shown[] => {
    if (row.repository_id === null) return [{ row, view: undefined }]
    const view = readableById(rooms, user, row.repository_id)
    return view ? [{ row, view }] : []
  })
}

export async function countUnread(rooms: Rooms, user: User): Promise<number> {
  return (await shownTo(rooms, user)).filter(({ row }) => row.read_at === null).length
}

export async function inbox(
  rooms: Rooms,
  user: User,
  asked: { unread: boolean; before?: string | undefined; limit: number },
): Promise<NoticeList> {
  const all = await shownTo(rooms, user)
  const wanted = all.filter(({ row }) => !asked.unread || row.read_at === null)
  const rest = asked.before === undefined ? wanted : wanted.filter(({ row }) => row.id < Number(asked.before))
  const page = rest.slice(0, asked.limit)
  const last = page.at(-1)
  return {
    values: await presentAll(rooms, page),
    unread: all.filter(({ row }) => row.read_at === null).length,
    next: last && rest.length > page.length ? String(last.row.id) : null,
  }
}

async function presentAll(rooms: Rooms, shown: readonly Shown[]): Promise<Notice[]> {
  const asEvents = shown.map(({ row }) => ({ ...row, data: '{}', workspace_id: null, address: '' }))
  const names = await namesOf(rooms.db.read, asEvents)
  return shown.map(({ row, view }) => ({
    id: String(row.id),
    kind: row.kind as NoticeKind,
    actor: names.actor(row.actor_id),
    words: row.words,
    repository: view ? fullName(view) : null,
    path: view ? `/${fullName(view)}${row.path}` : row.path,
    created_on: row.created_at,
    read: row.read_at !== null,
  }))
}

export async function readNotices(rooms: Rooms, user: User, which: { id: number } | { upTo: number }): Promise<void> {
  if ('id' in which) await needOwn(rooms, user, which.id)
  const changed = await rooms.db.write((tx) => store.markRead(tx, user.id, which))
  if (changed > 0) rooms.bus.tell({ kind: 'notice', userIds: [user.id] })
}

export async function keepUnread(rooms: Rooms, user: User, id: number): Promise<void> {
  await needOwn(rooms, user, id)
  await rooms.db.write((tx) => store.markUnread(tx, user.id, id))
  rooms.bus.tell({ kind: 'notice', userIds: [user.id] })
}

async function needOwn(rooms: Rooms, user: User, id: number): Promise<void> {
  const row = await store.findNotice(rooms.db.read, id)
  if (row?.user_id !== user.id) throw new Fault('not-found')
}

export async function isWatching(rooms: Rooms, user: User, repositoryId: string): Promise<boolean> {
  return (await store.listWatchers(rooms.db.read, repositoryId)).some(({ id }) => id === user.id)
}

export async function watch(rooms: Rooms, user: User, repositoryId: string, watching: boolean): Promise<void> {
  await rooms.db.write((tx) => store.putWatch(tx, repositoryId, user.id, watching))
}
