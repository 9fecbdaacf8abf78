// What lies where, unpacked from the repository or in the package: the Node that runs the server, its git, the pages.
import { existsSync } from 'node:fs'
import { delimiter, dirname, join, normalize, sep } from 'node:path'

/** The Node beside us. In a package it is a resource; the server's processes fork themselves with it. */
export function nodeOf(resources: string | undefined, require: { resolve: (name: string) => string }): string {
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  if (resources !== undefined) return join(resources, 'node', file)
  return join(dirname(require.resolve('node/package.json')), 'bin', file)
}

/** The bundled git comes first where there is one; otherwise the system's own is used. */
export function serverEnv(env: NodeJS.ProcessEnv, resources: string | undefined): NodeJS.ProcessEnv {
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:ELECTRON_|NODE_OPTIONS$)/.test(name)))
  const git = resources === undefined ? undefined : join(resources, 'git', process.platform === 'win32' ? 'cmd' : 'bin')
  if (git === undefined || !existsSync(git)) return clean
  return { ...clean, PATH: [git, clean['PATH']].filter(Boolean).join(delimiter) }
}

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

/** Nothing but what the package holds, and no address to send anything to. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The file of the control page at this address, with the headers that go with it; undefined for all else. */
export function pageOf(
  folder: string,
  url: string,
  host: string,
): { path: string; headers: Record<string, string> } | undefined {
  if (!URL.canParse(url)) return undefined
  const { hostname, pathname } = new URL(url)
  if (hostname !== host) return undefined
  let name: string
  try {
    name = decodeURIComponent(pathname)
  } catch {
    return undefined
  }
  const path = normalize(join(folder, name))
  const type = TYPES[name.split('.').at(-1) ?? '']
  if (!path.startsWith(folder + sep) || type === undefined || name.includes('\0')) return undefined
  if (name !== '/desktop.html' && name !== '/mark.svg' && !name.startsWith('/assets/')) return undefined
  return {
    path,
    headers: { 'Content-Type': type, 'Content-Security-Policy': POLICY, 'X-Content-Type-Options': 'nosniff' },
  }
}
