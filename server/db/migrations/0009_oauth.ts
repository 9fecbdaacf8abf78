// OAuth: consumers of workspaces, what people granted them, and the codes and tokens made of that.
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  `create table oauth_consumers (
    id text primary key, workspace_id text not null references workspaces(id) on delete cascade,
    key text not null unique, salt text, secret_by text references users(id) on delete set null, name text not null,
    description text not null, callback_url text not null, scopes text not null, created_at text not null)`,
  `create index oauth_consumers_workspace on oauth_consumers(workspace_id)`,
  `create table oauth_grants (
    id text primary key, consumer_id text not null references oauth_consumers(id) on delete cascade,
    user_id text not null references users(id) on delete cascade, kind text not null, scopes text not null,
    created_at text not null, last_used_at text)`,
  `create index oauth_grants_user on oauth_grants(user_id)`,
  `create index oauth_grants_consumer on oauth_grants(consumer_id)`,
  `create table oauth_codes (
    hash text primary key, consumer_id text not null references oauth_consumers(id) on delete cascade,
    user_id text not null references users(id) on delete cascade, scopes text not null, redirect_uri text,
    challenge text, expires_at text not null, grant_id text)`,
  `create table oauth_tokens (
    hash text primary key, grant_id text not null references oauth_grants(id) on delete cascade, kind text not null,
    scopes text not null, expires_at text not null, used_at text)`,
  `create index oauth_tokens_grant on oauth_tokens(grant_id)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
