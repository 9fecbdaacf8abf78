// The one door to the server: same origin, CSRF token on changes, errors as values that pages can show.
import type { Session } from '../server/contract/gitstead.ts'

const LASTING = new Set(['git.corrupt', 'storage.missing', 'storage.full'])

export class ApiError extends Error {
  readonly status: number
  readonly detail: string | undefined
  readonly code: string | undefined
  readonly fields: Record<string, string>
  /** What a page needs to go on. */
  readonly data: Record<string, unknown>
  constructor(status: number, body: ErrorBody | undefined) {
    const { message, detail, fields = {}, data = {} } = body?.error ?? {}
    super(message ?? sentenceFor(status))
    this.status = status
    this.detail = detail
    this.data = data
    this.code = data.code
    this.fields = Object.fromEntries(Object.entries(fields).map(([name, problems]) => [name, problems[0] ?? '']))
  }
  /** Whether the same question may be answered in a moment: what is damaged or missing stays so. */
  get mayPass(): boolean {
    return this.status === 0 || (this.status >= 502 && !LASTING.has(this.code ?? ''))
  }
  /** What to show a person: the particular reason where there is one, without the name that programs give the field. */
  get reason(): string {
    // A detail may be no sentence by itself: then the message has it inside.
    const told = this.detail === undefined || this.message.includes(this.detail) ? this.message : this.detail
    const field = Object.keys(this.fields).find((name) => told.startsWith(`${name}: `))
    return field === undefined ? told : told.slice(field.length + 2)
  }
}

interface ErrorBody {
  error?: {
    message?: string
    detail?: string
    fields?: Record<string, string[]>
    data?: { code?: string; [name: string]: unknown }
  }
}

function sentenceFor(status: number): string {
  if (status === 0) return 'The server cannot be reached. Is it running, and are you on its network?'
  return status >= 500 ? 'The server could not do this.' : 'The server refused this.'
}

export const OWN = '/api/gitstead/1'

let csrf = ''

/** Every answer of the session resource passes here, so that the token sent is the session's own. */
export function rememberSession(session: Session): Session {
  csrf = session.csrf
  return session
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Throws ApiError for every answer that is not a success, with status 0 when there was none. */
export async function call<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(method, path, { body, signal })
  const text = await response.text()
  if (!response.ok) throw new ApiError(response.status, parse(text) as ErrorBody | undefined)
  return (text === '' ? undefined : parse(text)) as T
}

/** The text of a resource that is not JSON, such as a file or a diff. */
export async function callText(path: string, signal?: AbortSignal): Promise<string> {
  const response = await send('GET', path, { signal })
  const text = await response.text()
  if (!response.ok) throw new ApiError(response.status, parse(text) as ErrorBody | undefined)
  return text
}

/** Values that the server tells one by one, a line of JSON for each, as they come: those of one moment together. */
export async function* callLines<T>(path: string, signal: AbortSignal): AsyncGenerator<T[]> {
  const response = await send('GET', path, { signal })
  if (!response.ok || !response.body)
    throw new ApiError(response.status, parse(await response.text()) as ErrorBody | undefined)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + piece.value).split('\n')
    rest = lines.pop() ?? ''
    if (lines.length > 0) yield lines.map((line) => JSON.parse(line) as T)
  }
}

/** The same, byte by byte. */
export async function callBytes(path: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const response = await send('GET', path, { signal })
  if (!response.ok) throw new ApiError(response.status, parse(await response.text()) as ErrorBody | undefined)
  return new Uint8Array(await response.arrayBuffer())
}

/** Sends a form and tells how many of its bytes are on their way, which `fetch` does not. */
export function sendForm<T>(
  path: string,
  form: FormData | URLSearchParams,
  { onProgress, signal }: { onProgress?: (bytes: number) => void; signal?: AbortSignal } = {},
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const request = new XMLHttpRequest()
  request.open('POST', path)
  request.setRequestHeader('Accept', 'application/json')
  request.setRequestHeader('X-CSRF-Token', csrf)
  request.upload.addEventListener('progress', ({ loaded }) => onProgress?.(loaded))
  request.addEventListener('load', () => {
    const body = parse(request.responseText)
    if (request.status < 300) resolve(body as T)
    else reject(new ApiError(request.status, body as ErrorBody | undefined))
  })
  request.addEventListener('error', () => reject(new ApiError(0, undefined)))
  request.addEventListener('abort', () => reject(signal?.reason))
  signal?.addEventListener('abort', () => request.abort(), { once: true })
  request.send(form)
  return promise
}

async function send(
  method: Method,
  path: string,
  what: { body?: unknown; signal?: AbortSignal | undefined },
): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') headers['X-CSRF-Token'] = csrf
  if (what.body !== undefined) headers['Content-Type'] = 'application/json'
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...(what.body === undefined ? {} : { body: JSON.stringify(what.body) }),
      ...(what.signal ? { signal: what.signal } : {}),
    })
  } catch (error) {
    if (what.signal?.aborted) throw error
    throw new ApiError(0, undefined)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A path of the API from its parts, each encoded; slashes inside a part stay inside it. */
export function path(...parts: string[]): string {
  return `/${parts.map((part) => encodeURIComponent(part)).join('/')}`
}

/** All pages of a list, up to `most` values: for the short lists that pages show whole. */
export async function callAll<T>(start: string, most = 500, signal?: AbortSignal): Promise<T[]> {
  const values: T[] = []
  let next: string | undefined = start + (start.includes('?') ? '&' : '?') + 'pagelen=100'
  while (next !== undefined && values.length < most) {
    const page: { values: T[]; next?: string } = await call('GET', next, undefined, signal)
    values.push(...page.values)
    next = page.next === undefined ? undefined : new URL(page.next).pathname + new URL(page.next).search
  }
  return values
}
