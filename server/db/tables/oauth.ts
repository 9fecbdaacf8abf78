// The tables of applications that act for people.
/** A program that a workspace registered with OAuth. */
export interface ConsumerTable {
  id: string
  workspace_id: string
  /** The client_id. */
  key: string
  /** The secret is derived from it; null for a program that can keep none. */
  salt: string | null
  /** Who made the secret: its client credentials act for them. */
  secret_by: string | null
  name: string
  description: string
  callback_url: string
  /** Space-separated. */
  scopes: string
  created_at: string
}

/** A consumer let in: by a person with a code, or by its own credentials. Codes and tokens end with it. */
export interface OAuthGrantTable {
  id: string
  consumer_id: string
  user_id: string
  kind: 'code' | 'client'
  scopes: string
  created_at: string
  last_used_at: string | null
}

export interface OAuthCodeTable {
  hash: string
  consumer_id: string
  user_id: string
  scopes: string
  /** As it was asked, or null where it was left out. */
  redirect_uri: string | null
  challenge: string | null
  expires_at: string
  /** What it gave, once it was used. */
  grant_id: string | null
}

export interface OAuthTokenTable {
  hash: string
  grant_id: string
  kind: 'access' | 'refresh'
  scopes: string
  expires_at: string
  /** When a refresh token was spent. */
  used_at: string | null
}

/** A request token of OAuth 1.0a, until it is exchanged. */
export interface OAuth1RequestTable {
  hash: string
  consumer_id: string
  /** `oob`: the person carries the verifier over by hand. */
  callback: string
  scopes: string
  expires_at: string
  /** Who said yes. */
  user_id: string | null
  /** An HMAC of it: a short number could be found from a mere hash. */
  verifier: string | null
}
