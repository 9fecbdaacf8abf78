// The keys that sign time-limited tokens. The newest signs; those before it read on until their tokens are gone.
import { createHmac } from 'node:crypto'
import { lookUp } from '../../db/memo.ts'
import type { Db, Tx } from '../../db/open.ts'
import { oncePer } from '../../kit/onceper.ts'
import { newSecret } from '../../kit/secret.ts'
import { type Claims, unsign } from './signed.ts'

/** Keys are derived from the key of the installation, which is in no database: a stolen one signs nothing. */
export interface Keyring {
  db: Db
  key: Buffer
}

const BY_KID = `select kid from token_keys where kid = :kid`
const MOST_REMEMBERED = 1000
/** What was found rightly signed. It stays so for ever; whether the key is still in the ring is asked each time. */
const rememberedBy = oncePer((_key: Buffer) => new Map<string, Claims>())

/** What a token says, when a key that is still in the ring has signed it. Costs no write and no slow hash. */
export function readSigned({ db, key }: Keyring, text: string): Claims | undefined {
  const isThere = (kid: string): boolean => lookUp(db, BY_KID, { kid }) !== undefined
  const known = rememberedBy(key)
  const before = known.get(text)
  if (before) return isThere(before.kid) ? before : undefined
  const claims = unsign(text, (kid) => (isThere(kid) ? derive(key, kid) : undefined))
  if (!claims) return undefined
  if (known.size >= MOST_REMEMBERED) known.clear()
  known.set(text, claims)
  return claims
}

export function derive(key: Buffer, kid: string): Buffer {
  return createHmac('sha256', key).update(`token-key\0${kid}`).digest()
}

/** The key that signs now. The first one is made when it is first needed. */
export async function signingKid(tx: Tx): Promise<string> {
  const newest = tx.selectFrom('token_keys').select('kid').where('retired_at', 'is', null)
  return (await newest.orderBy('created_at', 'desc').executeTakeFirst())?.kid ?? addKey(tx)
}

/** From here on a new key signs. */
export async function rotateKeys(tx: Tx): Promise<string> {
  await tx
    .updateTable('token_keys')
    .set({ retired_at: new Date().toISOString() })
    .where('retired_at', 'is', null)
    .execute()
  return addKey(tx)
}

async function addKey(tx: Tx): Promise<string> {
  const kid = newSecret('').slice(0, 10)
  await tx.insertInto('token_keys').values({ kid, created_at: new Date().toISOString(), retired_at: null }).execute()
  return kid
}
