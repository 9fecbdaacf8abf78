// The mail of a notification, written when it is sent: what was read meanwhile, or may not be seen any more, is not mailed.
import type { Rooms } from '../../rooms.ts'
import { fullName } from '../repositories/present.ts'
import { readableById } from '../repositories/actions.ts'
import { namesOf } from '../events/present.ts'
import { type Addressed, confirmedAddress, mailBase } from '../mail/actions.ts'
import { asActor } from './drafts.ts'
import * as store from './store.ts'

export async function noticeLetter(rooms: Rooms, id: number): Promise<Addressed | undefined> {
  const { read } = rooms.db
  const notice = await store.findNotice(read, id)
  if (!notice || notice.read_at !== null) return undefined
  const to = await confirmedAddress(read, notice.user_id)
  const [user] = await store.activeUsers(read, { ids: [notice.user_id] })
  const place = user && placeOf(rooms, notice, user)
  if (to === undefined || !user || place === undefined) return undefined
  const names = await namesOf(read, [{ ...notice, data: '{}', workspace_id: null, address: '' }])
  const who = names.actor(notice.actor_id)?.display_name ?? 'Gitstead'
  const base = await mailBase(read)
  return {
    to,
    letter: {
      subject: `${place === '' ? '' : `[${place}] `}${who} ${notice.words}`,
      lines: [`${who} ${notice.words}${place === '' ? '' : ` in ${place}`}.`],
      link: { label: 'Open', url: `${base}${place === '' ? '' : `/${place}`}${notice.path}` },
      foot: `You get this as ${user.name}. Choose what is mailed to you: ${base}/account/notifications`,
    },
  }
}

/** Full name of the repository, an empty text where it belongs to none; undefined where the person may not read it. */
function placeOf(rooms: Rooms, notice: store.NoticeRow, user: store.UserRow): string | undefined {
  if (notice.repository_id === null) return ''
  const view = readableById(rooms, asActor(user), notice.repository_id)
  return view && fullName(view)
}
