// Mail: how it is sent, and where each person gets it.
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  `create table mail_settings (
    id integer primary key check (id = 1), enabled integer not null, host text not null, port integer not null,
    security text not null, username text not null, password text, sender text not null, base text not null)`,
  `insert into mail_settings values (1, 0, '', 587, 'starttls', '', null, '', '')`,
  `create table mail_addresses (
    user_id text primary key references users(id) on delete cascade, address text, pending text,
    secret_hash text unique, pending_until text, sent_at text)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
