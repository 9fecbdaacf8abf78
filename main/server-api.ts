// The server as an admin of it sees it: asked over its REST API, with a session that a one-time link opened.
import { z } from 'zod'
import type { Overview, Person, RepositoryEntry } from './contract.ts'
import { type Program, run } from './program.ts'

const PATIENCE_MS = 10_000

const Page = <T extends z.ZodType>(one: T) => z.object({ values: z.array(one) })
const Session = z.object({ csrf: z.string() })
const Operations = z.object({
  disks: z.array(z.object({ volume: z.string(), free: z.number(), total: z.number(), error: z.string().nullable() })),
  processes: z.array(z.object({ connections: z.number() })),
})
const Transfers = Page(
  z.object({
    id: z.string(),
    service: z.enum(['git-upload-pack', 'git-receive-pack']),
    repository: z.string(),
    account: z.string(),
    address: z.string(),
    since: z.string(),
    bytes: z.number(),
  }),
)
const Pushes = Page(
  z.object({ repository: z.string(), pushed_on: z.string(), actor: z.object({ username: z.string() }).nullable() }),
)
const Https = z.object({ mode: z.string(), authority: z.object({ fingerprint: z.string() }).nullable() })
const People = Page(
  z.object({
    username: z.string(),
    display_name: z.string(),
    is_admin: z.boolean(),
    state: z.string(),
    second_factor: z.boolean(),
  }),
)
const Repositories = Page(
  z.object({
    full_name: z.string(),
    mainbranch: z.object({ name: z.string() }).nullish(),
    links: z.object({ clone: z.array(z.object({ name: z.string(), href: z.string() })) }),
  }),
)

/** What the server refused, in its own words. */
export class ServerRefusal extends Error {}

export interface ServerApi {
  overview: () => Promise<Overview>
  people: () => Promise<Person[]>
  invite: (note: string) => Promise<string>
  repositories: () => Promise<RepositoryEntry[]>
  createRepository: (name: string) => Promise<string>
  cancelTransfer: (id: string) => Promise<void>
  /** An address that opens the pages signed in, once and for a minute. */
  entryAddress: (path: string) => Promise<string>
  close: () => void
}

export interface ServerApiParts {
  url: string
  data: string
  admin: string
  program: Program
  fetch?: typeof fetch
}

const Entry = z.object({ token: z.string() })
const Made = z.object({ url: z.string() })
const Problem = z.object({ error: z.object({ message: z.string(), detail: z.string().optional() }) })
const OWN = '/api/gitstead/1'

/** Calls the API in the name of the admin, with a session that is opened anew where the one before has ended. */
interface Caller {
  call: (path: string, init?: RequestInit) => Promise<unknown>
  entry: () => Promise<string>
  close: () => void
}

function openCaller({ url, data, admin, program, fetch: ask = fetch }: ServerApiParts): Caller {
  const ended = new AbortController()
  let session: Promise<Record<string, string>> | undefined
  const entry = async (): Promise<string> => {
    const { code, stdout, stderr } = await run(program, ['user', 'link', admin, '--json', '--data', data])
    if (code !== 0) throw new ServerRefusal(stderr)
    return Entry.parse(JSON.parse(stdout)).token
  }
  const send = (path: string, init: RequestInit): Promise<Response> => {
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(PATIENCE_MS)])
    return ask(url + path, { ...init, signal, redirect: 'error' })
  }
  const signIn = async (): Promise<Record<string, string>> => {
    const answer = await send(`${OWN}/links/${await entry()}/enter`, { method: 'POST' })
    if (!answer.ok) throw new ServerRefusal(await wordsOf(answer))
    const cookies = answer.headers.getSetCookie().map((one) => one.split(';')[0])
    return { Cookie: cookies.join('; '), 'X-CSRF-Token': Session.parse(await answer.json()).csrf }
  }
  const signedIn = async (): Promise<Record<string, string>> => {
    session ??= signIn()
    const mine = session
    try {
      return await mine
    } catch (error) {
      if (session === mine) session = undefined
      throw error
    }
  }
  const call = async (path: string, init: RequestInit = {}, again = true): Promise<unknown> => {
    const headers = { ...(await signedIn()), ...(init.body ? JSON_TYPE : {}) }
    const answer = await send(path, { ...init, headers })
    if (answer.status === 401 && again) {
      session = undefined
      return call(path, init, false)
    }
    if (!answer.ok) throw new ServerRefusal(await wordsOf(answer))
    return answer.status === 204 ? undefined : answer.json()
  }
  return { call, entry, close: () => ended.abort() }
}

export function openServerApi(parts: ServerApiParts): ServerApi {
  const { url, admin } = parts
  const { call, entry, close } = openCaller(parts)
  const get = async <T extends z.ZodType>(schema: T, path: string): Promise<z.infer<T>> =>
    schema.parse(await call(path))
  const post = (path: string, body: unknown): Promise<unknown> =>
    call(path, { method: 'POST', body: JSON.stringify(body) })
  return {
    overview: () => readOverview(get),
    people: async () =>
      (await get(People, `${OWN}/people`)).values.map((one) => ({
        name: one.username,
        displayName: one.display_name,
        admin: one.is_admin,
        disabled: one.state !== 'active',
        secondFactor: one.second_factor,
      })),
    invite: async (note) => {
      const wanted = { workspace: admin, role: 'collaborator', note, grants: [] }
      return Made.parse(await post(`${OWN}/invitations`, wanted)).url
    },
    repositories: async () =>
      (await get(Repositories, '/2.0/repositories?role=member&sort=-updated_on&pagelen=50')).values.map((one) => ({
        path: one.full_name,
        cloneUrl: one.links.clone.find(({ name }) => name === 'http' || name === 'https')?.href ?? '',
        empty: !one.mainbranch,
      })),
    createRepository: async (name) => {
      await post(`/2.0/repositories/${admin}/${encodeURIComponent(name)}`, {})
      return `${url}/${admin}/${name}.git`
    },
    cancelTransfer: async (id) => {
      await call(`${OWN}/admin/transfers/${encodeURIComponent(id)}`, { method: 'DELETE' })
    },
    entryAddress: async (path) => `${url}/enter?next=${encodeURIComponent(path)}#token=${await entry()}`,
    close,
  }
}

async function readOverview(
  get: <T extends z.ZodType>(schema: T, path: string) => Promise<z.infer<T>>,
): Promise<Overview> {
  const [{ disks, processes }, transfers, pushes, https] = await Promise.all([
    get(Operations, `${OWN}/admin/operations`),
    get(Transfers, `${OWN}/admin/transfers`),
    get(Pushes, `${OWN}/pushes?limit=8`),
    get(Https, `${OWN}/https`),
  ])
  return {
    disks: disks.map(({ volume, free, total, error: problem }) => ({ volume, free, total, problem })),
    clients: processes.reduce((sum, { connections }) => sum + connections, 0),
    transfers: transfers.values.map(({ id, service, repository, account, address, since, bytes }) => {
      const direction = service === 'git-receive-pack' ? 'push' : 'clone'
      return { id, direction, repository, account, address, since: Date.parse(since), bytes }
    }),
    pushes: pushes.values.map(({ repository, actor, pushed_on: at }) => ({
      repository,
      account: actor?.username ?? '',
      at,
    })),
    https: { on: https.mode !== 'off', fingerprint: https.authority?.fingerprint ?? null },
  }
}

const JSON_TYPE = { 'Content-Type': 'application/json' }

async function wordsOf(answer: Response): Promise<string> {
  const problem = Problem.safeParse(await answer.json().catch(() => undefined))
  if (!problem.success) return `The server answered with status ${answer.status}.`
  return [problem.data.error.message, problem.data.error.detail].filter(Boolean).join(' ')
}

const Instance = z.object({ instance: z.string(), version: z.string() })

/** Which Gitstead answers at this address, or undefined where none does in time. */
export async function instanceAt(url: string, patienceMs = 3000): Promise<string | undefined> {
  try {
    const answer = await fetch(`${url}${OWN}/instance`, { signal: AbortSignal.timeout(patienceMs), redirect: 'error' })
    return Instance.parse(await answer.json()).instance
  } catch {
    return undefined
  }
}
