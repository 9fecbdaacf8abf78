// How many requests a caller may make: a bucket per account, token or address and class. Processes tell each other in
// batches what they let through, so that each alone decides at once and all together keep the limit.
import { RATED, type Rated, type RateLimits } from '../contract/limits.ts'
import { networkOf, openRanges } from '../kit/network.ts'
import { type Bucket, openBuckets, untilFull, waitFor } from './buckets.ts'
import { type Entry, type Ledger, openLedger, type Told } from './ledger.ts'

export interface Caller {
  address: string
  /** Id and name. With neither account nor token: a guest, or credentials that do not hold. */
  account?: { id: string; name: string }
  /** Id of the token, where it is one that acts. */
  token?: string | undefined
}

/** `always`: this one may not be refused. `debt`: it is refused only when the bucket owes as much as it holds. */
export type Patience = 'none' | 'debt' | 'always'

export interface Verdict {
  /** Milliseconds to wait; 0: let in. */
  waitMs: number
  /** Of the fullest bucket; undefined where there is no limit. */
  limit?: number
  left?: number
  /** Until it is full again. */
  fullMs?: number
  /** Notes the time that the request took. */
  ended(ms: number): void
}

export interface Limits {
  charge(caller: Caller, rated: Rated, patience?: Patience): Verdict
  /** Whether nobody limits this caller. */
  isExempt(caller: { account?: string | null; address?: string }): boolean
  /** Other processes let so many through. */
  hear(spent: Spending): void
  /** Of this process. */
  tell(): Told[]
  close(): void
}

export type Spending = [key: string, n: number][]

interface Surroundings {
  rules: () => RateLimits
  /** False: everything is counted and nobody refused. */
  on: boolean
  /** Tells the other processes. */
  spread: (spent: Spending) => void
  now?: () => number
}

/** Each process lets at most so much time pass before it tells the others what it let through. */
const TELL_MS = 250
/** In one batch; those who spent least are left out. */
const MOST_TOLD = 2000
const MOST_SHOWN = 200

export function openLimits({ rules, on, spread, now = Date.now }: Surroundings): Limits {
  const buckets = openBuckets(now)
  const ledger = openLedger(now)
  const exempt = openExemptions(rules)
  const timer = setInterval(() => {
    const news = buckets.news()
    if (news.length === 0) return
    spread(news.length > MOST_TOLD ? news.sort((a, b) => b[1] - a[1]).slice(0, MOST_TOLD) : news)
  }, TELL_MS)
  timer.unref()

  /** The buckets that this request is to be taken from. */
  function bucketsOf(entries: readonly Entry[], rated: Rated, limits: RateLimits): Bucket[] {
    const held: Bucket[] = []
    for (const entry of entries) {
      const limit = limits[entry.kind][rated]
      if (limit > 0) held.push(buckets.at(entry.keys[rated], limit))
    }
    return held
  }

  return {
    charge(caller, rated, patience = 'none') {
      const entries = entriesOf(ledger, caller)
      const free = !on || exempt({ account: caller.account?.name ?? null, address: caller.address })
      const held = free ? [] : bucketsOf(entries, rated, rules())
      const waitMs = longestWait(held, patience)
      for (const entry of entries) ledger.count(entry, rated, waitMs > 0)
      if (waitMs === 0) for (const bucket of held) buckets.take(bucket)
      return verdictOf(held, waitMs, (ms) => {
        for (const entry of entries) ledger.time(entry, rated, ms)
      })
    },
    isExempt: exempt,
    hear: (batch) => {
      for (const [key, n] of batch) {
        const limit = limitOf(key, rules())
        if (limit > 0) buckets.take(buckets.at(key, limit), n)
      }
    },
    tell: () => ledger.tell(MOST_SHOWN),
    close: () => clearInterval(timer),
  }
}

function entriesOf(ledger: Ledger, { account, token, address }: Caller): Entry[] {
  const entries = account ? [ledger.entry('account', account.id, account.name)] : []
  if (token !== undefined) entries.push(ledger.entry('token', token, account?.name ?? ''))
  if (entries.length === 0) entries.push(ledger.entry('address', networkOf(address), ''))
  return entries
}

function longestWait(held: readonly Bucket[], patience: Patience): number {
  let longest = 0
  if (patience === 'always') return longest
  for (const bucket of held) longest = Math.max(longest, waitFor(bucket, patience === 'debt' ? bucket.limit : 0))
  return longest
}

/** Of several buckets the one with the least left is told of. */
function verdictOf(held: readonly Bucket[], waitMs: number, ended: Verdict['ended']): Verdict {
  let tightest: Bucket | undefined
  for (const bucket of held) if (!tightest || bucket.level < tightest.level) tightest = bucket
  if (!tightest) return { waitMs, ended }
  const left = Math.max(0, Math.floor(tightest.level))
  return { waitMs, ended, limit: tightest.limit, left, fullMs: untilFull(tightest) }
}

/** Another process says for whom and what; how many that may be is known here. */
function limitOf(key: string, rules: RateLimits): number {
  const [kind = '', rated = ''] = key.split(':', 2)
  const known = kind === 'account' || kind === 'token' || kind === 'address'
  return known && (RATED as readonly string[]).includes(rated) ? rules[kind][rated as Rated] : 0
}

/** The lists are read anew when they were changed. */
function openExemptions(rules: () => RateLimits): Limits['isExempt'] {
  let seen: RateLimits | undefined
  let accounts = new Set<string>()
  let holds = openRanges([])
  return ({ account, address }) => {
    const now = rules()
    if (now !== seen) {
      seen = now
      accounts = new Set(now.exempt_accounts)
      holds = openRanges(now.exempt_addresses)
    }
    return (typeof account === 'string' && accounts.has(account)) || (address !== undefined && holds(address))
  }
}
