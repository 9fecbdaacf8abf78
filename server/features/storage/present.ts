// Disks on the wire.
import type { RepositoryStorage, Storage, VolumeEntry } from '../../contract/storage.ts'
import type { Rooms } from '../../rooms.ts'
import { MAIN } from '../../storage/volumes.ts'
import * as store from './store.ts'

export async function presentVolumes(rooms: Rooms): Promise<VolumeEntry[]> {
  const loads = await store.loads(rooms.db.read)
  const rows = store.readVolumes(rooms.db)
  const spaces = new Map(rows.map(({ id }) => [id, rooms.volumes.space(id)]))
  return rows.map((row) => {
    const { id, name, state } = row
    const space = spaces.get(id) ?? rooms.volumes.space(id)
    const load = loads.get(id) ?? { repositories: 0, used: 0, old_copies: 0 }
    const beside = rows.filter((other) => other.id !== id && shares(space, spaces.get(other.id)))
    return {
      id,
      name,
      path: rooms.volumes.root(id),
      state,
      condition: conditionOf(space),
      total: space.total,
      free: space.free,
      reserve: space.reserve,
      own_reserve: row.reserve,
      repositories: load.repositories,
      used: load.used,
      old_copies: load.old_copies,
      shares_with: beside.map((other) => other.name),
      removable: id !== MAIN && load.repositories + load.old_copies === 0,
    }
  })
}

type Space = ReturnType<Rooms['volumes']['space']>

function conditionOf({ there, writable, free, reserve }: Space): VolumeEntry['condition'] {
  if (!there) return 'missing'
  if (!writable) return 'read-only'
  return free <= reserve ? 'full' : 'ready'
}

function shares(a: Space, b: Space | undefined): boolean {
  return a.there && b?.there === true && a.device === b.device
}

export function presentCare(row: store.LargestRow): RepositoryStorage {
  return {
    repository: `${row.workspace}/${row.slug}`,
    volume: row.volume,
    volume_id: row.volume_id,
    size: row.size,
    verdict: row.verdict,
    words: row.words ?? '',
    checked_on: row.checked_at,
    figures: row.figures === null ? null : (JSON.parse(row.figures) as RepositoryStorage['figures']),
    counted_on: row.counted_at,
  }
}

export async function presentNight(rooms: Rooms): Promise<Storage['night']> {
  const { last, next_on: next } = await store.readNight(rooms.db.read)
  return {
    state: last?.state ?? null,
    words: last?.error ?? last?.progress ?? '',
    started_on: last?.started_at ?? null,
    finished_on: last?.finished_at ?? null,
    next_on: next ?? null,
  }
}
