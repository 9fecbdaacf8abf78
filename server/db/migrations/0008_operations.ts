// What the server notes of itself: minutes, slow requests, and the row that is written to see whether writing works.
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  `create table samples (at integer primary key, data text not null)`,
  `create table slow_requests (
    id integer primary key, at text not null, request text not null, process text not null, class text not null,
    method text not null, route text not null, account text not null, address text not null, repository_id text,
    status integer not null, ms integer not null, waited_ms integer not null, git text not null)`,
  `create table pulses (name text primary key, at text not null)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
