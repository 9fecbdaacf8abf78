// One run of a piece of work for all who ask for the same meanwhile. It is ended when nobody waits for it any more.

interface Flight<V> {
  result: Promise<V>
  waiting: number
  end: AbortController
}

/** Asks for what `key` names; `work` begins only where nobody is at it yet. */
export type Join<V> = (
  key: string,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<V>,
) => Promise<V>

export function openFlights<V>(): Join<V> {
  const flights = new Map<string, Flight<V>>()
  const land = (key: string, flight: Flight<V>): void => {
    if (flights.get(key) === flight) flights.delete(key)
  }
  const begin = (key: string, work: (signal: AbortSignal) => Promise<V>): Flight<V> => {
    const end = new AbortController()
    const flight: Flight<V> = { result: work(end.signal), waiting: 0, end }
    flights.set(key, flight)
    const landed = (): void => land(key, flight)
    flight.result.then(landed, landed)
    return flight
  }
  return async (key, signal, work) => {
    signal?.throwIfAborted()
    const flight = flights.get(key) ?? begin(key, work)
    flight.waiting++
    const left = new AbortController()
    try {
      return await Promise.race([flight.result, gone(signal, left.signal)])
    } finally {
      left.abort()
      if (--flight.waiting === 0) {
        land(key, flight)
        flight.end.abort()
      }
    }
  }
}

/** Rejects when this one of those who wait goes away. */
function gone(signal: AbortSignal | undefined, left: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: left })
  })
}
