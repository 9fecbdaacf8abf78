// What the program is started with: defaults < environment < arguments, one schema, all problems told at once.
import { existsSync } from 'node:fs'
import { availableParallelism, homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { parseBounds } from './kit/bounds.ts'
import { isProxyEntry } from './kit/peer.ts'

const PORT = 'must be a number from 0 to 65535'

const Schema = z.object({
  /** Folder of the database, the repositories and the secrets. */
  data: z.string().min(1, 'needs a folder'),
  /** Address to listen on; 127.0.0.1 keeps the server on this machine. */
  host: z.string().min(1),
  /** TCP port, 0 for any free one. */
  port: z.coerce.number(PORT).int(PORT).min(0, PORT).max(65535, PORT),
  log: z.enum(['silent', 'error', 'warn', 'info', 'debug']),
  /** Processes that serve. With one of them, it also works the jobs off. */
  workers: z.coerce.number('must be a number').int().min(1).max(16),
  /** bcrypt's cost: the logarithm of its rounds. */
  bcrypt: z.coerce.number().int().min(4).max(15),
  /** Seconds for which a verified password is remembered, 0 to compute each time. */
  remember: z.coerce.number('must be a number').min(0).max(300),
  /** Size limit of the pack cache in MiB. */
  packCache: z.coerce.number().int().min(0),
  /** Seconds without a byte in either direction after which a connection is cut. */
  idle: z.coerce.number().min(1).max(3600),
  /** Seconds without a further push after which the upkeep of a repository starts. */
  quiet: z.coerce.number('must be a number').min(0).max(60),
  /** Requests after which a process is replaced by a fresh one, give or take a quarter; 0 for never. */
  recycle: z.coerce.number('must be a number').int().min(0),
  /** Bounds of classes of requests in each process: `api=64:512:30:60`; see kit/bounds.ts. */
  classes: z.string().transform((text, context) => {
    const bounds = parseBounds(text)
    if (typeof bounds !== 'string') return bounds
    context.addIssue(bounds)
    return z.NEVER
  }),
  /** Off: requests are counted and nobody is refused, for example behind a proxy that limits them. */
  rateLimits: z.enum(['on', 'off'], 'must be on or off'),
  /** Files of a certificate (with those between it and its root) and of its key: HTTPS with these, whatever an admin says. */
  tlsCert: z.string(),
  tlsKey: z.string(),
  /** Addresses and ranges of proxies, separated by commas, whose word on the caller's address and scheme is taken. */
  trustedProxy: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((entry) => entry !== ''))
    .refine((entries) => entries.every(isProxyEntry), 'takes addresses and ranges such as 10.0.0.2 or 10.0.0.0/24'),
  /** Where git is looked for, and what it sees as PATH. */
  path: z.string('is not set, and git is looked for there'),
})

export type Config = Readonly<z.infer<typeof Schema>> & { readonly pages: string }

type Given = Partial<Record<keyof z.input<typeof Schema>, string | undefined>>

export class ConfigProblem extends Error {}

/** Throws ConfigProblem with every problem in one message. `given` comes from the command line. */
export function readConfig(given: Given, env: NodeJS.ProcessEnv = process.env): Config {
  const fromEnv: Given = {
    data: env['GITSTEAD_DATA'],
    host: env['GITSTEAD_HOST'],
    port: env['GITSTEAD_PORT'],
    log: env['GITSTEAD_LOG'],
    workers: env['GITSTEAD_WORKERS'],
    bcrypt: env['GITSTEAD_BCRYPT_COST'],
    remember: env['GITSTEAD_REMEMBER_SECONDS'],
    packCache: env['GITSTEAD_PACK_CACHE_MB'],
    idle: env['GITSTEAD_IDLE_SECONDS'],
    quiet: env['GITSTEAD_QUIET_SECONDS'],
    recycle: env['GITSTEAD_RECYCLE_REQUESTS'],
    classes: env['GITSTEAD_CLASSES'],
    rateLimits: env['GITSTEAD_RATE_LIMITS'],
    tlsCert: env['GITSTEAD_TLS_CERT'],
    tlsKey: env['GITSTEAD_TLS_KEY'],
    trustedProxy: env['GITSTEAD_TRUSTED_PROXY'],
    path: env['PATH'],
  }
  const defaults = {
    data: defaultData(env),
    host: '127.0.0.1',
    port: '7990',
    log: 'info',
    workers: String(usualWorkers()),
    bcrypt: '12',
    remember: '300',
    packCache: '2048',
    idle: '120',
    quiet: '3',
    recycle: '1000000',
    classes: '',
    rateLimits: 'on',
    tlsCert: '',
    tlsKey: '',
    trustedProxy: '',
  }
  const parsed = Schema.safeParse({ ...defaults, ...present(fromEnv), ...present(given) })
  if (!parsed.success) {
    throw new ConfigProblem(parsed.error.issues.map((issue) => `${nameOf(issue.path)}: ${issue.message}`).join('; '))
  }
  if ((parsed.data.tlsCert === '') !== (parsed.data.tlsKey === '')) {
    throw new ConfigProblem('tlsCert, tlsKey: a certificate and its key are needed together')
  }
  const { tlsCert, tlsKey } = parsed.data
  const files = tlsCert === '' ? {} : { tlsCert: resolve(tlsCert), tlsKey: resolve(tlsKey) }
  return Object.freeze({ ...parsed.data, ...files, data: resolve(parsed.data.data), pages: pagesFolder() })
}

/** Two are enough for a team, and the second one serves on when the first is busy or has died. */
function usualWorkers(): number {
  // Windows has no helper through which several processes could know of each other's git.
  return process.platform === 'win32' ? 1 : Math.min(2, availableParallelism())
}

/** The environment's own name of this one is what people know. */
function nameOf(path: readonly PropertyKey[]): string {
  const name = path.join('.')
  return name === 'path' ? 'PATH' : name
}

function present(given: Given): Given {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== ''))
}

function defaultData(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Gitstead')
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? homedir(), 'Gitstead')
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'gitstead')
}

/** The built pages lie beside the built server; when run from source, in the build's output folder. */
function pagesFolder(): string {
  const besideBundle = join(import.meta.dirname, '..', 'renderer')
  return existsSync(join(besideBundle, 'assets')) ? besideBundle : join(import.meta.dirname, '..', 'out', 'renderer')
}
