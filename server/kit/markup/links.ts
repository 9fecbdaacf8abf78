// Where links of a text lead: other files of the repository at the same place in history, or the web. Nothing else.

export interface MarkupPlace {
  /** Where pages of files begin, encoded: `/team/app/src/main`. */
  pages: string
  /** Where files themselves begin: `/2.0/repositories/team/app/src/main`. */
  raw: string
  /** Folder of the text, from the root of the repository. */
  folder: string
}

export interface Link {
  href: string
  /** It leads to another server. */
  outside: boolean
}

const SCHEME = /^[a-z][a-z0-9+.-]*:/i
// oxlint-disable-next-line no-control-regex -- browsers leave these out of addresses, so `java\nscript:` is one
const IGNORED = /[\u0000-\u0020\u007f\u00a0\u200b-\u200f\u2028\u2029\ufeff]+/g

/** Undefined where it may not be followed, or leads out of the repository. */
export function resolveLink(text: string, place: MarkupPlace | undefined, as: 'page' | 'raw'): Link | undefined {
  const href = text.trim()
  const bare = href.replace(IGNORED, '')
  if (bare === '') return undefined
  if (bare.startsWith('#'))
    return as === 'page' ? { href: `#${encodeURIComponent(decoded(bare.slice(1)))}`, outside: false } : undefined
  if (SCHEME.test(bare)) return outside(bare, as)
  return /^[\\/]{2}/.test(bare) || !place ? undefined : inside(href, place, as)
}

function inside(href: string, place: MarkupPlace, as: 'page' | 'raw'): Link | undefined {
  const [beforeHash = '', ...fragments] = href.split('#')
  const [path = ''] = beforeHash.split('?', 1)
  const full = joined(path.startsWith('/') ? '' : place.folder, decoded(path))
  if (full === undefined) return undefined
  const start = as === 'raw' ? place.raw : place.pages
  const hash = fragments.length > 0 && as === 'page' ? `#${encodeURIComponent(decoded(fragments.join('#')))}` : ''
  return {
    href: [start, ...full.map((name) => encodeURIComponent(name.toWellFormed()))].join('/') + hash,
    outside: false,
  }
}

function outside(href: string, as: 'page' | 'raw'): Link | undefined {
  const url = URL.parse(href)
  const allowed = as === 'raw' ? ['http:', 'https:'] : ['http:', 'https:', 'mailto:']
  return url && allowed.includes(url.protocol) ? { href: url.href, outside: true } : undefined
}

/** The names along a path that is relative to a folder; undefined when it climbs out. */
function joined(folder: string, path: string): string[] | undefined {
  const names: string[] = []
  for (const name of `${folder}/${path}`.split('/')) {
    if (name === '' || name === '.') continue
    if (name !== '..') names.push(name)
    else if (names.pop() === undefined) return undefined
  }
  return names
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text.toWellFormed()
  }
}
