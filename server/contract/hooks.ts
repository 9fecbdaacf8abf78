// The wire shapes of webhooks: what a hook is asked to be, and the log of what it sent and was told.
import { z } from 'zod'
import { Line } from './names.ts'

const Time = z.iso.datetime()

/** What can be told, by subject: everything a repository has, a workspace has of all its repositories. */
export const HOOK_EVENTS = [
  ['repo:push', 'Push', 'Somebody pushed, or changed a branch or a tag.'],
  ['repo:updated', 'Updated', 'The name, the description or another setting changed.'],
  ['repo:imported', 'Imported', 'A repository was filled by an import.'],
  ['repo:created', 'Created', 'A repository was made.'],
  ['repo:deleted', 'Deleted', 'A repository was deleted.'],
] as const
export const HOOK_KEYS = HOOK_EVENTS.map(([key]) => key)
/** Nobody is left to hear of these from a hook of the repository itself. */
export const WORKSPACE_ONLY: readonly string[] = ['repo:created', 'repo:deleted']

const Url = z.url({ protocol: /^https?$/, error: 'Enter an http or https address.' }).max(2000)

export const NewHook = z.object({
  url: Url,
  description: Line.max(255).default(''),
  active: z.boolean().default(true),
  events: z.array(z.enum(HOOK_KEYS)).min(1, 'Choose at least one event.').max(HOOK_KEYS.length),
  /** Write-only: null or an empty text takes it away. */
  secret: z.string().max(128).nullish(),
})
export type NewHook = z.infer<typeof NewHook>
export const HookChange = z.object({
  url: Url.optional(),
  description: Line.max(255).optional(),
  active: z.boolean().optional(),
  events: NewHook.shape.events.optional(),
  secret: NewHook.shape.secret,
})
export type HookChange = z.infer<typeof HookChange>

/** The parts of Bitbucket's webhook_subscription that pages use. */
export const Hook = z.object({
  uuid: z.string(),
  url: z.string(),
  description: z.string(),
  active: z.boolean(),
  events: z.array(z.string()),
  secret_set: z.boolean(),
  created_at: Time,
})
export type Hook = z.infer<typeof Hook>

export const Delivery = z.object({
  id: z.string(),
  event: z.string(),
  state: z.enum(['waiting', 'delivered', 'failed']),
  attempts: z.number(),
  /** The answer's, or null where none came. */
  status: z.number().nullable(),
  error: z.string().nullable(),
  milliseconds: z.number().nullable(),
  created_on: Time,
  sent_on: Time.nullable(),
})
export type Delivery = z.infer<typeof Delivery>
export const DeliveryDetail = Delivery.extend({
  request: z.object({ headers: z.record(z.string(), z.string()), body: z.string() }).nullable(),
  response: z.object({ headers: z.record(z.string(), z.string()), body: z.string() }).nullable(),
})
export type DeliveryDetail = z.infer<typeof DeliveryDetail>
