// A bounded memory of values: what was used longest ago goes first.

export interface Lru<V> {
  get: (key: string) => V | undefined
  set: (key: string, value: V, size: number) => void
  delete: (key: string) => void
  /** Drops every key that begins like this. */
  deletePrefix: (prefix: string) => void
  readonly size: number
}

/** `limit` in the unit of the sizes that `set` is given. A value larger than an eighth of it is not kept. */
export function openLru<V>(limit: number): Lru<V> {
  const values = new Map<string, { value: V; size: number }>()
  let total = 0
  const drop = (key: string): void => {
    total -= values.get(key)?.size ?? 0
    values.delete(key)
  }
  return {
    get: (key) => {
      const found = values.get(key)
      if (!found) return undefined
      // Last in the map is last used.
      values.delete(key)
      values.set(key, found)
      return found.value
    },
    set: (key, value, size) => {
      drop(key)
      if (size > limit / 8) return
      values.set(key, { value, size })
      total += size
      for (const oldest of values.keys()) {
        if (total <= limit) return
        drop(oldest)
      }
    },
    delete: drop,
    deletePrefix: (prefix) => {
      for (const key of values.keys()) if (key.startsWith(prefix)) drop(key)
    },
    get size() {
      return total
    },
  }
}
