// The HTTP of a lent folder: the smart and the dumb protocol with the headers that git http-backend sends, and no others.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { protocolOf } from '../git/wire/advertise.ts'
import { readPush } from '../git/wire/push.ts'
import { receivePack } from '../git/wire/receive.ts'
import { advertise, type Repo, type Serving, uploadPack } from '../git/wire/serve.ts'
import { sendAll } from '../kit/chunks.ts'
import { Fault } from '../kit/fault.ts'
import type { Log } from '../kit/log.ts'
import { dumbFile, dumbRefs, isDumb } from './dumb.ts'
import { allows, findRepository } from './folder.ts'

export interface Lending {
  root: string
  /** Whether pushes are taken where the repository's own config says nothing (`http.receivepack`). */
  allowPush: boolean
  log: Log
}

const ADDRESS = /^(\/.+?)\/(info\/refs|git-upload-pack|git-receive-pack|HEAD|objects\/.+)$/
const NO_CACHE = {
  Expires: 'Fri, 01 Jan 1980 00:00:00 GMT',
  Pragma: 'no-cache',
  'Cache-Control': 'no-cache, max-age=0, must-revalidate',
}

type Service = 'git-upload-pack' | 'git-receive-pack'
type Exchange = { request: IncomingMessage; response: ServerResponse }

/** What is answered instead of a service, in http-backend's words. */
class Denial extends Error {
  readonly status: number
  readonly headers: Record<string, string>
  constructor(status: number, message = '', headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

export function lend(serving: Serving, lending: Lending): RequestListener {
  return (request, response) => {
    response.sendDate = false
    // Node would add these two; http-backend does not.
    response.removeHeader('Connection')
    response.removeHeader('Keep-Alive')
    answer(serving, lending, { request, response }).catch((error: unknown) =>
      refuse(lending, { request, response }, error),
    )
  }
}

async function answer(serving: Serving, lending: Lending, exchange: Exchange): Promise<void> {
  const { request } = exchange
  checkLocal(request)
  const url = new URL(request.url ?? '/', 'http://localhost')
  const [, path = '', what = ''] = ADDRESS.exec(url.pathname) ?? []
  const repo = path === '' ? undefined : findRepository(lending.root, path)
  if (!repo) throw new Denial(404)
  if (what === 'git-upload-pack' || what === 'git-receive-pack')
    return rpc(serving, lending, { ...exchange, repo, service: what })
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new Denial(405, '', { Allow: 'GET, HEAD' })
  if (what === 'info/refs') return refs(serving, lending, { ...exchange, repo, asked: url.searchParams.get('service') })
  return plainFile(serving, lending, { ...exchange, repo, what })
}

async function plainFile(
  serving: Serving,
  lending: Lending,
  { repo, what, ...exchange }: Exchange & { repo: Repo; what: string },
): Promise<void> {
  if (!isDumb(what)) throw new Denial(404)
  await enabled(serving, lending, repo, 'getanyfile')
  const file = await dumbFile(repo, what)
  if (!file) throw new Denial(404)
  const caching = file.forever ? forever() : NO_CACHE
  send(exchange, { ...caching, ...file.headers }, file.body)
}

/** A page elsewhere must not reach this server under a name of its own. */
function checkLocal(request: IncomingMessage): void {
  const name = (request.headers.host ?? '').replace(/:\d+$/, '')
  if (name !== 'localhost' && name !== '127.0.0.1' && name !== '[::1]' && name !== '') throw new Denial(403)
  if (request.headers.origin !== undefined) throw new Denial(403)
}

async function refs(
  serving: Serving,
  lending: Lending,
  { repo, asked, ...exchange }: Exchange & { repo: Repo; asked: string | null },
): Promise<void> {
  if (asked === null) {
    await enabled(serving, lending, repo, 'getanyfile')
    return send(exchange, { ...NO_CACHE, 'Content-Type': 'text/plain' }, await dumbRefs(serving, repo))
  }
  if (asked !== 'git-upload-pack' && asked !== 'git-receive-pack')
    throw new Denial(403, `Unsupported service: '${asked}'`)
  await enabled(serving, lending, repo, asked === 'git-upload-pack' ? 'uploadpack' : 'receivepack')
  const protocol = protocolOf(header(exchange.request, 'git-protocol'))
  const body = await advertise(serving, repo, { service: asked, protocol })
  send(exchange, { ...NO_CACHE, 'Content-Type': `application/x-${asked}-advertisement` }, body)
}

async function rpc(
  serving: Serving,
  lending: Lending,
  { repo, service, request, response }: Exchange & { repo: Repo; service: Service },
): Promise<void> {
  if (request.method !== 'POST') throw new Denial(405, '', { Allow: 'POST' })
  await enabled(serving, lending, repo, service === 'git-upload-pack' ? 'uploadpack' : 'receivepack')
  const wanted = `application/x-${service}-request`
  const sent = request.headers['content-type'] ?? ''
  if (sent !== wanted)
    throw new Denial(415, `Expected POST with Content-Type '${wanted}', but received '${sent}' instead.\n`)
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  if (response.destroyed) gone.abort()
  const encoding = request.headers['content-encoding'] ?? ''
  const body: Readable = /^(x-)?gzip$/.test(encoding) ? pipeline(request, createGunzip(), () => {}) : request
  const protocol = protocolOf(header(request, 'git-protocol'))
  const reply =
    service === 'git-upload-pack'
      ? await uploadPack(serving, repo, { protocol, body, signal: gone.signal })
      : await receivePack(serving, repo, await readPush(body), {
          signal: gone.signal,

          onResult: () => Promise.resolve([]),
        })
  send({ request, response }, { ...NO_CACHE, 'Content-Type': `application/x-${service}-result` }, reply)
}

/** The repository's own config decides, as it does for http-backend: pushes only where it says so or the lender does. */
async function enabled(
  serving: Serving,
  lending: Lending,
  repo: Repo,
  what: 'getanyfile' | 'uploadpack' | 'receivepack',
): Promise<void> {
  const byDefault = what === 'receivepack' ? lending.allowPush : true
  if (!(await allows(serving.git, repo, `http.${what}`, byDefault)))
    throw new Denial(403, `Service not enabled: '${what}'`)
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function forever(): Record<string, string> {
  const year = new Date(Date.now() + 31_536_000_000).toUTCString()
  return { Date: new Date().toUTCString(), Expires: year, 'Cache-Control': 'public, max-age=31536000' }
}

function send({ request, response }: Exchange, headers: Record<string, string>, body: Buffer | Readable): void {
  response.writeHead(200, headers)
  if (request.method === 'HEAD') {
    if (!Buffer.isBuffer(body)) body.destroy()
    return void response.end()
  }
  if (Buffer.isBuffer(body)) return void response.end(body)
  sendAll(body, response)
}

function refuse(lending: Lending, { request, response }: Exchange, error: unknown): void {
  if (response.headersSent) return void response.destroy()
  const denial = error instanceof Denial ? error : new Denial(error instanceof Fault ? error.status : 500)
  if (denial !== error)
    lending.log.warn({ err: error, path: request.url?.split('?')[0] }, 'a request could not be served')
  request.resume()
  response.writeHead(denial.status, { ...NO_CACHE, ...denial.headers })
  response.end(denial.status === 415 ? denial.message : undefined)
}
