// SQL of storage: volumes and what lies on them.
import type { Insertable, Updateable } from 'kysely'
import { lookUp } from '../../db/memo.ts'
import type { Db, Handle } from '../../db/open.ts'
import type { CareTable, VolumeTable } from '../../db/tables/repositories.ts'
import type { Figures } from '../../git/care/night.ts'
import { oncePer } from '../../kit/onceper.ts'

/** Without the reserve of the server. */
export type VolumeRow = VolumeTable

const ALL = `select json_group_array(json(row)) as listed from (
  select json_object('id', id, 'name', name, 'path', path, 'state', state, 'reserve', reserve,
    'created_at', created_at) as row from volumes order by created_at, id)`
const parsed = oncePer(({ listed }: { listed: string }) => JSON.parse(listed) as readonly VolumeRow[])

/** As they stand in the database now, the oldest first; the same list as long as nothing changes. */
export function readVolumes(db: Db): readonly VolumeRow[] {
  return parsed(lookUp(db, ALL, {}) as { listed: string })
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

const DAY_MS = 86_400_000

function named(db: Handle) {
  return db
    .selectFrom('repositories')
    .innerJoin('workspaces', 'workspaces.id', 'repositories.workspace_id')
    .select(['repositories.id as id', 'workspaces.slug as workspace', 'repositories.slug as slug'])
}

/** Moves that are not over, and those that ended lately, the newest first. */
export function listMoves(db: Handle) {
  return db
    .selectFrom('jobs')
    .innerJoin(named(db).as('named'), 'named.id', 'jobs.repository_id')
    .selectAll('jobs')
    .select(['named.workspace', 'named.slug'])
    .where('kind', '=', 'move')
    .where((eb) =>
      eb.or([
        eb('finished_at', 'is', null),
        eb('state', '=', 'parked'),
        eb('finished_at', '>', new Date(Date.now() - DAY_MS).toISOString()),
      ]),
    )
    .orderBy('jobs.id', 'desc')
    .limit(100)
    .execute()
}
export type MoveRow = Awaited<ReturnType<typeof listMoves>>[number]

export async function hasMove(tx: Handle, repositoryId: string): Promise<boolean> {
  const move = tx.selectFrom('jobs').select('id').where('kind', '=', 'move').where('repository_id', '=', repositoryId)
  return (await move.where('state', 'in', ['waiting', 'running', 'parked']).executeTakeFirst()) !== undefined
}

/** An import fills its repository past the door. */
export async function hasImport(tx: Handle, repositoryId: string): Promise<boolean> {
  const jobs = tx.selectFrom('jobs').select('id').where('kind', '=', 'import').where('repository_id', '=', repositoryId)
  return (await jobs.where('state', 'in', ['waiting', 'running', 'parked']).executeTakeFirst()) !== undefined
}

export async function hasNight(tx: Handle): Promise<boolean> {
  const night = tx
    .selectFrom('jobs')
    .select('id')
    .where('kind', '=', 'night')
    .where('state', 'in', ['waiting', 'running'])
  return (await night.executeTakeFirst()) !== undefined
}

export function listCopies(db: Handle) {
  return db
    .selectFrom('old_copies')
    .innerJoin(named(db).as('named'), 'named.id', 'old_copies.repository_id')
    .selectAll('old_copies')
    .select(['named.workspace', 'named.slug'])
    .select((eb) =>
      eb
        .selectFrom('pushes')
        .select((inner) => inner.fn.countAll<number>().as('n'))
        .whereRef('pushes.repository_id', '=', 'old_copies.repository_id')
        .whereRef('pushes.created_at', '>', 'old_copies.moved_at')
        .where('pushes.changes', '<>', '[]')
        .as('pushes_since'),
    )
    .orderBy('remove_at')
    .execute()
}
export type CopyRow = Awaited<ReturnType<typeof listCopies>>[number]

export type Verdict = NonNullable<CareTable['verdict']>

/** Repositories that were not looked at since then, those first that were looked at longest ago. */
export async function listForCare(db: Handle, since: string): Promise<{ id: string; name: string }[]> {
  const rows = await named(db)
    .leftJoin('care', 'care.repository_id', 'repositories.id')
    .where((eb) => eb.or([eb('checked_at', 'is', null), eb('checked_at', '<', since)]))
    .orderBy('checked_at')
    .orderBy('repositories.id')
    .execute()
  return rows.map(({ id, workspace, slug }) => ({ id, name: `${workspace}/${slug}` }))
}

export function readCare(db: Handle, repositoryId: string): Promise<CareTable | undefined> {
  return db.selectFrom('care').selectAll().where('repository_id', '=', repositoryId).executeTakeFirst()
}

/** False when the repository is gone. */
export async function putVerdict(
  tx: Handle,
  repositoryId: string,
  found: { verdict: Verdict; words: string; milliseconds: number; figures?: Figures },
): Promise<boolean> {
  const row = await tx.selectFrom('repositories').select('id').where('id', '=', repositoryId).executeTakeFirst()
  if (!row) return false
  const { verdict, words, milliseconds, figures } = found
  const change = { verdict, words, milliseconds, checked_at: new Date().toISOString() }
  await tx
    .insertInto('care')
    .values({ repository_id: repositoryId, figures: null, counted_at: null, ...change })
    .onConflict((conflict) => conflict.column('repository_id').doUpdateSet(change))
    .execute()
  if (figures) await putFigures(tx, repositoryId, figures)
  return true
}

export async function putFigures(tx: Handle, repositoryId: string, figures: Figures): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('repositories')
    .set({ size: figures.bytes })
    .where('id', '=', repositoryId)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return
  const change = { figures: JSON.stringify(figures), counted_at: new Date().toISOString() }
  const rest = { verdict: null, words: '', checked_at: null, milliseconds: null }
  await tx
    .insertInto('care')
    .values({ repository_id: repositoryId, ...rest, ...change })
    .onConflict((conflict) => conflict.column('repository_id').doUpdateSet(change))
    .execute()
}

export async function countVerdicts(db: Handle, since: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('care')
    .select((eb) => ['verdict', eb.fn.countAll<number>().as('n')])
    .where('checked_at', '>=', since)
    .groupBy('verdict')
    .execute()
  return new Map(rows.map(({ verdict, n }) => [verdict ?? 'unknown', n]))
}

/** The largest ones, with what was found; what is damaged comes first. */
export function listLargest(db: Handle, limit: number, only?: string) {
  const all = named(db)
    .innerJoin('volumes', 'volumes.id', 'repositories.volume')
    .leftJoin('care', 'care.repository_id', 'repositories.id')
    .select(['volumes.name as volume', 'volumes.id as volume_id', 'repositories.size as size'])
    .select(['verdict', 'words', 'checked_at', 'figures', 'milliseconds', 'counted_at'])
    .orderBy((eb) => eb.case().when('verdict', '=', 'damaged').then(0).else(1).end())
    .orderBy('repositories.size', 'desc')
    .limit(limit)
  return (only === undefined ? all : all.where('repositories.id', '=', only)).execute()
}
export type LargestRow = Awaited<ReturnType<typeof listLargest>>[number]

/** The nightly care that runs or ran last, and when the next one begins. */
export async function readNight(db: Handle) {
  const last = await db
    .selectFrom('jobs')
    .select(['state', 'progress', 'error', 'started_at', 'finished_at'])
    .where('kind', '=', 'night')
    .orderBy('id', 'desc')
    .executeTakeFirst()
  const next = await db.selectFrom('timetable').select('next_at').where('name', '=', 'night').executeTakeFirst()
  return { last, next_on: next?.next_at }
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
