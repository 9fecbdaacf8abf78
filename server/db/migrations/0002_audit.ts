// The audit log is only added to: the database itself refuses any other change, but for what the admin's own setting lets go.
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  `create table retention (
    id integer primary key check (id = 1), days integer check (days is null or days >= 30))`,
  `insert into retention values (1, null)`,
  `create trigger events_no_change before update on events begin
    select raise(abort, 'events are only added'); end`,
  // The janitor knows by these which folders without a row may go.
  `create trigger events_no_delete before delete on events
    when old.kind = 'repo:deleted' or old.created_at >= coalesce(
      (select strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-' || days || ' days') from retention where days is not null), '')
    begin select raise(abort, 'events are kept'); end`,
  // "insert or replace" would delete without asking the trigger above.
  `create trigger events_no_replace before insert on events
    when exists (select 1 from events where id = new.id)
    begin select raise(abort, 'events are only added'); end`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
