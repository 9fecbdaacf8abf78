// The tables as the queries see them. Times are ISO 8601 texts in UTC, ids are UUIDs, flags are 0 or 1.
import type {
  AppPasswordTable,
  DeployTokenTable,
  FactorTable,
  LinkTable,
  SessionTable,
  SignInTable,
  SignedTokenTable,
  TokenKeyTable,
  UserTable,
} from './tables/accounts.ts'
import type {
  ConsumerTable,
  OAuth1RequestTable,
  OAuthCodeTable,
  OAuthGrantTable,
  OAuthTokenTable,
} from './tables/oauth.ts'
import type { GroupTable, MemberTable, ProjectTable, WorkspaceTable } from './tables/workspaces.ts'
import type {
  CareTable,
  GateTable,
  GrantTable,
  OldCopyTable,
  PushTable,
  RepositoryTable,
  VolumeTable,
} from './tables/repositories.ts'
import type {
  DeliveryTable,
  EventTable,
  JobTable,
  MailAddressTable,
  MailSettingsTable,
  NoticeTable,
  SlowRequestTable,
  WebhookTable,
} from './tables/events.ts'

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
