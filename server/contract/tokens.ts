// The wire shapes of time-limited tokens and of the keys that sign them.
import { z } from 'zod'
import { LIFE } from './lives.ts'
import { Line, Scope } from './names.ts'

const Time = z.iso.datetime()
export const NewSignedToken = z.object({
  label: Line.min(1, 'Say what it is for.').max(120),
  scopes: z.array(Scope).min(1, 'Choose at least one scope.'),
  repository: z.string().max(300).nullish(),
  /** Seconds. */
  life: z.number().int().min(LIFE.shortest).max(LIFE.longest).default(LIFE.usual),
})
export const SignedToken = z.object({
  id: z.string(),
  label: z.string(),
  scopes: z.array(Scope),
  /** full_name of the one repository it opens, or null for all that its owner can reach. */
  repository: z.string().nullable(),
  life: z.number(),
  created_on: Time,
  expires_on: Time,
  /** No renewal leads beyond. */
  ends_on: Time,
  last_used_on: Time.nullable(),
})
export type SignedToken = z.infer<typeof SignedToken>
/** The token itself is in this answer and never again. */
export const CreatedSignedToken = SignedToken.extend({ secret: z.string() })
export type CreatedSignedToken = z.infer<typeof CreatedSignedToken>

export const TokenKey = z.object({
  kid: z.string(),
  created_on: Time,
  /** Since when it signs nothing new, or null for the one that signs. */
  retired_on: Time.nullable(),
  /** Tokens that still hold and were signed by it last. */
  tokens: z.number(),
})
export type TokenKey = z.infer<typeof TokenKey>
