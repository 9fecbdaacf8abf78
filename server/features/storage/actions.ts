// What an admin can do with disks: add, rename, open, close, remove an empty one.
import { join, relative } from 'node:path'
import { NewVolume, VolumeChange } from '../../contract/storage.ts'
import type { Db } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { newId } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import type { Rooms, User } from '../../rooms.ts'
import { adopt, disown, isWithin } from '../../storage/adopt.ts'
import { MAIN, type Volume } from '../../storage/volumes.ts'
import { readSettings } from '../accounts/settings.ts'
import * as store from './store.ts'

export interface By {
  user: User
  address: string
}

/** As they stand now, with the reserve that counts for each. */
export function listVolumes(db: Db): readonly Volume[] {
  const { reserve } = readSettings(db).storage
  const rows = store.readVolumes(db)
  const known = resolved.get(rows)
  if (known?.reserve === reserve) return known.volumes
  const volumes = rows.map((row) => ({ ...row, reserve: row.reserve ?? reserve }))
  resolved.set(rows, { reserve, volumes })
  return volumes
}

/** Every request asks: the list is made anew when a row or the setting has changed. */
const resolved = new WeakMap<readonly store.VolumeRow[], { reserve: string; volumes: readonly Volume[] }>()

export async function addVolume(rooms: Rooms, by: By, wanted: NewVolume): Promise<string> {
  const id = newId()
  await rooms.db.write((tx) => needFreeName(tx, wanted.name, id))
  const others = rooms.volumes.all().map((volume) => rooms.volumes.root(volume.id))
  const path = await adopt({ id, folder: wanted.path, data: rooms.config.data, others })
  try {
    await rooms.db.write(async (tx) => {
      await needFreeName(tx, wanted.name, id)
      const at = new Date().toISOString()
      const reserve = wanted.reserve ?? null
      await store.insertVolume(tx, { id, name: wanted.name, path, state: 'open', reserve, created_at: at })
      await tell(tx, by, 'volume:added', { volume: id, name: wanted.name, path })
    })
  } catch (error) {
    await disown(path)
    throw error
  }
  return id
}

async function needFreeName(tx: Parameters<typeof store.hasOther>[0], name: string, id: string): Promise<void> {
  if (await store.hasOther(tx, name, id))
    throw new Fault('name.taken', { name, fields: { name: ['Another disk has this name.'] } })
}

function tell(
  tx: Parameters<typeof record>[0],
  { user, address }: By,
  kind: string,
  data: Record<string, unknown>,
): Promise<number> {
  return record(tx, { kind, actorId: user.id, address, data })
}

export async function changeVolume(rooms: Rooms, by: By, id: string, change: VolumeChange): Promise<void> {
  const { name, state, reserve } = change
  const was = rooms.volumes.all().find((one) => one.id === id)?.name
  const wanted = Object.fromEntries(Object.entries({ name, state, reserve }).filter(([, value]) => value !== undefined))
  await rooms.db.write(async (tx) => {
    if (name !== undefined) await needFreeName(tx, name, id)
    if (Object.keys(wanted).length > 0 && !(await store.updateVolume(tx, id, wanted))) throw new Fault('not-found')
    await tell(tx, by, 'volume:changed', { volume: id, was, ...wanted })
  })
}

/** In a copy of the data: the volumes that lay inside the folder it was made of lie inside the new one. */
export async function relocateVolumes(db: Db, { from, to }: { from: string; to: string }): Promise<void> {
  const inside = listVolumes(db).filter(({ path }) => path !== '' && isWithin(path, from))
  if (inside.length === 0) return
  await db.write(async (tx) => {
    for (const { id, path } of inside) await store.updateVolume(tx, id, { path: join(to, relative(from, path)) })
  })
}

/** Nothing of ours is on it any more; what others put there stays. */
export async function removeVolume(rooms: Rooms, by: By, id: string): Promise<void> {
  const volume = rooms.volumes.all().find((one) => one.id === id)
  if (!volume) throw new Fault('not-found')
  if (id === MAIN) throw new Fault('conflict', { detail: 'The disk of the data folder cannot be removed. Close it.' })
  await rooms.db.write(async (tx) => {
    const load = (await store.loads(tx)).get(id)
    if (load && load.repositories + load.old_copies > 0)
      throw new Fault('conflict', {
        detail: 'There are still repositories on this disk. Move them to another one first.',
      })
    await store.deleteVolume(tx, id)
    await tell(tx, by, 'volume:removed', { volume: id, name: volume.name, path: volume.path })
  })
  await disown(volume.path).catch((err: unknown) => {
    rooms.log.warn({ err, path: volume.path }, 'the mark of a removed disk is left on it')
  })
}
