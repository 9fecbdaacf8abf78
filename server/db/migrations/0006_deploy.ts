// Deploy tokens of repositories, and which of them a push came with.
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  `create table deploy_tokens (
    id text primary key, repository_id text not null references repositories(id) on delete cascade, name text not null,
    secret_hash text not null unique, permission text not null, created_by text references users(id) on delete set null,
    created_at text not null, expires_at text, last_used_at text)`,
  `create index deploy_tokens_repository on deploy_tokens(repository_id)`,
  `alter table pushes add column deploy_token text`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
