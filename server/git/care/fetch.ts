// Fetches all branches, tags and notes of a repository elsewhere: http and https only, to an address that was checked before.
import { isIP } from 'node:net'
import type { Git, GitCall } from '../run/run.ts'
import { Fault } from '../../kit/fault.ts'
import { validRefName } from '../format/refnames.ts'

export interface Source {
  /** Without credentials. */
  url: URL
  username: string
  password: string
  /** The IP address that the host name was checked to lead to; git connects there and does not resolve again. */
  address: string
}

/** git asks nobody and follows nothing: no redirect (it could lead inside), no proxy, no credential helper. */
function reach({ url, username, password, address }: Source): { options: string[]; env: Record<string, string> } {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const target = address.includes(':') ? `[${address}]` : address
  const options = ['-c', 'http.followRedirects=false']
  // A literal address needs no resolving, and one of IPv6 could not stand in this list.
  if (isIP(host) === 0) options.push('-c', `http.curloptResolve=${host}:${port}:${target}`)
  const env: Record<string, string> = { GIT_ALLOW_PROTOCOL: 'https:http' }
  if (username === '' && password === '') return { options, env }
  // The secret goes by the environment, as argument lists can be read by every account of the machine.
  env['GITSTEAD_LOGIN'] = `Authorization: Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  return { options: [...options, '--config-env=http.extraHeader=GITSTEAD_LOGIN'], env }
}

/** The branch that the other side's HEAD names; undefined when it is detached or empty. */
export async function remoteHead(git: Git, source: Source, signal: AbortSignal): Promise<string | undefined> {
  const { options, env } = reach(source)
  const args = [...options, 'ls-remote', '--symref', '--end-of-options', source.url.href, 'HEAD']
  const { stdout } = await understood(git.exec({ name: 'ls-remote', args, env, signal, deadlineMs: 60_000 }))
  const branch = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(stdout.toString())?.[1]
  return branch !== undefined && validRefName(`refs/heads/${branch}`) ? branch : undefined
}

export interface Watch {
  signal: AbortSignal
  /** Gets git's own progress lines. */
  progress: (line: string) => void
}

/** Brings the repository at `path` to the state of the source's branches, tags and notes. Repeating it is safe. */
export async function fetchInto(
  git: Git,
  repo: { id: string; path: string },
  source: Source,
  watch: Watch,
): Promise<void> {
  const { options, env } = reach(source)
  const refs = ['heads', 'tags', 'notes'].map((kind) => `+refs/${kind}/*:refs/${kind}/*`)
  const args = [
    ...options,
    'fetch',
    '--prune',
    '--no-tags',
    '--progress',
    '--no-write-fetch-head',
    '--end-of-options',
    source.url.href,
    ...refs,
  ]
  const call: GitCall = {
    name: 'import',
    args,
    env,
    cwd: repo.path,
    repo: repo.id,
    signal: watch.signal,
    stdin: false,
    merged: true,
    deadlineMs: 0,
  }
  const child = await git.start(call)
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000)
    const line = said.split(/[\r\n]/).findLast((part) => /\d+%|remote:/.test(part))
    if (line !== undefined) watch.progress(printable(line))
  })
  const end = await child.done
  watch.signal.throwIfAborted()
  if (end.code !== 0) throw explained(said)
}

async function understood<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const stderr = error instanceof Fault && error.code === 'git.failed' ? error.facts['stderr'] : undefined
    if (typeof stderr === 'string') throw explained(stderr)
    throw error
  }
}

const REASONS: [RegExp, string][] = [
  [
    /Authentication failed|could not read Username|error: 401/i,
    'The other server wants a user name and password, or refuses these.',
  ],
  [/not found|error: 404/i, 'The other server has no repository at this address.'],
  [/redirect|error: 30\d/i, 'The other server redirects this address. Give the address that it leads to.'],
  [
    /Could not resolve|Connection refused|timed out|Failed to connect|Couldn't connect/i,
    'The other server cannot be reached.',
  ],
  [/SSL|certificate/i, "The other server's certificate is not trusted here."],
  [/fsck|bad object|corrupt|malformed/i, 'The other repository holds damaged or unsafe objects.'],
]

function explained(stderr: string): Fault {
  // The address that git quotes is no reason, whatever name or port stands in it.
  const words = stderr.replace(/'[^'\n]*'/g, '')
  const [, reason] = REASONS.find(([pattern]) => pattern.test(words)) ?? []
  // Other words of git may name paths of this machine; those of the other server are for the person who asked it.
  const said = stderr.split(/[\r\n]/).findLast((line) => line.startsWith('remote:')) ?? ''
  return new Fault('import.failed', { detail: reason ?? (printable(said) || 'Git could not fetch from there.') })
}

/** What another server says may hold anything. */
function printable(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 200)
}
