// The smallest HTTP server around the git rooms, so that real git clients can use them without the product's transport.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { protocolOf, type Service } from '../../server/git/wire/advertise.ts'
import { advertise, openWire, uploadPack, type Serving, type UploadAsk } from '../../server/git/wire/serve.ts'
import { openPackCache, type PackCacheOptions } from '../../server/git/wire/packcache.ts'
import { openRefs, type Repo } from '../../server/git/refs/refs.ts'
import { Fault } from '../../server/kit/fault.ts'
import type { Lab } from './lab.ts'

export interface Door {
  serving: Serving
  url: (repo: Repo) => string
  /** Requests so far, as `METHOD path`. */
  seen: string[]
  /** How many answers ended in an error after they had begun. */
  broken: () => number
  close: () => Promise<void>
}

type Push = (serving: Serving, repo: Repo, ask: UploadAsk) => Promise<Buffer | Readable>

/** The rooms that serving needs, over the git of a lab. */
export function openLabServing({ git, dir }: Lab, packs: Partial<PackCacheOptions> = {}): Serving {
  const cache = openPackCache({ dir: join(dir, 'packs'), minFreeBytes: 0, ...packs })
  return { git, refs: openRefs(git), packs: cache, wire: openWire(git) }
}

async function send(res: ServerResponse, answer: Buffer | Readable, type: string): Promise<void> {
  res.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' })
  if (answer instanceof Readable) await pipeline(answer, res)
  else res.end(answer)
}

export async function openDoor(
  lab: Lab,
  repos: () => Repo[],
  options: { packs?: Partial<PackCacheOptions>; push?: Push } = {},
): Promise<Door> {
  const serving = openLabServing(lab, options.packs)
  const seen: string[] = []
  let broken = 0

  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const url = new URL(req.url ?? '/', 'http://door')
    seen.push(`${req.method} ${url.pathname}`)
    const [, id, rest] = /^\/([^/]+)\.git\/(.+)$/.exec(url.pathname) ?? []
    const repo = repos().find((one) => one.id === id)
    if (!repo) return void res.writeHead(404).end()
    const gone = new AbortController()
    res.on('close', () => res.writableFinished || gone.abort())
    const protocol = protocolOf(req.headers['git-protocol'] as string | undefined)
    const service = (url.searchParams.get('service') ?? rest) as Service
    const body = req.headers['content-encoding'] === 'gzip' ? req.pipe(createGunzip()) : req
    try {
      const ask = { protocol, body, signal: gone.signal }
      const kind = req.method === 'GET' ? 'advertisement' : 'result'
      const answer = req.method === 'GET' ? advertise(serving, repo, { service, protocol }) : post(repo, service, ask)
      await send(res, await answer, `application/x-${service}-${kind}`)
    } catch (error) {
      broken++
      if (res.headersSent) res.destroy()
      else
        res.writeHead(error instanceof Fault ? error.status : 500, { 'content-type': 'text/plain' }).end(String(error))
    }
  }
  const post = async (repo: Repo, service: Service, ask: UploadAsk): Promise<Buffer | Readable> => {
    if (service === 'git-upload-pack') return uploadPack(serving, repo, ask)
    return (await options.push?.(serving, repo, ask)) ?? Buffer.alloc(0)
  }
  const server: Server = createServer((req, res) => void handle(req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    serving,
    url: (repo) => `http://127.0.0.1:${port}/${repo.id}.git`,
    seen,
    broken: () => broken,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      serving.packs.close()
    },
  }
}
