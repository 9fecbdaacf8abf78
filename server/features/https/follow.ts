// In each process that serves: takes the certificate that lies ready for new handshakes, as soon as it is another one.
import { readKept, stampOf } from '../../certificates/store.ts'
import type { Rooms } from '../../rooms.ts'
import { LOOK_MS } from './keeper.ts'
import { keptOf } from './renew.ts'
import { wanted } from '../accounts/https.ts'

/** Resolves once the certificate of now was given to `use`; then follows its changes until the returned call. */
export async function followCertificate(rooms: Rooms, use: (pem: string | undefined) => void): Promise<() => void> {
  let seen = ''
  const look = async (): Promise<void> => {
    const kept = keptOf(wanted(rooms).mode)
    if (kept === undefined) {
      if (seen !== '') use(undefined)
      seen = ''
      return
    }
    const stamp = `${kept} ${await stampOf(rooms.config.data, kept)}`
    if (stamp === seen) return
    const pair = await readKept(rooms.config.data, kept)
    // The one in use is better than none.
    if (!pair) return
    use(pair.pem)
    seen = stamp
  }
  let looking = Promise.resolve()
  const next = (): void => {
    looking = looking.then(look).catch((err: unknown) => rooms.log.error({ err }, 'the certificate could not be read'))
  }
  next()
  await looking
  const timer = setInterval(next, LOOK_MS)
  timer.unref()
  const silence = rooms.bus.listen((news) => news.kind === 'certificate' && next())
  return () => {
    clearInterval(timer)
    silence()
  }
}
