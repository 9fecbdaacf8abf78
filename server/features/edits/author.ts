// In whose name an edit is committed.
import { Fault } from '../../kit/fault.ts'
import type { Actor, Rooms } from '../../rooms.ts'
import { confirmedAddress } from '../mail/actions.ts'

export interface Named {
  name: string
  email: string
}

/** Nobody has such an address, ever: `invalid` is a domain that is kept free for this. */
const NOWHERE = 'users.gitstead.invalid'
const LONGEST = 200
const WRITTEN = /^([^<>\p{Cc}]+?) *<([^<>\s\p{Cc}]*)>$/u
/** What git takes off the ends of a name; one that is nothing else it refuses. */
const EDGES = /^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g

/** Who is signed in, with the address that they have confirmed; or the deploy token. */
export async function committerOf(rooms: Rooms, actor: Actor): Promise<Named> {
  if (actor.kind === 'guest') throw new Fault('auth.needed')
  if (actor.kind === 'deploy') return { name: plain(actor.name) || 'deploy token', email: `deploy@${NOWHERE}` }
  const address = await confirmedAddress(rooms.db.read, actor.id)
  return { name: plain(actor.displayName) || actor.name, email: address ?? `${actor.name}@${NOWHERE}` }
}

/** `Name <mail>`, as Bitbucket takes it. */
export function authorOf(text: string): Named {
  const [, name = '', email = ''] = (text.length <= LONGEST && WRITTEN.exec(text.trim())) || []
  if (plain(name) === '') {
    const detail = 'The author is not understood. Write it as Name <mail>.'
    throw new Fault('request.invalid', { detail, fields: { author: [detail] } })
  }
  return { name: plain(name), email }
}

function plain(name: string): string {
  return name.replace(/[<>\s\p{Cc}]+/gu, ' ').replace(EDGES, '')
}
