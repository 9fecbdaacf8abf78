// The wire shapes of what happened: the audit log for admins, and the activity that readers see.
import { z } from 'zod'

const Time = z.iso.datetime()

export const Actor = z.object({ username: z.string(), display_name: z.string() })

/** `words` follow the name of the actor: "signed in", "pushed to main". */
export const AuditEntry = z.object({
  id: z.string(),
  kind: z.string(),
  /** Null: a guest, the server itself, or an account that is gone. */
  actor: Actor.nullable(),
  words: z.string(),
  address: z.string(),
  /** Slug, or null where it belongs to none or is gone. */
  workspace: z.string().nullable(),
  /** full_name; of a repository that is gone the name that it had last. */
  repository: z.string().nullable(),
  repository_gone: z.boolean(),
  created_on: Time,
  /** The facts that were written down. */
  data: z.record(z.string(), z.unknown()),
})
export type AuditEntry = z.infer<typeof AuditEntry>

/** `next` leads further back; with it, `searched_to` tells how far this answer has looked. */
export const AuditList = z.object({
  values: z.array(AuditEntry),
  next: z.string().nullable(),
  searched_to: Time.nullable(),
})
export type AuditList = z.infer<typeof AuditList>

const Day = z.iso.date().or(Time)

export const AuditFilter = z.object({
  /** User name. */
  person: z.string().max(100).optional(),
  /** A kind such as `repo:push`, or the part before the colon for all of its area. */
  kind: z.string().max(100).optional(),
  /** full_name or UUID. */
  repository: z.string().max(300).optional(),
  /** Slug or UUID. */
  workspace: z.string().max(100).optional(),
  /** A part of the address. */
  address: z.string().max(100).optional(),
  /** Days count from their begin to their end, in UTC. */
  from: Day.optional(),
  to: Day.optional(),
})
export type AuditFilter = z.infer<typeof AuditFilter>

export const AuditQuery = AuditFilter.extend({
  before: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export const AuditExport = AuditFilter.extend({ format: z.enum(['csv', 'jsonl']).default('csv') })

/** Kinds with their names, by area, for choosing. */
export const AuditKinds = z.object({
  values: z.array(
    z.object({
      area: z.string(),
      label: z.string(),
      kinds: z.array(z.object({ kind: z.string(), label: z.string() })),
    }),
  ),
})
export type AuditKinds = z.infer<typeof AuditKinds>

export const LEAST_DAYS = 30
/** How long events are kept; null: for ever. */
export const Retention = z.object({ days: z.number().int().min(LEAST_DAYS).max(36_500).nullable() })
export type Retention = z.infer<typeof Retention>

export const ActivityQuery = z.object({
  before: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(30),
})

export const Activity = z.object({
  id: z.string(),
  kind: z.string(),
  actor: Actor.nullable(),
  /** In the place of a person: a deploy token. */
  machine: z.string().nullable(),
  /** After the name of the actor: "pushed to main". */
  words: z.string(),
  repository: z.string(),
  created_on: Time,
  /** Of a push. */
  changes: z.array(
    z.object({
      ref: z.string(),
      kind: z.enum(['created', 'updated', 'forced', 'deleted']),
      old: z.string().nullable(),
      new: z.string().nullable(),
    }),
  ),
})
export type Activity = z.infer<typeof Activity>

/** `next` leads further back, also where this page holds little that the reader may see. */
export const ActivityList = z.object({ values: z.array(Activity), next: z.string().nullable() })
export type ActivityList = z.infer<typeof ActivityList>
