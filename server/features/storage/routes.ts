// Routes of storage for admins: disks and what they keep free.
import { NewVolume, Storage, VolumeChange, VolumeEntry } from '../../contract/storage.ts'
import { Fault } from '../../kit/fault.ts'
import { type Ask, done, json, route, type Route } from '../../route.ts'
import type { Rooms } from '../../rooms.ts'
import { personOf } from '../accounts/session.ts'
import { readSettings } from '../accounts/settings.ts'
import { addVolume, type By, changeVolume, removeVolume } from './actions.ts'
import { presentVolumes } from './present.ts'

const OWN = '/api/gitstead/1/admin/storage'

function byOf(ask: Pick<Ask, 'actor' | 'address'>): By {
  return { user: personOf(ask), address: ask.address }
}

async function one(rooms: Rooms, id: string): Promise<VolumeEntry> {
  const found = (await presentVolumes(rooms)).find((volume) => volume.id === id)
  if (!found) throw new Fault('not-found')
  return found
}

async function storage(rooms: Rooms): Promise<Storage> {
  return {
    volumes: await presentVolumes(rooms),
    settings: readSettings(rooms.db).storage,
    now: new Date().toISOString(),
  }
}

export const storageRoutes: Route[] = [
  route({
    method: 'get',
    path: OWN,
    access: 'admin',
    scope: 'session',
    summary: 'Disks, how full they are, and how the server looks after repositories at night',
    answer: Storage,
    handle: async (rooms) => json(await storage(rooms)),
  }),
  route({
    method: 'post',
    path: `${OWN}/volumes`,
    access: 'admin',
    scope: 'session',
    summary: 'Add a disk: a folder that holds nothing yet, or that can be made',
    body: NewVolume,
    answer: VolumeEntry,
    handle: async (rooms, ask) => json(await one(rooms, await addVolume(rooms, byOf(ask), ask.body)), 201),
  }),
  route({
    method: 'patch',
    path: `${OWN}/volumes/:id`,
    access: 'admin',
    scope: 'session',
    summary: 'Rename a disk, open or close it for new repositories, change what it keeps free',
    body: VolumeChange,
    answer: VolumeEntry,
    handle: async (rooms, ask) => {
      await changeVolume(rooms, byOf(ask), ask.params.id, ask.body)
      return json(await one(rooms, ask.params.id))
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/volumes/:id`,
    access: 'admin',
    scope: 'session',
    summary: 'Remove a disk on which no repository lies any more',
    handle: async (rooms, ask) => {
      await removeVolume(rooms, byOf(ask), ask.params.id)
      return done()
    },
  }),
]
