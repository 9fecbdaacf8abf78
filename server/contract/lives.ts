// How long time-limited tokens live. Imports nothing: pages take these values without the checks of the server.
const HOUR_S = 3600
const DAY_S = 86_400

/** How long a token holds from each renewal, in seconds. */
export const LIFE = { shortest: 60, usual: DAY_S, longest: 30 * DAY_S } as const
/** Days after which no renewal helps any more. */
export const OLDEST_DAYS = 90
/** What the page offers. */
export const LIVES: readonly (readonly [seconds: number, label: string])[] = [
  [HOUR_S, 'One hour'],
  [8 * HOUR_S, '8 hours'],
  [DAY_S, 'One day'],
  [7 * DAY_S, '7 days'],
  [30 * DAY_S, '30 days'],
]
