// Where submodules lead, as far as it is on this server: `.gitmodules` is hostile text, and of its addresses only those
// become links that name a repository here.

/** Paths to addresses, as git's own format has them; the last one counts. */
export function parseGitmodules(text: string): Map<string, string> {
  const urls = new Map<string, string>()
  let path: string | undefined
  let url: string | undefined
  const close = (): void => {
    if (path !== undefined && url !== undefined) urls.set(path, url)
    path = url = undefined
  }
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*\[/.test(line)) close()
    const [, name = '', value = ''] = /^\s*(path|url)\s*=\s*(.*?)\s*$/i.exec(line) ?? []
    if (name.toLowerCase() === 'path') path = unquoted(value)
    if (name.toLowerCase() === 'url') url = unquoted(value)
  }
  close()
  return urls
}

function unquoted(value: string): string {
  return /^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(["\\])/g, '$1') : value
}

export interface Here {
  /** The address under which this caller reached the server. */
  base: string
  /** Workspace and name of the repository that holds the submodule. */
  fullName: string
}

const NAME = /^[A-Za-z0-9._-]{1,100}$/

/** Workspace and name of the repository on this server that the address names. */
export function repositoryHere(url: string, { base, fullName }: Here): string | undefined {
  const own = new URL(`${base}/${fullName}`)
  const isRelative = /^\.\.?\//.test(url)
  if (!isRelative && !/^https?:\/\//i.test(url)) return undefined
  // To git a repository is a folder: `../other` lies beside it.
  const target = URL.parse(url, isRelative ? `${own.href}/` : undefined)
  if (!target || target.host !== own.host) return undefined
  const [workspace = '', name = '', ...more] = target.pathname.replace(/\/+$/, '').split('/').slice(1)
  const slug = name.replace(/\.git$/, '')
  if (more.length > 0 || !NAME.test(workspace) || !NAME.test(slug)) return undefined
  return `${workspace}/${slug}`
}
