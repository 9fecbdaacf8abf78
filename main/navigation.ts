// Where a page of ours may lead: one pure table for links, redirects, frames and new windows.

export type Surface = 'control' | 'repositories'
export type Way = 'page' | 'frame' | 'window'
/** Stay in the page, hand it to the system's browser, or nothing at all. */
export type Verdict = 'allow' | 'outside' | 'deny'

export interface Places {
  /** Of the control page: `app://gitstead`. */
  control: string
  /** Of the server, while it runs. */
  server: string | null
}

/** Origins of custom schemes are all the text "null" to `URL`: scheme and host are compared instead. */
export function isAt(address: string, place: string | null): boolean {
  if (place === null) return false
  const [a, b] = [parse(address), parse(place)]
  return a !== undefined && b !== undefined && a.protocol === b.protocol && a.host === b.host && a.host !== ''
}

export function verdictOf(surface: Surface, way: Way, address: string, places: Places): Verdict {
  const home = surface === 'control' ? places.control : places.server
  if (way !== 'window' && isAt(address, home)) return 'allow'
  // Pictures and diagrams stand in frames of their own, made by the page itself.
  if (way === 'frame')
    return surface === 'repositories' && /^(?:about:(?:blank|srcdoc)|blob:)/.test(address) ? 'allow' : 'deny'
  if (!mayOpenOutside(address)) return 'deny'
  // A new window of the server's own pages opens where people have their tabs.
  return way === 'window' || surface === 'repositories' ? 'outside' : 'deny'
}

/** What may be handed to the system's browser or mail program. */
export function mayOpenOutside(address: string): boolean {
  const url = parse(address)
  if (!url) return false
  return ['http:', 'https:', 'mailto:'].includes(url.protocol) && url.username === '' && url.password === ''
}

function parse(address: string): URL | undefined {
  return URL.canParse(address) ? new URL(address) : undefined
}
