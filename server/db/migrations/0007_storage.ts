// Volumes, the gate before a repository, old copies after a move, and what the nightly care found.
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  `create table volumes (
    id text primary key, name text not null unique, path text not null unique, state text not null default 'open',
    reserve text, created_at text not null)`,
  `insert into volumes (id, name, path, created_at) values ('main', 'Main', '', '1970-01-01T00:00:00.000Z')`,
  `create index repositories_volume on repositories(volume)`,
  `create table gates (
    repository_id text primary key references repositories(id) on delete cascade,
    job integer not null, lease text not null)`,
  `create table old_copies (
    id integer primary key, repository_id text not null references repositories(id) on delete cascade,
    volume text not null references volumes(id), moved_at text not null, remove_at text not null,
    unique (repository_id, volume))`,
  `create index old_copies_volume on old_copies(volume)`,
  `create table care (
    repository_id text primary key references repositories(id) on delete cascade, verdict text, words text not null default '',
    checked_at text, milliseconds integer, figures text, counted_at text)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
