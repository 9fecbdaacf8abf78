// What each kind of token stands for, told by its prefix: whom it lets act, for what, and whether it still holds.
import { SCOPES, type Scope } from '../../contract/names.ts'
import type { Tx } from '../../db/open.ts'
import { hashSecret } from '../../kit/secret.ts'
import type { Deploy, User } from '../../rooms.ts'
import { type Keyring, readSigned } from './keyring.ts'
import { SIGNED_PREFIX } from './signed.ts'
import {
  deployToken,
  touchGrant,
  touchAppPassword,
  touchDeploy,
  touchSigned,
  userByAccess,
  userByAppPassword,
  userBySigned,
  type UserRow,
} from './store.ts'

export const APP_PASSWORD_PREFIX = 'gsp_'
export const DEPLOY_PREFIX = 'gsd_'
export const ACCESS_PREFIX = 'gso_'
/** In place of a user name, where git asks for one beside a token. */
export const TOKEN_USER = 'x-token-auth'

/** A token that we made, for somebody who is still there. */
export interface Bearer {
  /** False when it has expired, was ended, or its account is disabled. */
  holds: boolean
  actor: User | Deploy
  /** When it was last noted as used. */
  usedAt: string | null
  note(tx: Tx, at: string): Promise<void>
}

const KINDS: Record<string, (ring: Keyring, secret: string) => Bearer | undefined> = {
  [APP_PASSWORD_PREFIX]: appPassword,
  [SIGNED_PREFIX]: signed,
  [DEPLOY_PREFIX]: deploy,
  [ACCESS_PREFIX]: granted,
}
const PREFIX_LENGTH = 4

export function isToken(secret: string): boolean {
  return Object.hasOwn(KINDS, secret.slice(0, PREFIX_LENGTH))
}

/** Undefined for what is no token of ours, or is gone. */
export function openBearer(ring: Keyring, secret: string): Bearer | undefined {
  return isToken(secret) ? KINDS[secret.slice(0, PREFIX_LENGTH)]?.(ring, secret) : undefined
}

function appPassword({ db }: Keyring, secret: string): Bearer | undefined {
  const row = userByAppPassword(db, hashSecret(secret))
  if (!row) return undefined
  const { scopes, repository_id: onlyRepository, credential, used_at: usedAt } = row
  return {
    holds: row.state === 'active' && (row.expires_at === null || row.expires_at > new Date().toISOString()),
    actor: actor(row, { via: 'app-password', scopes: scopesOf(scopes), onlyRepository, credential }),
    usedAt,
    note: (tx, at) => touchAppPassword(tx, credential, at),
  }
}

/** The signature is not enough: the row has to be there, and the account at the epoch of the token. */
function signed(ring: Keyring, secret: string): Bearer | undefined {
  const claims = readSigned(ring, secret)
  const row = claims && userBySigned(ring.db, claims.jti)
  if (!row || row.id !== claims.user) return undefined
  return {
    holds: row.state === 'active' && claims.expires * 1000 > Date.now() && row.token_epoch === claims.epoch,
    actor: actor(row, {
      via: 'signed-token',
      scopes: claims.scopes,
      onlyRepository: claims.repository ?? null,
      credential: claims.jti,
    }),
    usedAt: row.used_at,
    note: (tx, at) => touchSigned(tx, claims.jti, at),
  }
}

const DEPLOY_SCOPES = { read: ['repository'], write: ['repository', 'repository:write'] } as const

function deploy({ db }: Keyring, secret: string): Bearer | undefined {
  const row = deployToken(db, hashSecret(secret))
  if (!row) return undefined
  const { id, name, permission, repository_id: onlyRepository, expires_at, last_used_at: usedAt } = row
  return {
    holds: expires_at === null || expires_at > new Date().toISOString(),
    actor: { kind: 'deploy', id, name, permission, onlyRepository, scopes: DEPLOY_SCOPES[permission], credential: id },
    usedAt,
    note: (tx, at) => touchDeploy(tx, id, at),
  }
}

/** An access token of OAuth, for as long as the grant that it belongs to is there. */
function granted({ db }: Keyring, secret: string): Bearer | undefined {
  const row = userByAccess(db, hashSecret(secret))
  if (!row) return undefined
  const { credential, used_at: usedAt } = row
  return {
    holds: row.state === 'active' && row.expires_at > new Date().toISOString(),
    actor: actor(row, { via: 'oauth', scopes: scopesOf(row.scopes), onlyRepository: null, credential }),
    usedAt,
    note: (tx, at) => touchGrant(tx, credential, at),
  }
}

/** Scopes that this program does not know give nothing. */
export function scopesOf(stored: string): Scope[] {
  return stored.split(' ').filter((scope): scope is Scope => (SCOPES as readonly string[]).includes(scope))
}

type Carrier = Pick<User, 'via' | 'scopes' | 'onlyRepository' | 'credential' | 'owesFactor'>

export function actor(row: UserRow, carrier: Carrier): User {
  return {
    kind: 'user',
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    isAdmin: row.is_admin === 1,
    createdAt: row.created_at,
    ...carrier,
  }
}
