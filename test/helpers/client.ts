// A caller of the HTTP API: as guest, with Basic credentials, or signed in like a browser.
import { ADMIN, type Server } from './server.ts'

export interface Answer {
  status: number
  headers: Headers
  text: string
  // Tests look into answers of many shapes; a wrong guess fails the test.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any
}

export interface Client {
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body?: unknown): Promise<Answer>
  put(path: string, body?: unknown): Promise<Answer>
  patch(path: string, body?: unknown): Promise<Answer>
  delete(path: string): Promise<Answer>
}

export function client(server: Pick<Server, 'url'>, fixed: Record<string, string> = {}): Client {
  const call: Client['call'] = async (method, path, body, headers = {}) => {
    const content = body === undefined ? {} : { body: JSON.stringify(body) }
    const sent = { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...fixed, ...headers }
    const response = await fetch(server.url + path, { method, headers: sent, redirect: 'manual', ...content })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: parsed(text) }
  }
  return {
    call,
    get: (path, headers) => call('GET', path, undefined, headers),
    post: (path, body = {}) => call('POST', path, body),
    put: (path, body = {}) => call('PUT', path, body),
    patch: (path, body = {}) => call('PATCH', path, body),
    delete: (path) => call('DELETE', path),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function basic(name: string, password: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` }
}

/** Signed in like a browser: cookie and CSRF token on every call. */
export async function signIn(server: Pick<Server, 'url'>, name?: string, password?: string): Promise<Client> {
  return client(server, await session(server, name, password))
}

/** The headers of a new session. */
export async function session(
  server: Pick<Server, 'url'>,
  name = ADMIN.name,
  password = ADMIN.password,
): Promise<Record<string, string>> {
  const answer = await client(server).post('/api/gitstead/1/session', { username: name, password })
  if (answer.status !== 201) throw new Error(`${name} could not sign in: ${answer.text}`)
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return { Cookie: cookie, 'X-CSRF-Token': answer.body.csrf }
}

/** Invites and accepts: a fresh account with the wanted role and grants, signed in. */
export async function teammate(
  server: Pick<Server, 'url'>,
  by: Client,
  who: { name: string; workspace?: string; role?: string; grants?: { repository: string; permission: string }[] },
): Promise<Client> {
  const { name, workspace = ADMIN.name, role = 'collaborator', grants = [] } = who
  const invited = await by.post('/api/gitstead/1/invitations', { workspace, role, grants })
  if (invited.status !== 201) throw new Error(`no invitation: ${invited.text}`)
  const token = new URL(invited.body.url).hash.replace('#token=', '')
  const account = { username: name, display_name: name, password: `${name} has a password` }
  const accepted = await client(server).post(`/api/gitstead/1/links/${token}/accept`, account)
  if (accepted.status !== 201) throw new Error(`not accepted: ${accepted.text}`)
  return signIn(server, name, account.password)
}
