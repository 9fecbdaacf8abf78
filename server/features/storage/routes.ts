// Routes of storage for admins: disks and what they keep free.
import {
  NewCheck,
  NewMove,
  NewVolume,
  RepositoryStorage,
  RestoreCopy,
  Storage,
  VolumeChange,
  VolumeEntry,
} from '../../contract/storage.ts'
import { Fault } from '../../kit/fault.ts'
import { type Ask, done, json, route, type Route } from '../../route.ts'
import type { Rooms } from '../../rooms.ts'
import { personOf } from '../accounts/session.ts'
import { readSettings } from '../accounts/settings.ts'
import { addVolume, type By, changeVolume, removeVolume } from './actions.ts'
import { askCheck, askMove, askRestore, presentCopies, presentMoves, removeCopy } from './moves.ts'
import { presentCare, presentNight, presentVolumes } from './present.ts'
import * as store from './store.ts'

const OWN = '/api/gitstead/1/admin/storage'
const SHOWN = 200

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
    moves: await presentMoves(rooms),
    old_copies: await presentCopies(rooms),
    repositories: (await store.listLargest(rooms.db.read, SHOWN)).map(presentCare),
    night: await presentNight(rooms),
    settings: readSettings(rooms.db).storage,
    now: new Date().toISOString(),
  }
}

export const storageRoutes: Route[] = [
  route({
    method: 'get',
    path: '/api/gitstead/1/repositories/:workspace/:repo_slug/storage',
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'How much is stored of a repository, on which disk, and what the last check found',
    answer: RepositoryStorage,
    handle: async (rooms, { repository }) => {
      const [row] = await store.listLargest(rooms.db.read, 1, repository.id)
      if (!row) throw new Fault('not-found')
      return json(presentCare(row))
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/checks`,
    access: 'admin',
    scope: 'session',
    summary: 'Check and pack a repository now, or all of them as at night',
    body: NewCheck,
    answer: Storage,
    handle: async (rooms, ask) => {
      await askCheck(rooms, byOf(ask), ask.body.repository)
      return json(await storage(rooms), 202)
    },
  }),
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
  route({
    method: 'post',
    path: `${OWN}/moves`,
    access: 'admin',
    scope: 'session',
    summary: 'Move a repository to another disk; it can be read and written meanwhile, but for some seconds at the end',
    body: NewMove,
    answer: Storage,
    handle: async (rooms, ask) => {
      await askMove(rooms, byOf(ask), ask.body)
      return json(await storage(rooms), 202)
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/copies/:id/restore`,
    access: 'admin',
    scope: 'session',
    summary: 'Put the copy back in use that a move left; what was pushed since then is put aside',
    body: RestoreCopy,
    handle: async (rooms, ask) => {
      await askRestore(rooms, byOf(ask), ask.params.id, ask.body.confirm)
      return json(await storage(rooms), 202)
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/copies/:id`,
    access: 'admin',
    scope: 'session',
    summary: 'Remove the copy that a move left before its time',
    handle: async (rooms, ask) => {
      await removeCopy(rooms, byOf(ask), ask.params.id)
      return done()
    },
  }),
]
