// The browser's session on the wire: its cookie, and the body that a page asks for first.
import type { Session } from '../../contract/gitstead.ts'
import { Fault } from '../../kit/fault.ts'
import { hashSecret } from '../../kit/secret.ts'
import { version } from '../../kit/version.ts'
import type { Actor, Rooms, User } from '../../rooms.ts'
import type { Ask } from '../../route.ts'
import type { NewSession, Visit } from './actions.ts'
import { actor as actorFrom } from './bearers.ts'
import { cookieName, csrfToken, sessionSecret } from './identify.ts'
import { presentMe } from './present.ts'
import { owesFactor } from './settings.ts'
import * as store from './store.ts'

/** The access of these routes lets no guest in; the type does not say so. */
export function personOf(ask: { actor: Actor }): User {
  if (ask.actor.kind === 'guest') throw new Fault('auth.needed')
  if (ask.actor.kind === 'deploy') throw new Fault('auth.forbidden', { detail: 'This needs an account of a person.' })
  return ask.actor
}

/** Where a sign-in comes from, and the session that this browser had. */
export function visitOf({ address, raw }: Pick<Ask, 'address' | 'raw'>): Visit {
  return { address, userAgent: raw.headers['user-agent'] ?? '', before: sessionSecret(raw) }
}

/** `base`: a browser that came by https gives the cookie to nothing else. */
export function sessionCookie(secret: string, expires: Date, base: string): Record<string, string> {
  const secure = base.startsWith('https:')
  const only = secure ? '; Secure' : ''
  const value = `${cookieName(secure)}=${secret}; Path=/; HttpOnly; SameSite=Lax${only}; Expires=${expires.toUTCString()}`
  return { 'Set-Cookie': value }
}

export async function sessionBody(rooms: Rooms, actor: Actor, base: string): Promise<Session> {
  const user =
    actor.kind === 'user'
      ? presentMe({
          ...actor,
          display_name: actor.displayName,
          is_admin: Number(actor.isAdmin),
          created_at: actor.createdAt,
        })
      : null
  return {
    user,
    csrf: csrfToken(rooms, actor),
    setup_needed: user === null && (await store.countUsers(rooms.db.read)) === 0,
    version,
    base_url: base,
    factor_owed: actor.kind === 'user' && actor.owesFactor === true,
  }
}

/** Answers with the fresh session: cookie, and the body that a page asks for first. */
export async function signedIn(
  rooms: Rooms,
  session: NewSession,
  base: string,
): Promise<{ body: Session; headers: Record<string, string> }> {
  const carrier = {
    via: 'session' as const,
    scopes: null,
    onlyRepository: null,
    credential: hashSecret(session.secret),
    owesFactor: owesFactor(rooms.db, session.user),
  }
  const actor = actorFrom(session.user, carrier)
  return { body: await sessionBody(rooms, actor, base), headers: sessionCookie(session.secret, session.expires, base) }
}
