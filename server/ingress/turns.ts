// Who may write to the database: one process at a time, in the order in which they asked. Pure.

export interface Turns {
  want: (who: string) => void
  free: (who: string) => void
  /** It has died: its turn, or its place in the queue, is void. */
  gone: (who: string) => void
}

/**
 * How long somebody who waits does so for a holder that was asked to give the turn back. One that hangs must not keep all
 * others from writing; should it write all the same, SQLite's own lock keeps the two apart.
 */
const PATIENCE_MS = 1000

/** Calls `strike` after so many milliseconds, unless what it gives is called before. */
export type Clock = (strike: () => void, ms: number) => () => void

const clock: Clock = (strike, ms) => {
  const timer = setTimeout(strike, ms)
  return () => clearTimeout(timer)
}

/**
 * SQLite lets writers of several processes race for its lock, and some of them starve for seconds. Here they queue. A
 * turn stays with whoever had it last until somebody else asks, so that a single writer never waits for anybody.
 */
export function openTurns(tell: (who: string, turn: 'yours' | 'back') => void, start: Clock = clock): Turns {
  const queue: string[] = []
  let holder: string | undefined
  let stop: (() => void) | undefined
  const askBack = (who: string): void => {
    tell(who, 'back')
    stop = start(next, PATIENCE_MS)
  }
  const next = (): void => {
    stop?.()
    holder = queue.shift()
    if (holder === undefined) return
    tell(holder, 'yours')
    if (queue.length > 0) askBack(holder)
  }
  return {
    want: (who) => {
      if (who === holder || queue.includes(who)) return
      queue.push(who)
      if (holder === undefined) next()
      else if (queue.length === 1) askBack(holder)
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
