// Token buckets: each holds a minute's worth of requests and fills at that pace. What other processes took is taken here
// too, a moment later.

export interface Bucket {
  key: string
  limit: number
  level: number
  at: number
  /** Taken here since the other processes were told. */
  untold: number
}

export interface Buckets {
  /** As full as it is now. */
  at(key: string, limit: number): Bucket
  take(bucket: Bucket, n?: number): void
  /** What was taken here since the last time this was asked. */
  news(): [key: string, n: number][]
  readonly size: number
}

const MINUTE_MS = 60_000
/** Of about 150 bytes each. Who comes back after so many others finds a full bucket. */
const MOST_KEYS = 20_000

export function openBuckets(now: () => number = Date.now, most = MOST_KEYS): Buckets {
  const buckets = new Map<string, Bucket>()
  let fresh: Bucket[] = []

  function make(key: string, limit: number): Bucket {
    const bucket = { key, limit, level: limit, at: now(), untold: 0 }
    buckets.set(key, bucket)
    if (buckets.size > most) buckets.delete(buckets.keys().next().value ?? '')
    return bucket
  }

  return {
    at(key, limit) {
      const bucket = buckets.get(key) ?? make(key, limit)
      const time = now()
      // Nothing comes back when the clock was set back.
      const grown = bucket.level + (Math.max(0, time - bucket.at) * limit) / MINUTE_MS
      // Where more is allowed than before, it counts at once.
      bucket.level = Math.min(limit, grown + Math.max(0, limit - bucket.limit))
      bucket.limit = limit
      bucket.at = time
      return bucket
    },
    take(bucket, n) {
      // Never below one bucket of debt, whatever others tell of a flood.
      bucket.level = Math.max(-bucket.limit, bucket.level - (n ?? 1))
      if (n === undefined && bucket.untold++ === 0) fresh.push(bucket)
    },
    news() {
      const news = fresh.map(({ key, untold }): [string, number] => [key, untold])
      for (const bucket of fresh) bucket.untold = 0
      fresh = []
      return news
    },
    get size() {
      return buckets.size
    },
  }
}

/** Milliseconds until one request may come; with a `debt`, until one may that leaves the bucket owing so much. */
export function waitFor({ level, limit }: Bucket, debt = 0): number {
  const missing = 1 - debt - level
  return missing <= 0 ? 0 : (missing * MINUTE_MS) / limit
}

export function untilFull({ level, limit }: Bucket): number {
  return ((limit - level) * MINUTE_MS) / limit
}
