// The tables as the queries see them. Times are ISO 8601 texts in UTC, ids are UUIDs, flags are 0 or 1.
import type { Generated } from 'kysely'

export interface Tables {
  users: UserTable
  sessions: SessionTable
  app_passwords: AppPasswordTable
  signed_tokens: SignedTokenTable
  token_keys: TokenKeyTable
  factors: FactorTable
  recovery_codes: { user_id: string; hash: string; used_at: string | null }
  sign_ins: SignInTable
  deploy_tokens: DeployTokenTable
  oauth_consumers: ConsumerTable
  oauth_grants: OAuthGrantTable
  oauth_codes: OAuthCodeTable
  oauth_tokens: OAuthTokenTable
  oauth1_requests: OAuth1RequestTable
  oauth1_tokens: { hash: string; grant_id: string }
  /** Of signed requests; `at`: the time that they claim, in seconds since 1970. */
  oauth1_nonces: { hash: string; at: number }
  links: LinkTable
  workspaces: WorkspaceTable
  members: MemberTable
  groups: GroupTable
  group_members: { group_id: string; user_id: string }
  projects: ProjectTable
  repositories: RepositoryTable
  old_names: { workspace_id: string; slug: string; repository_id: string }
  grants: GrantTable
  pushes: PushTable
  events: EventTable
  /** One row: how many days events are kept; null for ever. */
  retention: { id: number; days: number | null }
  jobs: JobTable
  /** When each recurring job is due next. */
  timetable: { name: string; next_at: string }
  webhooks: WebhookTable
  deliveries: DeliveryTable
  /** How far somebody has read the events. */
  cursors: { name: string; at: number }
  settings: { name: string; value: string }
  volumes: VolumeTable
  gates: GateTable
  old_copies: OldCopyTable
  care: CareTable
  slow_requests: SlowRequestTable
  /** One row a minute: what all processes counted and measured in it, as JSON. `at`: seconds since 1970. */
  samples: { at: number; data: string }
  /** Written to see whether writing works. */
  pulses: { name: string; at: string }
  notices: NoticeTable
  /** What somebody said of a repository; its maker watches it until they say otherwise. */
  watches: { repository_id: string; user_id: string; watching: number }
  mail_settings: MailSettingsTable
  mail_addresses: MailAddressTable
  notice_settings: { user_id: string; kind: string; choice: string }
}

export interface UserTable {
  id: string
  name: string
  display_name: string
  password_hash: string
  is_admin: number
  state: 'active' | 'disabled'
  created_at: string
  last_seen_at: string | null
  /** Counted up to end all time-limited tokens that were made before. */
  token_epoch: Generated<number>
  /** Since when a code is asked for beside the password; null while none is. */
  factor_since: string | null
}

export interface FactorTable {
  user_id: string
  /** Sealed under the installation's key. */
  secret: string
  /** The step of the last code that was taken: it and all before it are used up. */
  last_step: number
  /** Wrong codes since the last right one, and when the newest came. */
  failures: Generated<number>
  failed_at: string | null
  created_at: string
}

/** A sign-in whose password was right and whose code is awaited. */
export interface SignInTable {
  /** SHA-256 of the ticket. */
  id: string
  user_id: string
  failures: Generated<number>
  created_at: string
  expires_at: string
}

export interface SessionTable {
  /** SHA-256 of the cookie's value: a stolen database opens no session. */
  id: string
  user_id: string
  address: string
  user_agent: string
  created_at: string
  last_used_at: string
  expires_at: string
}

export interface AppPasswordTable {
  id: string
  user_id: string
  label: string
  secret_hash: string
  /** Space-separated. */
  scopes: string
  repository_id: string | null
  created_at: string
  expires_at: string | null
  last_used_at: string | null
}

/** A time-limited token, by what stays the same through its renewals. Its text is signed and stored nowhere. */
export interface SignedTokenTable {
  jti: string
  user_id: string
  label: string
  /** Space-separated. */
  scopes: string
  repository_id: string | null
  /** The key that signed it last. */
  kid: string
  /** Seconds for which it holds from each renewal. */
  life: number
  created_at: string
  expires_at: string
  /** No renewal leads beyond. */
  ends_at: string
  last_used_at: string | null
}

/** The keys themselves are derived from the key of the installation: a stolen database signs nothing. */
export interface TokenKeyTable {
  kid: string
  created_at: string
  /** Since when it signs nothing new. */
  retired_at: string | null
}

/** Lets a machine into one repository. Belongs to the repository, and to no person. */
export interface DeployTokenTable {
  id: string
  repository_id: string
  name: string
  secret_hash: string
  permission: 'read' | 'write'
  created_by: string | null
  created_at: string
  expires_at: string | null
  last_used_at: string | null
}

/** A program that a workspace registered with OAuth. */
export interface ConsumerTable {
  id: string
  workspace_id: string
  /** The client_id. */
  key: string
  /** The secret is derived from it; null for a program that can keep none. */
  salt: string | null
  /** Who made the secret: its client credentials act for them. */
  secret_by: string | null
  name: string
  description: string
  callback_url: string
  /** Space-separated. */
  scopes: string
  created_at: string
}

/** A consumer let in: by a person with a code, or by its own credentials. Codes and tokens end with it. */
export interface OAuthGrantTable {
  id: string
  consumer_id: string
  user_id: string
  kind: 'code' | 'client'
  scopes: string
  created_at: string
  last_used_at: string | null
}

export interface OAuthCodeTable {
  hash: string
  consumer_id: string
  user_id: string
  scopes: string
  /** As it was asked, or null where it was left out. */
  redirect_uri: string | null
  challenge: string | null
  expires_at: string
  /** What it gave, once it was used. */
  grant_id: string | null
}

export interface OAuthTokenTable {
  hash: string
  grant_id: string
  kind: 'access' | 'refresh'
  scopes: string
  expires_at: string
  /** When a refresh token was spent. */
  used_at: string | null
}

/** A request token of OAuth 1.0a, until it is exchanged. */
export interface OAuth1RequestTable {
  hash: string
  consumer_id: string
  /** `oob`: the person carries the verifier over by hand. */
  callback: string
  scopes: string
  expires_at: string
  /** Who said yes. */
  user_id: string | null
  /** An HMAC of it: a short number could be found from a mere hash. */
  verifier: string | null
}

export interface LinkTable {
  id: string
  kind: 'setup' | 'invitation' | 'reset'
  secret_hash: string
  note: string
  created_by: string | null
  workspace_id: string | null
  role: 'owner' | 'member' | 'collaborator' | null
  /** JSON: [{repository_id, permission}] */
  grants: string
  /** Whose password a reset link sets. */
  user_id: string | null
  created_at: string
  expires_at: string
  used_at: string | null
  used_by: string | null
  withdrawn_at: string | null
}

export interface WorkspaceTable {
  id: string
  slug: string
  name: string
  /** The person whose own workspace it is; null for a team's. */
  owner_id: string | null
  /** What a member may do in each repository that says nothing else about them. */
  member_permission: 'none' | 'read' | 'write' | 'admin'
  created_at: string
  updated_at: string
}

export interface MemberTable {
  workspace_id: string
  user_id: string
  role: 'owner' | 'member' | 'collaborator'
  created_at: string
}

export interface GroupTable {
  id: string
  workspace_id: string
  slug: string
  name: string
}

export interface ProjectTable {
  id: string
  workspace_id: string
  key: string
  name: string
  description: string
  is_private: number
  created_at: string
  updated_at: string
}

export interface RepositoryTable {
  id: string
  workspace_id: string
  project_id: string
  slug: string
  name: string
  description: string
  visibility: 'private' | 'internal' | 'public'
  main_branch: string
  volume: string
  parent_id: string | null
  language: string
  size: number
  is_empty: number
  created_by: string | null
  created_at: string
  updated_at: string
  /** What an admin of the server has left open of it, why, and since when. */
  mode: Generated<'open' | 'read-only' | 'off'>
  mode_reason: Generated<string>
  mode_since: Generated<string | null>
}

export interface GrantTable {
  repository_id: string
  user_id: string | null
  group_id: string | null
  permission: 'none' | 'read' | 'write' | 'admin'
}

/** The journal of ref updates: written before git moves a ref, finished with what git reported. */
export interface PushTable {
  id: Generated<number>
  repository_id: string
  actor_id: string | null
  state: 'pending' | 'done' | 'void'
  /** JSON: [{ref, oldOid, newOid}] as asked. */
  commands: string
  /** JSON: [{ref, kind, oldOid, newOid}] as done. */
  changes: string
  /** 1: all of the commands or none. */
  atomic: Generated<number>
  /** The process of the server that asks git for it. */
  process: string
  certificate: string | null
  /** JSON: {id, name} of the deploy token that it came with, as it was called then. */
  deploy_token: string | null
  address: string
  created_at: string
  finished_at: string | null
}

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

export interface VolumeTable {
  /** Also in the marker file at the root of the disk; `main` for the one in the data folder. */
  id: string
  name: string
  path: string
  state: 'open' | 'closed'
  /** Null: as the server's settings say. */
  reserve: string | null
  created_at: string
}

/** Nothing is announced in a repository while the job that shut its gate holds the lease that it had then. */
export interface GateTable {
  repository_id: string
  job: number
  lease: string
}

/** The folder that a repository had before it was moved to another volume. */
export interface OldCopyTable {
  id: Generated<number>
  repository_id: string
  volume: string
  moved_at: string
  remove_at: string
}

export interface CareTable {
  repository_id: string
  verdict: 'whole' | 'damaged' | 'missing' | 'busy' | 'failed' | null
  /** What was found, for a person. */
  words: string
  checked_at: string | null
  milliseconds: number | null
  /** JSON: sizes and counts. */
  figures: string | null
  counted_at: string | null
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
