// The wire shapes of notifications: the inbox, what of it a person wants, and which repositories they watch.
import { z } from 'zod'
import { Actor } from './events.ts'

const Time = z.iso.datetime()

export const NOTICE_KINDS = ['push', 'mention', 'access', 'import', 'jobs'] as const
export const NoticeKind = z.enum(NOTICE_KINDS)
export type NoticeKind = z.infer<typeof NoticeKind>

export const Notice = z.object({
  id: z.string(),
  kind: NoticeKind,
  /** Null: the server itself. */
  actor: Actor.nullable(),
  /** After the name of the actor: "pushed to main". */
  words: z.string(),
  repository: z.string().nullable(),
  /** The page that it speaks of. */
  path: z.string(),
  created_on: Time,
  read: z.boolean(),
})
export type Notice = z.infer<typeof Notice>

export const NoticeList = z.object({ values: z.array(Notice), unread: z.number(), next: z.string().nullable() })
export type NoticeList = z.infer<typeof NoticeList>

export const NoticeQuery = z.object({
  unread: z.enum(['true', 'false']).default('false'),
  before: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(30),
})

/** `mail` is page and mail; without a confirmed address, or on a server that sends none, it is the page alone. */
export const NoticeChoice = z.enum(['mail', 'page', 'none'])
export type NoticeChoice = z.infer<typeof NoticeChoice>
export const NoticeSettings = z.record(NoticeKind, NoticeChoice)
export type NoticeSettings = z.infer<typeof NoticeSettings>
export const NoticeSettingsChange = z.partialRecord(NoticeKind, NoticeChoice)

/** Watching tells of pushes by others. */
export const Watch = z.object({ watching: z.boolean() })
export type Watch = z.infer<typeof Watch>
