// The wire shapes of rate limits: how many requests a minute, who is exempt, and who asks most.
import { z } from 'zod'

/** Requests are counted apart for pages, the API and git. */
export const RATED = ['web', 'api', 'git'] as const
export type Rated = (typeof RATED)[number]
export const CALLERS = ['account', 'token', 'address'] as const
export type CallerKind = (typeof CALLERS)[number]

/** Requests a minute, which may also come at once; 0 for no limit. */
const Rate = z.number().int().min(0).max(1_000_000)
const Rates = z.object({ web: Rate, api: Rate, git: Rate })

const Range = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'Use addresses and ranges such as 10.0.0.0/24.'))

export const RateLimits = z.object({
  /** Of one person with all that acts for them, */
  account: Rates,
  /** of one token, */
  token: Rates,
  /** and of one address that comes without an account, or with credentials that do not hold. */
  address: Rates,
  exempt_accounts: z.array(z.string().trim().toLowerCase().min(1).max(62)).max(200),
  exempt_addresses: z.array(Range).max(200),
})
export type RateLimits = z.infer<typeof RateLimits>

/** A team on its own network, with programs that poll: fifty requests a second for each person, for hours. */
export const RATE_DEFAULTS: RateLimits = {
  account: { web: 3000, api: 3000, git: 6000 },
  token: { web: 1500, api: 1500, git: 3000 },
  address: { web: 3000, api: 600, git: 6000 },
  exempt_accounts: [],
  exempt_addresses: [],
}

const Spent = z.object({ requests: z.number(), ms: z.number(), limited: z.number() })
export type Spent = z.infer<typeof Spent>

/** One of those who ask most. `minutes`: the last five of them, this one included. */
export const Caller = z.object({
  kind: z.enum(CALLERS),
  id: z.string(),
  /** What people call it: user name, label of the token, or address. */
  name: z.string(),
  /** The account behind a token. */
  account: z.string().nullable(),
  exempt: z.boolean(),
  minutes: z.partialRecord(z.enum(RATED), Spent),
  hour: z.partialRecord(z.enum(RATED), Spent),
})
export type Caller = z.infer<typeof Caller>
export const CallerList = z.object({ values: z.array(Caller) })
export const Exemption = z.union([z.object({ account: z.string().min(1).max(62) }), z.object({ address: Range })])
