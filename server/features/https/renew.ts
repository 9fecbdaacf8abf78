// Brings the certificate that lies ready to what is wanted: names, dates, files. What was there stays when it cannot.
import { issue } from '../../certificates/make.ts'
import { namesIn, ownNames } from '../../certificates/names.ts'
import { type Pair, readGiven } from '../../certificates/pair.ts'
import { authorityOf, type Kept, readKept, writeKept } from '../../certificates/store.ts'
import type { Rooms } from '../../rooms.ts'
import { readSettings } from '../accounts/settings.ts'
import type { Chosen } from '../accounts/https.ts'

/** A certificate of ours holds for 90 days: whoever is away for two months finds the next one. */
const EARLY_MS = 30 * 86_400_000

type Place = Pick<Rooms, 'db' | 'config'>

export interface Renewal {
  /** Also where the one that is there would do. */
  force?: boolean
  now?: number
}

/** Where the certificate of each way lies ready. */
export function keptOf(mode: Chosen['mode']): Kept | undefined {
  return mode === 'off' ? undefined : mode
}

/** Gives whether there is a new one. Throws a Fault that says why there can be none. */
export async function renew(place: Place, wanted: Chosen, renewal: Renewal = {}): Promise<boolean> {
  if (wanted.mode === 'off') return false
  return wanted.mode === 'own' ? renewOwn(place, renewal) : renewGiven(place, wanted)
}

async function renewOwn({ db, config }: Place, { force = false, now = Date.now() }: Renewal): Promise<boolean> {
  const authority = await authorityOf(config.data)
  const names = ownNames(readSettings(db).allowed_hosts)
  const current = await readKept(config.data, 'own')
  if (!force && current && holds(current, authority, { names, now })) return false
  await writeKept(config.data, 'own', issue(authority.pem, names, now))
  return true
}

function holds(
  { certificate }: Pair,
  authority: Pair,
  { names, now }: { names: readonly string[]; now: number },
): boolean {
  const rest = Date.parse(certificate.validTo) - now
  const ends = Date.parse(authority.certificate.validTo) - now
  // Under an authority that ends sooner there is no longer one to be had.
  if (rest < Math.min(EARLY_MS, ends - EARLY_MS)) return false
  if (!certificate.verify(authority.certificate.publicKey)) return false
  return namesIn(certificate).join(' ') === names.join(' ')
}

async function renewGiven({ config }: Place, wanted: Chosen): Promise<boolean> {
  const pair = await readGiven({ certificate: wanted.certificate_file, key: wanted.key_file })
  const current = await readKept(config.data, 'given')
  if (current?.pem === pair.pem) return false
  await writeKept(config.data, 'given', pair.pem)
  return true
}
