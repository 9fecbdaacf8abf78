// What the commands that change data share: rooms of their own, beside a server that may be running.
import { closeRooms, openRooms } from '../app.ts'
import { openLog } from '../kit/log.ts'
import type { Rooms } from '../rooms.ts'
import { needData } from './folder.ts'
import { configOf, type Parsed } from './options.ts'
import { explained } from './refusal.ts'

/** Opens the rooms beside whatever else uses the data folder, and closes them after the work. */
export async function withRooms<T>(values: Parsed['values'], work: (rooms: Rooms) => Promise<T>): Promise<T> {
  needData(configOf(values).data)
  return withNewRooms(values, work)
}

/** The same, for what makes the data where there is none yet. */
export async function withNewRooms<T>(values: Parsed['values'], work: (rooms: Rooms) => Promise<T>): Promise<T> {
  const config = configOf(values)
  let rooms: Rooms | undefined
  try {
    rooms = await openRooms(config, openLog('error'))
    return await work(rooms)
  } catch (error) {
    throw explained(error, config)
  } finally {
    if (rooms) await closeRooms(rooms)
  }
}
