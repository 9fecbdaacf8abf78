// Links that other programs hand to us, `gitstead://…`: a closed set of wishes, none of which does anything by itself.

export type Wish = { verb: 'open' } | { verb: 'repository'; path: string } | { verb: 'logs' }

const PLAIN = new Map<string, Wish>([
  ['open', { verb: 'open' }],
  ['logs', { verb: 'logs' }],
])
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,61}$/

/** What the link wishes for, or undefined where it is none of ours. */
export function wishOf(link: string): Wish | undefined {
  if (link.length > 500 || !URL.canParse(link)) return undefined
  const url = new URL(link)
  const { hostname, pathname } = url
  // Nothing but verb and names: no query, no account, no port.
  if (url.href !== `gitstead://${hostname}${pathname}`) return undefined
  const names = pathname.split('/').filter((name) => name !== '')
  if (hostname === 'repository')
    return names.length === 2 && names.every((name) => NAME.test(name))
      ? { verb: 'repository', path: `/${names.join('/')}` }
      : undefined
  return names.length === 0 ? PLAIN.get(hostname) : undefined
}

/** What is asked of the person before anything happens. */
export function wordsOf(wish: Wish): string {
  switch (wish.verb) {
    case 'open':
      return 'A link asks to open the repositories.'
    case 'repository':
      return `A link asks to open the repository ${wish.path.slice(1)}.`
    case 'logs':
      return 'A link asks to show the log.'
  }
}

/** The link among the arguments with which the system started a second of us. */
export function linkIn(args: readonly string[]): string | undefined {
  return args.find((arg) => arg.startsWith('gitstead://'))
}
