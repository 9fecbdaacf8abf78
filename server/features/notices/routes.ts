// Routes of notifications: the inbox, what of it a person wants, and watching a repository.
import { z } from 'zod'
import { NoticeList, NoticeQuery, NoticeSettings, NoticeSettingsChange, Watch } from '../../contract/notices.ts'
import { pageOf, PageQuery } from '../../contract/page.ts'
import { Fault } from '../../kit/fault.ts'
import { done, json, route, type Route } from '../../route.ts'
import { presentUser } from '../accounts/present.ts'
import { personOf } from '../accounts/session.ts'
import * as actions from './actions.ts'
import { mayRead } from './drafts.ts'
import { listWatchers } from './store.ts'

const OWN = '/api/gitstead/1'

function numbered(id: string): number {
  if (!/^\d{1,15}$/.test(id)) throw new Fault('not-found')
  return Number(id)
}

const inbox: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/notices`,
    access: 'user',
    scope: 'session',
    summary: 'Own notifications, the newest first',
    query: NoticeQuery,
    answer: NoticeList,
    handle: async (rooms, ask) => {
      const { unread, before, limit } = ask.query
      return json(await actions.inbox(rooms, personOf(ask), { unread: unread === 'true', before, limit }))
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/notices/count`,
    access: 'user',
    scope: 'session',
    summary: 'How many own notifications are unread',
    answer: z.object({ unread: z.number() }),
    handle: async (rooms, ask) => json({ unread: await actions.countUnread(rooms, personOf(ask)) }),
  }),
  route({
    method: 'post',
    path: `${OWN}/notices/read`,
    access: 'user',
    scope: 'session',
    summary: 'Mark all notifications as read, up to one: what came after it was not seen',
    body: z.object({ up_to: z.string().regex(/^\d{1,15}$/) }),
    handle: async (rooms, ask) => {
      await actions.readNotices(rooms, personOf(ask), { upTo: Number(ask.body.up_to) })
      return done()
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/notices/:id/read`,
    access: 'user',
    scope: 'session',
    summary: 'Mark a notification as read',
    handle: async (rooms, ask) => {
      await actions.readNotices(rooms, personOf(ask), { id: numbered(ask.params.id) })
      return done()
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/notices/:id/read`,
    access: 'user',
    scope: 'session',
    summary: 'Mark a notification as unread',
    handle: async (rooms, ask) => {
      await actions.keepUnread(rooms, personOf(ask), numbered(ask.params.id))
      return done()
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/notice-settings`,
    access: 'user',
    scope: 'session',
    summary: 'Which notifications the account wants, and how',
    answer: NoticeSettings,
    handle: async (rooms, ask) => json(await actions.choicesOf(rooms.db.read, personOf(ask).id)),
  }),
  route({
    method: 'put',
    path: `${OWN}/notice-settings`,
    access: 'user',
    scope: 'session',
    summary: 'Change which notifications the account wants',
    body: NoticeSettingsChange,
    answer: NoticeSettings,
    handle: async (rooms, ask) => json(await actions.changeChoices(rooms, personOf(ask), ask.body)),
  }),
]

const WATCH = `${OWN}/repositories/:workspace/:repo_slug/watch`

const watching: Route[] = [
  route({
    method: 'get',
    path: WATCH,
    access: 'repository:read',
    scope: 'session',
    summary: 'Whether the account watches a repository',
    answer: Watch,
    handle: async (rooms, ask) => json({ watching: await actions.isWatching(rooms, personOf(ask), ask.repository.id) }),
  }),
  route({
    method: 'put',
    path: WATCH,
    access: 'repository:read',
    scope: 'session',
    summary: 'Watch a repository, or watch it no longer',
    body: Watch,
    answer: Watch,
    handle: async (rooms, ask) => {
      await actions.watch(rooms, personOf(ask), ask.repository.id, ask.body.watching)
      return json(ask.body)
    },
  }),
  route({
    method: 'get',
    path: '/2.0/repositories/:workspace/:repo_slug/watchers',
    access: 'repository:read',
    scope: 'repository',
    summary: 'Who watches a repository',
    query: PageQuery,
    handle: async (rooms, { repository, query, base, target }) => {
      const watchers = await listWatchers(rooms.db.read, repository.id)
      const shown = watchers.filter((user) => mayRead(rooms, user, repository.id))
      return json(
        pageOf(
          shown.map((user) => presentUser(user, base)),
          query,
          { base, target },
        ),
      )
    },
  }),
]

export const noticeRoutes: readonly Route[] = [...inbox, ...watching]
