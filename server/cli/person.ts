// A person acting from the shell of the machine: they own the data folder, so they act in their own full right.
import { findUser } from '../features/accounts/actions.ts'
import { actor } from '../features/accounts/bearers.ts'
import type { Rooms, User } from '../rooms.ts'
import { Refusal } from './refusal.ts'

export async function personAtShell(rooms: Rooms, name: string): Promise<User> {
  const row = await findUser(rooms.db.read, name)
  if (!row) throw new Refusal(`There is no account ${name}.`)
  return actor(row, { via: 'shell', scopes: null, onlyRepository: null, credential: '' })
}
