// The job table alone, on a real database: what several runners see that share it.
import { join } from 'node:path'
import { migrate } from '../../server/db/migrate.ts'
import { type Db, openDb } from '../../server/db/open.ts'
import { remove, tempDir } from './server.ts'

export interface JobTableLab {
  db: Db
  /** One more process on the same database, as far as SQLite can tell. */
  another(): Db
  /** Id of a repository that jobs may belong to. */
  repository: string
  close(): Promise<void>
}

export async function openJobTable(): Promise<JobTableLab> {
  const dir = tempDir()
  const file = join(dir, 'gitstead.db')
  await migrate(file)
  const open: Db[] = []
  const another = (): Db => {
    const db = openDb(file)
    open.push(db)
    return db
  }
  const db = another()
  await makeRow(db)
  return {
    db,
    another,
    repository: 'r',
    async close() {
      await Promise.all(open.map((one) => one.close()))
      remove(dir)
    },
  }
}

function makeRow(db: Db): Promise<void> {
  const at = new Date().toISOString()
  const times = { created_at: at, updated_at: at }
  return db.write(async (tx) => {
    await tx
      .insertInto('workspaces')
      .values({ id: 'w', slug: 'w', name: 'W', owner_id: null, member_permission: 'write', ...times })
      .execute()
    await tx
      .insertInto('projects')
      .values({ id: 'p', workspace_id: 'w', key: 'P', name: 'P', description: '', is_private: 1, ...times })
      .execute()
    const names = { slug: 'r', name: 'R', description: '', visibility: 'private' as const, main_branch: 'main' }
    const place = { volume: 'main', parent_id: null, language: '', size: 0, is_empty: 1, created_by: null }
    await tx
      .insertInto('repositories')
      .values({ id: 'r', workspace_id: 'w', project_id: 'p', ...names, ...place, ...times })
      .execute()
  })
}
