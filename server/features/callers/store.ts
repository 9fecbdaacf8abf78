// SQL that gives callers their names.
import type { Handle } from '../../db/open.ts'

export function findNames(db: Handle, ids: string[]): Promise<{ id: string; name: string }[]> {
  return db.selectFrom('users').select(['id', 'name']).where('id', 'in', ids).execute()
}

export async function findLabels(db: Handle, ids: string[]): Promise<{ id: string; label: string }[]> {
  const [app, signed, deploy] = await Promise.all([
    db.selectFrom('app_passwords').select(['id', 'label']).where('id', 'in', ids).execute(),
    db.selectFrom('signed_tokens').select(['jti as id', 'label']).where('jti', 'in', ids).execute(),
    db.selectFrom('deploy_tokens').select(['id', 'name as label']).where('id', 'in', ids).execute(),
  ])
  return [...app, ...signed, ...deploy]
}
