// SQL of imports: they are jobs, seen by the person who started them.
import { sql } from 'kysely'
import type { Handle } from '../../db/open.ts'
import type { Job } from '../../outbox/queue.ts'

/** Imports of one person, or of everybody for null, newest first. */
export function jobsOf(db: Handle, actorId: string | null): Promise<Job[]> {
  let query = db.selectFrom('jobs').selectAll().where('kind', '=', 'import').orderBy('id', 'desc').limit(50)
  if (actorId !== null) query = query.where('actor_id', '=', actorId)
  return query.execute()
}

/** The job's row without the login, when nobody needs it any more. */
export async function forgetLogin(db: Handle, jobId: number): Promise<void> {
  const data = sql<string>`json_remove(data, '$.sealed')`
  await db.updateTable('jobs').set({ data }).where('id', '=', jobId).execute()
}

/** Lets the repository go without its job, whose words can still be read. */
export async function detach(db: Handle, jobId: number): Promise<void> {
  await db.updateTable('jobs').set({ repository_id: null }).where('id', '=', jobId).execute()
  await forgetLogin(db, jobId)
}
