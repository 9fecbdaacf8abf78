// The wire shapes of time-limited tokens and of the keys that sign them.
import { z } from 'zod'
import { Line, Scope } from './names.ts'

const Time = z.iso.datetime()
const HOUR_S = 3600
const DAY_S = 86_400

/** How long a token holds from each renewal, in seconds. */
export const LIFE = { shortest: 60, usual: DAY_S, longest: 30 * DAY_S } as const
/** Days after which no renewal helps any more. */
export const OLDEST_DAYS = 90
/** What the page offers. */
export const LIVES: readonly (readonly [seconds: number, label: string])[] = [
  [HOUR_S, 'One hour'],
  [8 * HOUR_S, '8 hours'],
  [DAY_S, 'One day'],
  [7 * DAY_S, '7 days'],
  [30 * DAY_S, '30 days'],
]

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
