// One run of a long search for all who ask for the same meanwhile: each is told everything, and the last to go ends it.

export interface Shared<T> {
  /** What `start` gives, from its beginning; it is called only where no such run is under way. */
  join: (key: string, start: (signal: AbortSignal) => AsyncIterable<T>, signal: AbortSignal) => AsyncGenerator<T>
}

interface Run<T> {
  pieces: T[]
  readers: number
  end: AbortController
  /** Resolves with the next piece or the end; replaced by a fresh one each time. */
  news: PromiseWithResolvers<void>
  over: boolean
  fault: unknown
}

export function openShared<T>(): Shared<T> {
  const runs = new Map<string, Run<T>>()
  return {
    async *join(key, start, signal) {
      const run = runs.get(key) ?? begin(runs, key, start)
      run.readers++
      const gone = whenAborted(signal)
      try {
        for (let at = 0; ;) {
          signal.throwIfAborted()
          const pieces = run.pieces.slice(at)
          at += pieces.length
          yield* pieces
          if (at < run.pieces.length) continue
          if (run.over && run.fault !== undefined) throw run.fault
          if (run.over) return
          await Promise.race([run.news.promise, gone.aborted])
        }
      } finally {
        gone.stop()
        if (--run.readers === 0 && !run.over) leave(runs, key, run)
      }
    },
  }
}

function begin<T>(runs: Map<string, Run<T>>, key: string, start: (signal: AbortSignal) => AsyncIterable<T>): Run<T> {
  const run: Run<T> = {
    pieces: [],
    readers: 0,
    end: new AbortController(),
    news: Promise.withResolvers(),
    over: false,
    fault: undefined,
  }
  runs.set(key, run)
  const tell = (): void => {
    const { resolve } = run.news
    run.news = Promise.withResolvers()
    resolve()
  }
  const work = async (): Promise<void> => {
    for await (const piece of start(run.end.signal)) {
      run.pieces.push(piece)
      tell()
    }
  }
  void work()
    .catch((error: unknown) => (run.fault = error ?? new Error('aborted')))
    .finally(() => {
      run.over = true
      if (runs.get(key) === run) runs.delete(key)
      tell()
    })
  return run
}

/** Whoever comes from now on begins a run of their own. */
function leave<T>(runs: Map<string, Run<T>>, key: string, run: Run<T>): void {
  if (runs.get(key) === run) runs.delete(key)
  run.end.abort()
}

function whenAborted(signal: AbortSignal): { aborted: Promise<void>; stop: () => void } {
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const hear = (): void => resolve()
  signal.addEventListener('abort', hear)
  return { aborted, stop: () => signal.removeEventListener('abort', hear) }
}
