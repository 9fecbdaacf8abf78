// The first tables: people, workspaces, repositories, the push journal, events and jobs.
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  `create table users (
    id text primary key, name text not null unique, display_name text not null, password_hash text not null,
    is_admin integer not null default 0, state text not null default 'active',
    created_at text not null, last_seen_at text)`,
  `create table sessions (
    id text primary key, user_id text not null references users(id) on delete cascade, address text not null,
    user_agent text not null, created_at text not null, last_used_at text not null, expires_at text not null)`,
  `create index sessions_user on sessions(user_id)`,
  `create table workspaces (
    id text primary key, slug text not null unique, name text not null, owner_id text references users(id),
    member_permission text not null default 'write', created_at text not null, updated_at text not null)`,
  `create table members (
    workspace_id text not null references workspaces(id) on delete cascade,
    user_id text not null references users(id) on delete cascade,
    role text not null, created_at text not null, primary key (workspace_id, user_id))`,
  `create index members_user on members(user_id)`,
  `create table groups (
    id text primary key, workspace_id text not null references workspaces(id) on delete cascade,
    slug text not null, name text not null, unique (workspace_id, slug))`,
  `create table group_members (
    group_id text not null references groups(id) on delete cascade,
    user_id text not null references users(id) on delete cascade, primary key (group_id, user_id))`,
  `create index group_members_user on group_members(user_id)`,
  `create table projects (
    id text primary key, workspace_id text not null references workspaces(id) on delete cascade,
    key text not null, name text not null, description text not null default '', is_private integer not null default 1,
    created_at text not null, updated_at text not null, unique (workspace_id, key))`,
  `create table repositories (
    id text primary key, workspace_id text not null references workspaces(id), project_id text not null references projects(id),
    slug text not null, name text not null, description text not null default '', visibility text not null,
    main_branch text not null, volume text not null, parent_id text references repositories(id) on delete set null,
    language text not null default '', size integer not null default 0, is_empty integer not null default 1,
    created_by text references users(id), created_at text not null, updated_at text not null,
    unique (workspace_id, slug))`,
  `create index repositories_project on repositories(project_id)`,
  `create index repositories_updated on repositories(updated_at)`,
  `create table old_names (
    workspace_id text not null references workspaces(id) on delete cascade, slug text not null,
    repository_id text not null references repositories(id) on delete cascade, primary key (workspace_id, slug))`,
  `create index old_names_repository on old_names(repository_id)`,
  `create table grants (
    repository_id text not null references repositories(id) on delete cascade,
    user_id text references users(id) on delete cascade, group_id text references groups(id) on delete cascade,
    permission text not null, check ((user_id is null) <> (group_id is null)))`,
  `create unique index grants_user on grants(repository_id, user_id) where user_id is not null`,
  `create unique index grants_group on grants(repository_id, group_id) where group_id is not null`,
  `create index grants_of_user on grants(user_id)`,
  `create index grants_of_group on grants(group_id)`,
  `create table app_passwords (
    id text primary key, user_id text not null references users(id) on delete cascade, label text not null,
    secret_hash text not null unique, scopes text not null,
    repository_id text references repositories(id) on delete cascade,
    created_at text not null, expires_at text, last_used_at text)`,
  `create index app_passwords_user on app_passwords(user_id)`,
  `create table links (
    id text primary key, kind text not null, secret_hash text not null unique, note text not null default '',
    created_by text references users(id), workspace_id text references workspaces(id) on delete cascade, role text,
    grants text not null default '[]', user_id text references users(id) on delete cascade,
    created_at text not null, expires_at text not null, used_at text, used_by text references users(id), withdrawn_at text)`,
  `create table pushes (
    id integer primary key, repository_id text not null references repositories(id) on delete cascade,
    actor_id text references users(id), state text not null, commands text not null, changes text not null default '[]',
    atomic integer not null default 0, process text not null default '', certificate text, address text not null default '', created_at text not null,
    finished_at text)`,
  `create index pushes_repository on pushes(repository_id, id)`,
  `create index pushes_pending on pushes(id) where state = 'pending'`,
  `create table events (
    id integer primary key, kind text not null, actor_id text, workspace_id text, repository_id text,
    address text not null default '', data text not null default '{}', created_at text not null)`,
  `create index events_repository on events(repository_id, id)`,
  `create table jobs (
    id integer primary key, kind text not null, repository_id text references repositories(id) on delete cascade,
    actor_id text references users(id), data text not null default '{}', state text not null default 'waiting',
    attempts integer not null default 0, run_at text not null, lease text, lease_until text,
    progress text not null default '', error text, created_at text not null, started_at text, finished_at text)`,
  `create index jobs_of_repository on jobs(repository_id, kind)`,
  `create index jobs_waiting on jobs(run_at) where state in ('waiting', 'running')`,
  `create index jobs_state on jobs(state, id)`,
  `create table timetable (name text primary key, next_at text not null)`,
  `create table webhooks (
    id text primary key, workspace_id text not null references workspaces(id) on delete cascade,
    repository_id text references repositories(id) on delete cascade, url text not null, description text not null,
    active integer not null, events text not null, secret text, base text not null, since integer not null,
    created_at text not null)`,
  `create index webhooks_workspace on webhooks(workspace_id)`,
  `create index webhooks_repository on webhooks(repository_id)`,
  `create table deliveries (
    id text primary key, webhook_id text not null references webhooks(id) on delete cascade, event_id integer,
    event_key text not null, state text not null, attempts integer not null default 0, body text,
    request_headers text, status integer, response_headers text, response_body text, error text, milliseconds integer,
    created_at text not null, sent_at text)`,
  `create unique index deliveries_once on deliveries(webhook_id, event_id) where event_id is not null`,
  `create index deliveries_hook on deliveries(webhook_id, created_at)`,
  `create table cursors (name text primary key, at integer not null)`,
  `create table settings (name text primary key, value text not null)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
