// The wire shapes of our own resources under /api/gitstead/1: set-up, session, links, people, groups, settings, imports,
// tips of branches that are kept, and purges.
import { z } from 'zod'
import { FactorRule } from './factor.ts'
import { RateLimits } from './limits.ts'
import { DisplayName, Line, Password, Permission, Scope, Slug, Visibility, WorkspaceRole } from './names.ts'
import { StorageSettings } from './storage.ts'

const Time = z.iso.datetime()

export const Me = z.object({
  uuid: z.string(),
  username: z.string(),
  display_name: z.string(),
  is_admin: z.boolean(),
  created_on: Time,
})
export type Me = z.infer<typeof Me>

/** GET /session: what a page needs before it shows anything. `csrf` goes back as the header X-CSRF-Token on each change. */
export const Session = z.object({
  user: Me.nullable(),
  csrf: z.string(),
  setup_needed: z.boolean(),
  version: z.string(),
  /** The address under which this reader reaches the server, without a slash at the end: the start of every clone URL. */
  base_url: z.string(),
  /** The server asks for a second factor that this account has yet to set up: nothing else is open until then. */
  factor_owed: z.boolean(),
})
export type Session = z.infer<typeof Session>

export const SignIn = z.object({ username: z.string().min(1).max(200), password: z.string().min(1).max(1000) })
export const SetUp = z.object({ token: z.string(), username: Slug, display_name: DisplayName, password: Password })

export const Profile = z.object({ display_name: DisplayName })
export const PasswordChange = z.object({
  current: z.string().max(1000),
  password: Password,
  /** Whether app passwords end too, as somebody else may have made one. */
  revoke_app_passwords: z.boolean().default(false),
})

export const SessionEntry = z.object({
  id: z.string(),
  current: z.boolean(),
  address: z.string(),
  user_agent: z.string(),
  created_on: Time,
  last_used_on: Time,
})
export type SessionEntry = z.infer<typeof SessionEntry>

export const AppPassword = z.object({
  id: z.string(),
  label: z.string(),
  scopes: z.array(Scope),
  /** full_name of the one repository it opens, or null for all that its owner can reach. */
  repository: z.string().nullable(),
  created_on: Time,
  expires_on: Time.nullable(),
  last_used_on: Time.nullable(),
})
export type AppPassword = z.infer<typeof AppPassword>
export const NewAppPassword = z.object({
  label: Line.min(1, 'Say what it is for.').max(120),
  scopes: z.array(Scope).min(1, 'Choose at least one scope.'),
  repository: z.string().max(300).nullish(),
  expires_on: Time.nullish(),
})
/** The secret is in this answer and never again. */
export const CreatedAppPassword = AppPassword.extend({ secret: z.string() })
export type CreatedAppPassword = z.infer<typeof CreatedAppPassword>

export const Grant = z.object({ repository: z.string().max(300), permission: Permission.exclude(['none']) })
export const NewInvitation = z.object({
  note: Line.max(200).default(''),
  workspace: z.string().max(100),
  role: WorkspaceRole,
  grants: z.array(Grant).max(200).default([]),
})
export const Invitation = z.object({
  id: z.string(),
  note: z.string(),
  workspace: z.string(),
  role: WorkspaceRole,
  grants: z.array(Grant),
  invited_by: z.string(),
  created_on: Time,
  expires_on: Time,
  state: z.enum(['open', 'used', 'expired', 'withdrawn']),
  used_by: z.string().nullable(),
})
export type Invitation = z.infer<typeof Invitation>
/** `url` carries the one-time secret and is in this answer only. */
export const CreatedInvitation = Invitation.extend({ url: z.string() })
export type CreatedInvitation = z.infer<typeof CreatedInvitation>

/** GET /links/{token}: what an invitation, set-up or reset link opens, before it is used. */
export const LinkView = z.object({
  kind: z.enum(['setup', 'invitation', 'reset', 'entry']),
  invited_by: z.string().nullable(),
  workspace: z.string().nullable(),
  role: WorkspaceRole.nullable(),
  username: z.string().nullable(),
  expires_on: Time,
})
export type LinkView = z.infer<typeof LinkView>
export const Accept = z.object({ username: Slug, display_name: DisplayName, password: Password })
/** After accepting: where to go on, with the repositories that were granted. */
export const Accepted = z.object({ user: Me, repositories: z.array(z.string()), workspace: z.string() })
export type Accepted = z.infer<typeof Accepted>
export const Reset = z.object({ password: Password })

export const Person = Me.extend({
  state: z.enum(['active', 'disabled']),
  last_seen_on: Time.nullable(),
  second_factor: z.boolean(),
})
export type Person = z.infer<typeof Person>
export const PersonChange = z.object({
  is_admin: z.boolean().optional(),
  state: z.enum(['active', 'disabled']).optional(),
})
export const OneTimeLink = z.object({ url: z.string(), expires_on: Time })
export type OneTimeLink = z.infer<typeof OneTimeLink>

export const Group = z.object({
  uuid: z.string(),
  workspace: z.string(),
  slug: z.string(),
  name: z.string(),
  members: z.array(z.object({ username: z.string(), display_name: z.string() })),
})
export type Group = z.infer<typeof Group>
export const NewGroup = z.object({ workspace: z.string().max(100), name: Line.min(1).max(100) })

/** GET /directory: people to choose from, the best matches of what was typed. */
export const Candidate = Me.pick({ uuid: true, username: true, display_name: true })
export type Candidate = z.infer<typeof Candidate>

/** `member_permission`: what a member may do in each repository of the workspace that says nothing else about them. */
export const NewWorkspace = z.object({
  slug: Slug,
  name: DisplayName,
  member_permission: Permission.default('write'),
})
export const WorkspaceChange = z.object({
  name: DisplayName.optional(),
  member_permission: Permission.optional(),
})

export const Settings = z.object({
  site_name: Line.min(1).max(60),
  push_to_create: z.boolean(),
  public_repositories: z.boolean(),
  /** Host names and addresses beside loopback and this machine's own under which the server answers. */
  allowed_hosts: z.array(z.string().trim().min(1).max(253)).max(50),
  /** Whether git and the API take the account's own password beside app passwords. */
  basic_passwords: z.boolean(),
  /** Whether programs may sign their requests as OAuth 1.0a has it. */
  oauth1: z.boolean(),
  /** Hosts inside this network from which repositories may be imported. */
  allowed_imports: z.array(z.string().trim().toLowerCase().min(1).max(253)).max(50),
  /** Hosts, hosts with a port and ranges inside this network to which webhooks may be sent. */
  allowed_hooks: z.array(z.string().trim().toLowerCase().min(1).max(253)).max(50),
  second_factor: FactorRule,
  storage: StorageSettings,
  /** Milliseconds after which a request, and one of git's, stands in the log of slow requests. */
  slow_ms: z.number().int().min(50).max(600_000),
  slow_git_ms: z.number().int().min(50).max(86_400_000),
  rate_limits: RateLimits,
})
export type Settings = z.infer<typeof Settings>

export const NewImport = z.object({
  url: z.string().max(2000),
  workspace: z.string().max(100),
  name: Line.min(1).max(100),
  visibility: Visibility.default('private'),
  username: z.string().max(200).nullish(),
  password: z.string().max(1000).nullish(),
})
export const Import = z.object({
  id: z.string(),
  url: z.string(),
  repository: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'parked', 'cancelled']),
  /** git's own progress line, for example "Receiving objects:  42% (420/1000)". */
  progress: z.string(),
  percent: z.number().nullable(),
  error: z.string().nullable(),
  created_on: Time,
})
export type Import = z.infer<typeof Import>

/** GET /pushes: the newest pushes in the repositories that the reader may see. */
export const RecentPush = z.object({
  id: z.string(),
  repository: z.string(),
  actor: z.object({ username: z.string(), display_name: z.string() }).nullable(),
  /** Name of the deploy token that it came with, in place of a person. */
  deploy_token: z.string().nullable(),
  pushed_on: Time,
  changes: z.array(
    z.object({
      ref: z.string(),
      kind: z.enum(['created', 'updated', 'forced', 'deleted']),
      old: z.string().nullable(),
      new: z.string().nullable(),
    }),
  ),
})
export type RecentPush = z.infer<typeof RecentPush>

/** A tip that a push overwrote or deleted. `id` names it to restore and purge. */
export const KeptTip = z.object({
  id: z.string(),
  /** Full name of the ref that it was. */
  ref: z.string(),
  hash: z.string(),
  /** First line of the commit's message; null for what leads to no commit. */
  subject: z.string().nullable(),
  commit: z.string().nullable(),
  kept_on: Time,
  by: z.object({ username: z.string(), display_name: z.string() }).nullable(),
  how: z.enum(['overwritten', 'deleted']).nullable(),
  /** Whether no ref of the old name is there now. */
  is_free: z.boolean(),
})
export type KeptTip = z.infer<typeof KeptTip>
/** GET /kept/preview: what putting a kept tip back would bring. */
export const KeptPreview = z.object({
  /** Null for what leads to no commit. */
  commit: z.object({ hash: z.string(), subject: z.string(), author: z.string(), date: Time }).nullable(),
  /** How many commits no branch and no tag leads to now, and the latest of them; null where nobody can tell. */
  back: z.number().nullable(),
  commits: z.array(z.object({ hash: z.string(), subject: z.string() })),
  /** The ref of the old name as it is now, and how many commits the kept tip has that it lacks, and the other way round. */
  now: z.object({ hash: z.string(), ahead: z.number().nullable(), behind: z.number().nullable() }).nullable(),
})
export type KeptPreview = z.infer<typeof KeptPreview>
const KeptId = z.string().min(1).max(2000)
export const KeptQuery = z.object({ id: KeptId })
/** Without a name: as the ref that it was. With one: as a new branch. */
export const Restore = z.object({ id: KeptId, name: z.string().min(1).max(250).optional() })
export const Restored = z.object({ ref: z.string(), hash: z.string() })
export type Restored = z.infer<typeof Restored>
/** `confirm` is the full name of the repository, typed by the person who wants this. */
export const NewPurge = z.object({
  confirm: z.string().max(300),
  kept: z.union([z.literal('all'), z.array(KeptId).min(1).max(1000)]),
})
export const Purge = z.object({
  id: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'parked', 'cancelled']),
  /** What it does now; at the end, what it has done. */
  progress: z.string(),
  error: z.string().nullable(),
  created_on: Time,
})
export type Purge = z.infer<typeof Purge>
