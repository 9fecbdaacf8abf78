// What each of those knows that draw into a text: the colours of the page, and when nobody looks any more.
export interface Drawing {
  dark: boolean
  signal: AbortSignal
}
