// The tables of people and of what they sign in with.
import type { Generated } from 'kysely'

export interface UserTable {
  id: string
  name: string
  display_name: string
  password_hash: string
  is_admin: number
  state: 'active' | 'disabled'
  created_at: string
  last_seen_at: string | null
  /** Counted up to end all time-limited tokens that were made before. */
  token_epoch: Generated<number>
  /** Since when a code is asked for beside the password; null while none is. */
  factor_since: string | null
}

export interface FactorTable {
  user_id: string
  /** Sealed under the installation's key. */
  secret: string
  /** The step of the last code that was taken: it and all before it are used up. */
  last_step: number
  /** Wrong codes since the last right one, and when the newest came. */
  failures: Generated<number>
  failed_at: string | null
  created_at: string
}

/** A sign-in whose password was right and whose code is awaited. */
export interface SignInTable {
  /** SHA-256 of the ticket. */
  id: string
  user_id: string
  failures: Generated<number>
  created_at: string
  expires_at: string
}

export interface SessionTable {
  /** SHA-256 of the cookie's value: a stolen database opens no session. */
  id: string
  user_id: string
  address: string
  user_agent: string
  created_at: string
  last_used_at: string
  expires_at: string
}

export interface AppPasswordTable {
  id: string
  user_id: string
  label: string
  secret_hash: string
  /** Space-separated. */
  scopes: string
  repository_id: string | null
  created_at: string
  expires_at: string | null
  last_used_at: string | null
}

/** A time-limited token, by what stays the same through its renewals. Its text is signed and stored nowhere. */
export interface SignedTokenTable {
  jti: string
  user_id: string
  label: string
  /** Space-separated. */
  scopes: string
  repository_id: string | null
  /** The key that signed it last. */
  kid: string
  /** Seconds for which it holds from each renewal. */
  life: number
  created_at: string
  expires_at: string
  /** No renewal leads beyond. */
  ends_at: string
  last_used_at: string | null
}

/** The keys themselves are derived from the key of the installation: a stolen database signs nothing. */
export interface TokenKeyTable {
  kid: string
  created_at: string
  /** Since when it signs nothing new. */
  retired_at: string | null
}

/** Lets a machine into one repository. Belongs to the repository, and to no person. */
export interface DeployTokenTable {
  id: string
  repository_id: string
  name: string
  secret_hash: string
  permission: 'read' | 'write'
  created_by: string | null
  created_at: string
  expires_at: string | null
  last_used_at: string | null
}

export interface LinkTable {
  id: string
  kind: 'setup' | 'invitation' | 'reset' | 'entry'
  secret_hash: string
  note: string
  created_by: string | null
  workspace_id: string | null
  role: 'owner' | 'member' | 'collaborator' | null
  /** JSON: [{repository_id, permission}] */
  grants: string
  /** Whose password a reset link sets. */
  user_id: string | null
  created_at: string
  expires_at: string
  used_at: string | null
  used_by: string | null
  withdrawn_at: string | null
}
