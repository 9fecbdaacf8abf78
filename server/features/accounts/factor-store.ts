// SQL of second factors, recovery codes, and sign-ins that wait for their code.
import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Handle } from '../../db/open.ts'
import type { FactorTable, SignInTable } from '../../db/tables/accounts.ts'

export type FactorRow = Selectable<FactorTable>
export type SignInRow = Selectable<SignInTable>

export function findFactor(db: Handle, userId: string): Promise<FactorRow | undefined> {
  return db.selectFrom('factors').selectAll().where('user_id', '=', userId).executeTakeFirst()
}

export async function putFactor(db: Handle, row: Insertable<FactorTable>): Promise<void> {
  await deleteFactor(db, row.user_id)
  await db.insertInto('factors').values(row).execute()
}

export async function updateFactor(db: Handle, userId: string, change: Updateable<FactorTable>): Promise<void> {
  await db.updateTable('factors').set(change).where('user_id', '=', userId).execute()
}

/** With its recovery codes. */
export async function deleteFactor(db: Handle, userId: string): Promise<void> {
  await db.deleteFrom('factors').where('user_id', '=', userId).execute()
  await db.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
}

export async function putRecoveryCodes(db: Handle, userId: string, hashes: readonly string[]): Promise<void> {
  await db.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
  const rows = hashes.map((hash) => ({ user_id: userId, hash, used_at: null }))
  await db.insertInto('recovery_codes').values(rows).execute()
}

/** Uses the code up; false when there is none, or none left. */
export async function takeRecoveryCode(db: Handle, userId: string, hash: string, at: string): Promise<boolean> {
  const taken = await db
    .updateTable('recovery_codes')
    .set({ used_at: at })
    .where('user_id', '=', userId)
    .where('hash', '=', hash)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return taken.numUpdatedRows > 0n
}

export async function countRecoveryCodes(db: Handle, userId: string): Promise<number> {
  const { n } = await db
    .selectFrom('recovery_codes')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return n
}

/** Those that took too long go meanwhile. */
export async function insertSignIn(db: Handle, row: Insertable<SignInTable>): Promise<void> {
  await db.deleteFrom('sign_ins').where('expires_at', '<', row.created_at).execute()
  await db.insertInto('sign_ins').values(row).execute()
}

export function findSignIn(db: Handle, id: string, now: string): Promise<SignInRow | undefined> {
  return db.selectFrom('sign_ins').selectAll().where('id', '=', id).where('expires_at', '>', now).executeTakeFirst()
}

export async function countFailure(db: Handle, id: string, failures: number): Promise<void> {
  await db.updateTable('sign_ins').set({ failures }).where('id', '=', id).execute()
}

export async function deleteSignIn(db: Handle, id: string): Promise<void> {
  await db.deleteFrom('sign_ins').where('id', '=', id).execute()
}

export async function deleteSignIns(db: Handle, userId: string): Promise<void> {
  await db.deleteFrom('sign_ins').where('user_id', '=', userId).execute()
}
