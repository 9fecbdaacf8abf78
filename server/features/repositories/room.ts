// What comes in over a long time is ended while there is still room left, not when the disk is full.
import { Fault } from '../../kit/fault.ts'
import type { Rooms } from '../../rooms.ts'

const LOOK_MS = 250

/** Ends the work with the Fault that says why, when the disk that it writes to is nearly full or goes away. */
export async function whileRoom<T>(
  rooms: Rooms,
  { volume, signal }: { volume: string; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const out = new AbortController()
  const look = setInterval(() => {
    try {
      rooms.volumes.needRoom(volume)
    } catch (error) {
      out.abort(error instanceof Fault ? error : new Fault('storage.full'))
    }
  }, LOOK_MS)
  try {
    return await work(AbortSignal.any([signal, out.signal]))
  } catch (error) {
    throw out.signal.aborted ? out.signal.reason : error
  } finally {
    clearInterval(look)
  }
}
