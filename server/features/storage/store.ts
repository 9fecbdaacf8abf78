// SQL of storage: volumes and what lies on them.
import type { Insertable, Updateable } from 'kysely'
import { lookUp } from '../../db/memo.ts'
import type { Db, Handle } from '../../db/open.ts'
import type { VolumeTable } from '../../db/schema.ts'

/** Without the reserve of the server. */
export type VolumeRow = VolumeTable

const ALL = `select json_group_array(json(row)) as listed from (
  select json_object('id', id, 'name', name, 'path', path, 'state', state, 'reserve', reserve,
    'created_at', created_at) as row from volumes order by created_at, id)`
const parsed = new WeakMap<object, readonly VolumeRow[]>()

/** As they stand in the database now, the oldest first; the same list as long as nothing changes. */
export function readVolumes(db: Db): readonly VolumeRow[] {
  const row = lookUp(db, ALL, {}) as { listed: string }
  let volumes = parsed.get(row)
  if (!volumes) parsed.set(row, (volumes = JSON.parse(row.listed) as VolumeRow[]))
  return volumes
}

export async function insertVolume(tx: Handle, row: Insertable<VolumeTable>): Promise<void> {
  await tx.insertInto('volumes').values(row).execute()
}

export async function updateVolume(tx: Handle, id: string, change: Updateable<VolumeTable>): Promise<boolean> {
  const { numUpdatedRows } = await tx.updateTable('volumes').set(change).where('id', '=', id).executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function deleteVolume(tx: Handle, id: string): Promise<void> {
  await tx.deleteFrom('volumes').where('id', '=', id).execute()
}

/** A volume of this name, as people read it, other than this one. */
export async function hasOther(tx: Handle, name: string, id: string): Promise<boolean> {
  const rows = await tx.selectFrom('volumes').select(['id', 'name']).execute()
  return rows.some((row) => row.id !== id && row.name.toLowerCase() === name.toLowerCase())
}

export interface Load {
  repositories: number
  used: number
  old_copies: number
}

/** What lies on each volume by the rows. */
export async function loads(db: Handle): Promise<Map<string, Load>> {
  const counted = await db
    .selectFrom('repositories')
    .select((eb) => ['volume', eb.fn.countAll<number>().as('n'), eb.fn.sum<number>('size').as('bytes')])
    .groupBy('volume')
    .execute()
  const copies = await db
    .selectFrom('old_copies')
    .select((eb) => ['volume', eb.fn.countAll<number>().as('n')])
    .groupBy('volume')
    .execute()
  const found = new Map<string, Load>(
    counted.map(({ volume, n, bytes }) => [volume, { repositories: n, used: bytes ?? 0, old_copies: 0 }]),
  )
  for (const { volume, n } of copies) {
    const load = found.get(volume) ?? { repositories: 0, used: 0, old_copies: 0 }
    found.set(volume, { ...load, old_copies: n })
  }
  return found
}
