// The second factor of accounts: its secret, the recovery codes, and sign-ins that wait for their code.
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  `alter table users add column factor_since text`,
  `create table factors (
    user_id text primary key references users(id) on delete cascade, secret text not null,
    last_step integer not null, failures integer not null default 0, failed_at text, created_at text not null)`,
  `create table recovery_codes (
    user_id text not null references users(id) on delete cascade, hash text not null, used_at text,
    primary key (user_id, hash))`,
  `create table sign_ins (
    id text primary key, user_id text not null references users(id) on delete cascade,
    failures integer not null default 0, created_at text not null, expires_at text not null)`,
  `create index sign_ins_user on sign_ins(user_id)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
