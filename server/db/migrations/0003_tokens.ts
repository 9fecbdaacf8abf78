// Time-limited tokens, the keys that sign them, and the epoch that ends all of an account at once.
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  `alter table users add column token_epoch integer not null default 0`,
  `create table token_keys (kid text primary key, created_at text not null, retired_at text)`,
  `create table signed_tokens (
    jti text primary key, user_id text not null references users(id) on delete cascade, label text not null,
    scopes text not null, repository_id text references repositories(id) on delete cascade, kid text not null,
    life integer not null, created_at text not null, expires_at text not null, ends_at text not null, last_used_at text)`,
  `create index signed_tokens_user on signed_tokens(user_id)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
