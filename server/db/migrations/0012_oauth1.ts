// OAuth 1.0a: requests that a person has yet to answer, tokens, and the nonces of the last minutes.
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  `create table oauth1_requests (
    hash text primary key, consumer_id text not null references oauth_consumers(id) on delete cascade,
    callback text not null, scopes text not null, expires_at text not null,
    user_id text references users(id) on delete cascade, verifier text)`,
  `create table oauth1_tokens (
    hash text primary key, grant_id text not null references oauth_grants(id) on delete cascade)`,
  `create index oauth1_tokens_grant on oauth1_tokens(grant_id)`,
  `create table oauth1_nonces (hash text primary key, at integer not null) without rowid`,
  `create index oauth1_nonces_at on oauth1_nonces(at)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
