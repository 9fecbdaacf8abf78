// Which HTTPS is wanted: what an admin chose, kept in the database, unless the program was started with certificate files.
import type { HttpsMode } from '../../contract/https.ts'
import { lookUp } from '../../db/memo.ts'
import type { Handle } from '../../db/open.ts'
import { oncePer } from '../../kit/onceper.ts'
import type { Rooms } from '../../rooms.ts'

/** What an admin chose. */
export interface Chosen {
  mode: HttpsMode
  redirect: boolean
  certificate_file: string
  key_file: string
}

export interface Wanted extends Chosen {
  /** By the options of the start. */
  is_fixed: boolean
}

type Place = Pick<Rooms, 'db' | 'config'>

const NAME = 'https'
const DEFAULTS: Chosen = { mode: 'off', redirect: false, certificate_file: '', key_file: '' }
const CHOSEN = `select value from settings where name = '${NAME}'`
const parsed = oncePer(({ value }: { value: string }): Chosen => ({
  ...DEFAULTS,
  ...(JSON.parse(value) as Partial<Chosen>),
}))

/** As it stands in the database now, whoever wrote it. */
export function chosen({ db }: Place): Chosen {
  const row = lookUp(db, CHOSEN, {}) as { value: string } | undefined
  return row ? parsed(row) : DEFAULTS
}

export function wanted(place: Place): Wanted {
  const { tlsCert, tlsKey } = place.config
  if (tlsCert === '') return { ...chosen(place), is_fixed: false }
  return { ...chosen(place), mode: 'given', certificate_file: tlsCert, key_file: tlsKey, is_fixed: true }
}

export async function choose(tx: Handle, next: Chosen): Promise<void> {
  const value = JSON.stringify(next)
  await tx
    .insertInto('settings')
    .values({ name: NAME, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}

/** The address that a stranger is given: one that was noted before HTTPS was insisted on leads there as well. */
export function presentBase(place: Place, base: string): string {
  return insistsOnHttps(place) ? base.replace(/^http:/, 'https:') : base
}

/** Asked for every request. */
export function insistsOnHttps(place: Place): boolean {
  const { mode, redirect } = chosen(place)
  return redirect && (mode !== 'off' || place.config.tlsCert !== '')
}
