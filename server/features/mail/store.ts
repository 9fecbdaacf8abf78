// SQL of mail: the settings and the addresses of people.
import type { Selectable, Updateable } from 'kysely'
import type { Handle, Tx } from '../../db/open.ts'
import type { MailAddressTable, MailSettingsTable } from '../../db/tables/events.ts'
import type { UserTable } from '../../db/tables/accounts.ts'

export type SettingsRow = Selectable<MailSettingsTable>
export type AddressRow = Selectable<MailAddressTable>

export function readSettings(db: Handle): Promise<SettingsRow> {
  return db.selectFrom('mail_settings').selectAll().executeTakeFirstOrThrow()
}

export async function writeSettings(tx: Tx, change: Updateable<MailSettingsTable>): Promise<void> {
  await tx.updateTable('mail_settings').set(change).where('id', '=', 1).execute()
}

export function findAddress(db: Handle, userId: string): Promise<AddressRow | undefined> {
  return db.selectFrom('mail_addresses').selectAll().where('user_id', '=', userId).executeTakeFirst()
}

export async function putAddress(tx: Tx, row: AddressRow): Promise<void> {
  const { user_id: _id, ...rest } = row
  await tx
    .insertInto('mail_addresses')
    .values(row)
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(rest))
    .execute()
}

/** When a mail was sent last is still known. False when there was nothing to forget. */
export async function forgetAddress(tx: Tx, userId: string): Promise<boolean> {
  const nothing = { address: null, pending: null, secret_hash: null, pending_until: null }
  const known = tx.updateTable('mail_addresses').set(nothing).where('user_id', '=', userId)
  const gone = known.where((eb) => eb.or([eb('address', 'is not', null), eb('pending', 'is not', null)]))
  return (await gone.executeTakeFirst()).numUpdatedRows > 0n
}

export type Pending = Pick<Selectable<UserTable>, 'id' | 'name' | 'display_name'> & { pending: string }

/** Whose address the secret confirms, while it can. */
export async function findPending(db: Handle, secretHash: string, now: string): Promise<Pending | undefined> {
  const row = await db
    .selectFrom('mail_addresses')
    .innerJoin('users', 'users.id', 'mail_addresses.user_id')
    .select(['users.id', 'users.name', 'users.display_name', 'mail_addresses.pending'])
    .where('secret_hash', '=', secretHash)
    .where('pending_until', '>', now)
    .where('users.state', '=', 'active')
    .executeTakeFirst()
  return row?.pending ? { ...row, pending: row.pending } : undefined
}

/** Where an active person gets mail; undefined without a confirmed address. */
export async function confirmedAddress(db: Handle, userId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('mail_addresses')
    .innerJoin('users', 'users.id', 'mail_addresses.user_id')
    .select('mail_addresses.address')
    .where('users.id', '=', userId)
    .where('users.state', '=', 'active')
    .executeTakeFirst()
  return row?.address ?? undefined
}
