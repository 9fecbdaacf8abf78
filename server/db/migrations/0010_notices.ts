// Notifications: the inbox of each person, what they want of it, and which repositories they watch.
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  `create table notices (
    id integer primary key, user_id text not null references users(id) on delete cascade, event_id integer not null,
    kind text not null, subject text not null, actor_id text,
    repository_id text references repositories(id) on delete cascade, words text not null, path text not null,
    created_at text not null, read_at text)`,
  `create unique index notices_once on notices(user_id, kind, subject)`,
  `create index notices_inbox on notices(user_id, id)`,
  `create index notices_repository on notices(repository_id)`,
  `create table watches (
    repository_id text not null references repositories(id) on delete cascade,
    user_id text not null references users(id) on delete cascade, watching integer not null,
    primary key (repository_id, user_id))`,
  `create index watches_user on watches(user_id)`,
  `create table notice_settings (
    user_id text not null references users(id) on delete cascade, kind text not null, choice text not null,
    primary key (user_id, kind))`,
  // What happened before there were notifications is told to nobody.
  `insert into cursors select 'notices', coalesce(max(id), 0) from events`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
