// The tables of what happened, what is to be done, and who hears of it.
import type { Generated } from 'kysely'

/** Audit log, outbox and activity feed in one: appended in the transaction of the change it tells of. */
export interface EventTable {
  id: Generated<number>
  kind: string
  actor_id: string | null
  workspace_id: string | null
  repository_id: string | null
  address: string
  /** JSON, without secrets. */
  data: string
  created_at: string
}

export interface JobTable {
  id: Generated<number>
  kind: string
  repository_id: string | null
  actor_id: string | null
  data: string
  /** `parked` has used up its attempts and waits for an admin; `failed` is what no further attempt could mend. */
  state: 'waiting' | 'running' | 'done' | 'failed' | 'parked' | 'cancelled'
  attempts: number
  run_at: string
  /** Names the claim under which the job runs: whoever holds another one has lost it. */
  lease: string | null
  lease_until: string | null
  progress: string
  error: string | null
  created_at: string
  /** When the last attempt began. */
  started_at: string | null
  finished_at: string | null
}

export interface SlowRequestTable {
  id: Generated<number>
  at: string
  /** X-Request-Id */
  request: string
  process: string
  class: string
  method: string
  route: string
  account: string
  address: string
  repository_id: string | null
  status: number
  ms: number
  waited_ms: number
  /** JSON: [{command, ms}] */
  git: string
}

export interface WebhookTable {
  id: string
  workspace_id: string
  /** Null: every repository of the workspace. */
  repository_id: string | null
  url: string
  description: string
  active: number
  /** JSON: ["repo:push", ...] */
  events: string
  /** As it was given: it signs each body. */
  secret: string | null
  /** The address under which its maker reached this server: links in what it sends begin with it. */
  base: string
  /** Events up to this one happened before the hook was there. */
  since: number
  created_at: string
}

export interface DeliveryTable {
  /** Also X-Request-UUID. */
  id: string
  webhook_id: string
  /** Null: a test, or another sending of an old body. */
  event_id: number | null
  event_key: string
  state: 'waiting' | 'delivered' | 'failed'
  attempts: number
  body: string | null
  /** JSON */
  request_headers: string | null
  status: number | null
  /** JSON */
  response_headers: string | null
  response_body: string | null
  error: string | null
  milliseconds: number | null
  created_at: string
  sent_at: string | null
}

export interface NoticeTable {
  id: Generated<number>
  user_id: string
  event_id: number
  kind: string
  /** What it is about: one person is told of it once. */
  subject: string
  actor_id: string | null
  repository_id: string | null
  /** After the name of the actor. */
  words: string
  /** Of the page; below the repository's own where it belongs to one. */
  path: string
  created_at: string
  read_at: string | null
}

/** One row. */
export interface MailSettingsTable {
  id: number
  enabled: number
  host: string
  port: number
  security: 'tls' | 'starttls' | 'plain'
  username: string
  /** Sealed with the installation's key. */
  password: string | null
  sender: string
  /** The address of this server: links in mails begin with it. */
  base: string
}

export interface MailAddressTable {
  user_id: string
  /** Confirmed. */
  address: string | null
  pending: string | null
  secret_hash: string | null
  pending_until: string | null
  /** When the link that confirms was sent last. */
  sent_at: string | null
}
