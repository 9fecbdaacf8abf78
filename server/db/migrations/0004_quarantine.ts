// An admin of the server closes a repository, to changes or to all, and says why.
import { type Kysely, sql } from 'kysely'

const STATEMENTS = [
  `alter table repositories add column mode text not null default 'open' check (mode in ('open', 'read-only', 'off'))`,
  `alter table repositories add column mode_reason text not null default ''`,
  `alter table repositories add column mode_since text`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
