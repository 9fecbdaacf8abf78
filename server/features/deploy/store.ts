// SQL of deploy tokens.
import type { Insertable, Selectable } from 'kysely'
import type { Handle } from '../../db/open.ts'
import type { DeployTokenTable } from '../../db/tables/accounts.ts'

export type DeployRow = Selectable<DeployTokenTable> & { maker: string | null }

export async function insertDeployToken(db: Handle, row: Insertable<DeployTokenTable>): Promise<void> {
  await db.insertInto('deploy_tokens').values(row).execute()
}

export function listDeployTokens(db: Handle, repositoryId: string): Promise<DeployRow[]> {
  return db
    .selectFrom('deploy_tokens as d')
    .leftJoin('users as u', 'u.id', 'd.created_by')
    .selectAll('d')
    .select('u.name as maker')
    .where('d.repository_id', '=', repositoryId)
    .orderBy('d.created_at', 'desc')
    .execute()
}

/** Gives its name; undefined when it is not of this repository. */
export async function deleteDeployToken(db: Handle, repositoryId: string, id: string): Promise<string | undefined> {
  const gone = db.deleteFrom('deploy_tokens').where('id', '=', id).where('repository_id', '=', repositoryId)
  return (await gone.returning('name').executeTakeFirst())?.name
}
