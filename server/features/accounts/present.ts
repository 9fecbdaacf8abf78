// People on the wire: Bitbucket's user object, and our own shapes.
import type { AppPassword, Candidate, Me, Person, SessionEntry } from '../../contract/gitstead.ts'
import type { Scope } from '../../contract/names.ts'
import type { AppPasswordRow, SessionRow, UserRow } from './store.ts'

type Named = { id: string; name: string; display_name: string; created_at: string }

export function braced(id: string): string {
  return `{${id}}`
}

/** Accepts an id with or without braces and gives it bare; undefined when it is none. */
export function unbraced(text: string): string | undefined {
  const bare = text.replace(/^\{|\}$/g, '').toLowerCase()
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(bare) ? bare : undefined
}

export function presentUser(user: Named, base: string) {
  const uuid = braced(user.id)
  return {
    type: 'user',
    uuid,
    account_id: user.id,
    username: user.name,
    nickname: user.name,
    display_name: user.display_name,
    created_on: user.created_at,
    links: {
      self: { href: `${base}/2.0/users/${encodeURIComponent(uuid)}` },
      html: { href: `${base}/${user.name}` },
      avatar: { href: `${base}/api/gitstead/1/avatars/${user.name}.svg` },
    },
  } as const
}

export function presentMe(user: Pick<UserRow, 'id' | 'name' | 'display_name' | 'is_admin' | 'created_at'>): Me {
  return {
    uuid: braced(user.id),
    username: user.name,
    display_name: user.display_name,
    is_admin: user.is_admin === 1,
    created_on: user.created_at,
  }
}

export function presentCandidate(user: Pick<UserRow, 'id' | 'name' | 'display_name'>): Candidate {
  return { uuid: braced(user.id), username: user.name, display_name: user.display_name }
}

export function presentPerson(user: UserRow): Person {
  const { state, last_seen_at, factor_since } = user
  return { ...presentMe(user), state, last_seen_on: last_seen_at, second_factor: factor_since !== null }
}

export function presentSession(session: SessionRow, current: string): SessionEntry {
  return {
    id: session.id,
    current: session.id === current,
    address: session.address,
    user_agent: session.user_agent,
    created_on: session.created_at,
    last_used_on: session.last_used_at,
  }
}

export function presentAppPassword(row: AppPasswordRow & { full_name: string | null }): AppPassword {
  return {
    id: row.id,
    label: row.label,
    scopes: row.scopes.split(' ') as Scope[],
    repository: row.full_name,
    created_on: row.created_at,
    expires_on: row.expires_at,
    last_used_on: row.last_used_at,
  }
}
