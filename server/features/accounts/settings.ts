// What an admin changes while the server runs: kept in the database, defaults in code.
import type { Db, Handle } from '../../db/open.ts'
import type { Settings } from '../../contract/gitstead.ts'

const DEFAULTS: Settings = {
  site_name: 'Gitstead',
  push_to_create: true,
  public_repositories: true,
  allowed_hosts: [],
  basic_passwords: true,
  allowed_imports: [],
}

const FRESH_MS = 1000
const known = new WeakMap<Db, { at: number; settings: Settings }>()

/** Read at most once a second: another process may have changed them. */
export function readSettings(db: Db): Settings {
  const last = known.get(db)
  if (last && performance.now() - last.at < FRESH_MS) return last.settings
  const settings = fromTable(db)
  known.set(db, { at: performance.now(), settings })
  return settings
}

/** To be called after a change, so that the next reader sees it at once. */
export function forgetSettings(db: Db): void {
  known.delete(db)
}

function fromTable(db: Db): Settings {
  const rows = db.statement('select name, value from settings').all() as { name: string; value: string }[]
  const stored = Object.fromEntries(rows.map((row) => [row.name, JSON.parse(row.value) as unknown]))
  return { ...DEFAULTS, ...(stored as Partial<Settings>) }
}

export async function writeSettings(tx: Handle, settings: Settings): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    const text = JSON.stringify(value)
    await tx
      .insertInto('settings')
      .values({ name, value: text })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: text }))
      .execute()
  }
}
