// Who may write to the database: one process at a time, in the order in which they asked. Pure.

export interface Turns {
  want: (who: string) => void
  free: (who: string) => void
  /** It has died: its turn, or its place in the queue, is void. */
  gone: (who: string) => void
}

/**
 * SQLite lets writers of several processes race for its lock, and some of them starve for seconds. Here they queue. A
 * turn stays with whoever had it last until somebody else asks, so that a single writer never waits for anybody.
 */
export function openTurns(tell: (who: string, turn: 'yours' | 'back') => void): Turns {
  const queue: string[] = []
  let holder: string | undefined
  const next = (): void => {
    holder = queue.shift()
    if (holder === undefined) return
    tell(holder, 'yours')
    if (queue.length > 0) tell(holder, 'back')
  }
  return {
    want: (who) => {
      if (who === holder || queue.includes(who)) return
      queue.push(who)
      if (holder === undefined) next()
      else if (queue.length === 1) tell(holder, 'back')
    },
    free: (who) => {
      if (who === holder) next()
    },
    gone: (who) => {
      const at = queue.indexOf(who)
      if (at >= 0) queue.splice(at, 1)
      if (who === holder) next()
    },
  }
}
