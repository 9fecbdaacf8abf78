// What an admin changes while the server runs: kept in the database, defaults in code.
import { lookUp } from '../../db/memo.ts'
import type { Db, Handle } from '../../db/open.ts'
import { RATE_DEFAULTS } from '../../contract/limits.ts'
import type { Settings } from '../../contract/gitstead.ts'
import { oncePer } from '../../kit/onceper.ts'

const DEFAULTS: Settings = {
  site_name: 'Gitstead',
  push_to_create: true,
  public_repositories: true,
  allowed_hosts: [],
  basic_passwords: true,
  oauth1: false,
  allowed_imports: [],
  allowed_hooks: [],
  second_factor: 'free',
  storage: { reserve: 'auto', night_hour: 3 },
  slow_ms: 1000,
  slow_git_ms: 60_000,
  rate_limits: RATE_DEFAULTS,
}

/** HTTPS is chosen on a page of its own, where it is tried before it is stored. */
const ALL = `select json_group_object(name, json(value)) as stored from settings where name <> 'https'`
const parsed = oncePer(({ stored }: { stored: string }): Settings => ({
  ...DEFAULTS,
  ...(JSON.parse(stored) as Partial<Settings>),
}))

/** As they stand in the database now, whoever wrote them. */
export function readSettings(db: Db): Settings {
  return parsed(lookUp(db, ALL, {}) as { stored: string })
}

/** As the transaction finds them: for a change of a part that must not undo another's. */
export async function storedSettings(tx: Handle): Promise<Settings> {
  const rows = await tx.selectFrom('settings').selectAll().execute()
  const stored = Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value) as unknown]))
  return { ...DEFAULTS, ...(stored as Partial<Settings>) }
}

/** Whether this server asks an account for a second factor. */
export function asksFactor({ second_factor: rule }: Settings, isAdmin: boolean): boolean {
  return rule === 'everybody' || (rule === 'admins' && isAdmin)
}

/** It is asked for, and they have none yet. */
export function owesFactor(db: Db, user: { is_admin: number; factor_since: string | null }): boolean {
  return user.factor_since === null && asksFactor(readSettings(db), user.is_admin === 1)
}

export async function writeSettings(tx: Handle, settings: Partial<Settings>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    const text = JSON.stringify(value)
    await tx
      .insertInto('settings')
      .values({ name, value: text })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: text }))
      .execute()
  }
}
