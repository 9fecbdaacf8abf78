// Token buckets: each holds a minute's worth of requests and fills at that pace. What other processes took is taken here
// too, a moment later.

export interface Level {
  limit: number
  /** Whole requests that are left. */
  left: number
  /** Until it is full again. */
  fullMs: number
}

export interface Buckets {
  level(key: string, limit: number): Level
  /** Milliseconds until one request more than `debt` below nothing may come; 0 when it may now. */
  wait(key: string, limit: number, debt?: number): number
  take(key: string, limit: number, n?: number): void
  readonly size: number
}

const MINUTE_MS = 60_000
/** Of about 100 bytes each. Who comes back after so many others finds a full bucket. */
const MOST_KEYS = 20_000

interface Bucket {
  level: number
  at: number
}

export function openBuckets(now: () => number = Date.now, most = MOST_KEYS): Buckets {
  const buckets = new Map<string, Bucket>()

  function current(key: string, limit: number): Bucket {
    const at = now()
    let bucket = buckets.get(key)
    if (!bucket) {
      bucket = { level: limit, at }
      buckets.set(key, bucket)
      if (buckets.size > most) buckets.delete(buckets.keys().next().value ?? '')
    } else {
      // Never backwards, when the clock was set; and never below one bucket of debt, when others told of a flood.
      bucket.level = Math.min(limit, bucket.level + (Math.max(0, at - bucket.at) * limit) / MINUTE_MS)
      bucket.at = at
    }
    return bucket
  }

  return {
    level(key, limit) {
      const { level } = current(key, limit)
      return { limit, left: Math.max(0, Math.floor(level)), fullMs: ((limit - level) * MINUTE_MS) / limit }
    },
    wait(key, limit, debt = 0) {
      const missing = 1 - debt - current(key, limit).level
      return missing <= 0 ? 0 : (missing * MINUTE_MS) / limit
    },
    take(key, limit, n = 1) {
      const bucket = current(key, limit)
      bucket.level = Math.max(-limit, bucket.level - n)
    },
    get size() {
      return buckets.size
    },
  }
}
