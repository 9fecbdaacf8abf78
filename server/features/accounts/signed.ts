// The form of a time-limited token: its claims as JSON, a dot, and an HMAC over them. Pure; whoever reads one needs the key.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Scope } from '../../contract/names.ts'

export const SIGNED_PREFIX = 'gst_'

/** Times are seconds since 1970. `epoch` is the account's at the time of signing, `jti` names the token itself. */
export interface Claims {
  kid: string
  user: string
  scopes: readonly Scope[]
  issued: number
  expires: number
  epoch: number
  jti: string
  /** Id of the one repository that it opens. */
  repository?: string
}

/** Longer than any of ours: nothing that long is decoded. */
const LONGEST = 2000
const FORM = /^gst_([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/
const KID = /^[A-Za-z0-9_-]{1,32}$/

export function sign(key: Buffer, claims: Claims): string {
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
  return `${SIGNED_PREFIX}${payload}.${seal(key, payload).toString('base64url')}`
}

/** The claims, when a key of ours has signed them. Whether they still hold is for the caller to say. */
export function unsign(text: string, keyOf: (kid: string) => Buffer | undefined): Claims | undefined {
  const [, payload, given] = text.length > LONGEST ? [] : (FORM.exec(text) ?? [])
  if (payload === undefined || given === undefined) return undefined
  const claims = parse(payload)
  const key = claims && KID.test(claims.kid) ? keyOf(claims.kid) : undefined
  return key && timingSafeEqual(seal(key, payload), Buffer.from(given, 'base64url')) ? claims : undefined
}

function seal(key: Buffer, payload: string): Buffer {
  return createHmac('sha256', key).update(payload).digest()
}

/** Of what it says, only the name of the key is looked at before the HMAC is found right. */
function parse(payload: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    const named = typeof value === 'object' && value !== null && 'kid' in value && typeof value.kid === 'string'
    return named ? (value as Claims) : undefined
  } catch {
    return undefined
  }
}
