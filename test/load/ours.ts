// Our side: the built program on data of its own, with the generated repositories laid into it as they are.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, cpSync, existsSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { basic, client, signIn } from '../helpers/client.ts'
import { MAIN } from '../helpers/server.ts'
import { openMeter } from './meter.ts'
import type { Side } from './servers.ts'

export const ADMIN = { name: 'bench', password: 'a password for the bench' }

export interface Ours extends Side {
  data: string
  /** From the start of the process to its line on stdout, of the last start. */
  readyMs: number
  /** Credentials of each kind as headers; guests have none. */
  login: Record<Login, Record<string, string>>
  /** The same as people put them into an address; guests have none. */
  person: Record<Exclude<Login, 'anonymous'>, { name: string; password: string }>
  restart(): Promise<void>
}

export type Login = 'anonymous' | 'app password' | 'password' | 'HMAC token'

/** One that only people with an account may see, beside each public one. */
export const PRIVATE = '-private'

interface Options {
  env?: Record<string, string>
  /** A private repository beside each public one. */
  privates?: boolean
}

/** Makes one public repository for each given folder and starts the server. */
export async function startOurs(
  data: string,
  repositories: Record<string, string>,
  { env = {}, privates = false }: Options = {},
): Promise<Ours> {
  gitstead(['user', 'add', ADMIN.name, '--admin', '--password-stdin', '--data', data], ADMIN.password)
  const token = gitstead(['token', 'create', '--user', ADMIN.name, '--data', data])
  const signed = gitstead(['token', 'create', '--hmac', '--user', ADMIN.name, '--data', data])
  for (const [name, path] of Object.entries(repositories)) {
    create(data, { name, path, visibility: 'public' })
    if (privates) create(data, { name: name + PRIVATE, path, visibility: 'private' })
  }
  const meter = openMeter('ours')
  const at = { data, env, meter }
  let running = await start(at, '0')
  const person = {
    'app password': { name: ADMIN.name, password: token },
    password: ADMIN,
    'HMAC token': { name: 'x-token-auth', password: signed },
  }
  const ours: Ours = {
    name: 'ours',
    data,
    meter,
    url: running.url,
    readyMs: running.readyMs,
    person,
    login: {
      anonymous: {},
      'app password': basic(ADMIN.name, token),
      password: basic(ADMIN.name, ADMIN.password),
      'HMAC token': basic('x-token-auth', signed),
    },
    stop: async () => {
      await end(running.child)
      meter.close()
    },
    restart: async () => {
      await end(running.child)
      running = await start(at, new URL(running.url).port)
      ours.readyMs = running.readyMs
    },
  }
  return ours
}

export function gitstead(args: string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { input, encoding: 'utf8' })
  if (status !== 0) throw new Error(`gitstead ${args.join(' ')}: ${stderr}`)
  return stdout.trim()
}

function create(data: string, to: { name: string; path: string; visibility: 'public' | 'private' }): void {
  const name = `${ADMIN.name}/${to.name}`
  gitstead(['repo', 'create', name, '--user', ADMIN.name, '--visibility', to.visibility, '--data', data])
  fill(newestRepository(data), to.path)
}

const known = new Set<string>()

function newestRepository(data: string): string {
  const volume = join(data, 'volumes', 'main')
  const all = readdirSync(volume)
    .filter((name) => /^[0-9a-f]{2}$/.test(name))
    .flatMap((folder) => readdirSync(join(volume, folder)).map((name) => join(volume, folder, name)))
  const fresh = all.find((path) => !known.has(path))
  if (fresh === undefined) throw new Error('the new repository is nowhere on disk')
  known.add(fresh)
  return fresh
}

/** Objects and refs as generated; the config stays as our own program wrote it. */
function fill(to: string, from: string): void {
  rmSync(join(to, 'refs', 'heads'), { recursive: true, force: true })
  for (const part of ['objects', 'refs', 'HEAD', 'packed-refs']) {
    if (existsSync(join(from, part))) cpSync(join(from, part), join(to, part), { recursive: true, force: true })
  }
}

interface Running {
  child: ChildProcess
  url: string
  readyMs: number
}

interface At {
  data: string
  env: Record<string, string>
  meter: Side['meter']
}

async function start({ data, env, meter }: At, port: string): Promise<Running> {
  const [command, args] = meter.around(process.execPath, [MAIN, 'serve', '--data', data, '--port', port])
  const log = openSync(join(data, 'bench.log'), 'a')
  const from = performance.now()
  // One caller stands for all of them here: it is counted, and not refused.
  const set = { ...process.env, GITSTEAD_RATE_LIMITS: 'off', ...env }
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', log], env: set })
  closeSync(log)
  if (child.pid !== undefined) meter.watch(child.pid)
  let text = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const found = /^Gitstead is ready at (http:\/\/\S+)$/m.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`our server ended with ${code}; see ${data}/bench.log`)))
  })
  return { child, url, readyMs: performance.now() - from }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** Accounts that have never signed in: what their first sign-in costs is not remembered anywhere. */
export async function addPeople(ours: Side, count: number): Promise<{ username: string; password: string }[]> {
  const admin = await signIn(ours, ADMIN.name, ADMIN.password)
  const one = async (_: unknown, i: number): Promise<{ username: string; password: string }> => {
    const account = { username: `person${i}`, display_name: `Person ${i}`, password: `person ${i} has a password` }
    const body = { workspace: ADMIN.name, role: 'collaborator', grants: [] }
    const invited = await admin.post('/api/gitstead/1/invitations', body)
    const link = new URL((invited.body as { url: string }).url).hash.replace('#token=', '')
    const accepted = await client(ours).post(`/api/gitstead/1/links/${link}/accept`, account)
    if (accepted.status !== 201) throw new Error(`no account: ${accepted.text}`)
    return { username: account.username, password: account.password }
  }
  return Promise.all(Array.from({ length: count }, one))
}
