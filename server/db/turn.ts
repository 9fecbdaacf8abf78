// The turn of this process to write, where several write to one file. It stays here until another process asks for it.

export interface Turn {
  /** Resolves when this process may begin a transaction. One at a time asks. */
  take: () => Promise<void>
  /** The transaction has ended. */
  give: () => void
}

/** For a process that writes alone, or takes its chance beside a server: SQLite's own lock decides. */
export const NO_TURN: Turn = { take: () => Promise.resolve(), give: () => {} }

export interface QueuedTurn extends Turn {
  hear: (turn: 'yours' | 'back') => void
}

/** So long a process writes before it listens whether others wait: writes alone would never let it hear. */
const DEAF_MS = 5

/** `say` reaches whoever keeps the queue. */
export function queuedTurn(say: (turn: 'want' | 'free') => void): QueuedTurn {
  let mine = false
  let writing = false
  let wanted = false
  let listened = 0
  let begin: (() => void) | undefined
  const free = (): void => {
    mine = false
    wanted = false
    say('free')
  }
  return {
    take: () => {
      writing = true
      if (mine && performance.now() - listened < DEAF_MS) return Promise.resolve()
      if (mine) {
        return new Promise((resolve) =>
          setImmediate(() => {
            listened = performance.now()
            resolve()
          }),
        )
      }
      return new Promise((resolve) => {
        begin = resolve
        say('want')
      })
    },
    give: () => {
      writing = false
      if (wanted) free()
    },
    hear: (turn) => {
      if (turn === 'yours') {
        mine = true
        begin?.()
        begin = undefined
      } else if (writing) wanted = true
      else if (mine) free()
    },
  }
}
