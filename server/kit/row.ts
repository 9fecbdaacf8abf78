// Work on the same thing stands in a row: one after the other, in the order in which it came.

export interface Row {
  /** Begins when all that came before it under this key has ended, however that ended. */
  <T>(key: string, work: () => Promise<T>): Promise<T>
}

export function openRow(): Row {
  const last = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const before = last.get(key)
    const mine = before ? before.then(work, work) : work()
    last.set(key, mine)
    try {
      return await mine
    } finally {
      if (last.get(key) === mine) last.delete(key)
    }
  }
}
