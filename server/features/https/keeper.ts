// In one process of a server: looks every few seconds whether the certificate is still the wanted one, and renews it.
import { clearParts, readKept } from '../../certificates/store.ts'
import { wordsOf } from '../../kit/fault.ts'
import type { Rooms } from '../../rooms.ts'
import { keptOf, renew } from './renew.ts'
import { wanted } from '../accounts/https.ts'

/** Files change, addresses come and go, and commands at the shell tell nobody. */
export const LOOK_MS = 5000

export interface Keeper {
  stop: () => Promise<void>
}

/** Resolves after the first look. Throws when the program was started with files that cannot be used, and never could. */
export async function openKeeper(rooms: Rooms): Promise<Keeper> {
  await clearParts(rooms.config.data)
  const look = lookAfter(rooms)
  const want = wanted(rooms)
  const kept = keptOf(want.mode)
  if (want.is_fixed && kept && !(await readKept(rooms.config.data, kept))) await renew(rooms, want)
  await look()
  let looking: Promise<unknown> = Promise.resolve()
  const next = (): void => void (looking = looking.then(look))
  const timer = setInterval(next, LOOK_MS)
  timer.unref()
  const silence = rooms.bus.listen((news) => news.kind === 'settings' && next())
  return {
    stop: async () => {
      clearInterval(timer)
      silence()
      await looking
    },
  }
}

/** One look never throws; a problem is logged once, and not again until it is another one. */
function lookAfter(rooms: Rooms): () => Promise<void> {
  let known = ''
  return async () => {
    try {
      if (await renew(rooms, wanted(rooms))) {
        rooms.log.info('the certificate for HTTPS was renewed')
        rooms.bus.tell({ kind: 'certificate' })
      }
      known = ''
    } catch (error) {
      const text = wordsOf(error)
      if (text !== known) rooms.log.error({ err: error }, 'the certificate for HTTPS could not be renewed')
      known = text
    }
  }
}
