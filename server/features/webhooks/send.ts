// One HTTP request of a hook: to the checked address only, no redirect followed, bounded in time and in what is read.
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { request as http, requestTls as https } from '../../kit/http.ts'
import { checkedAddress, type Self } from '../../kit/netguard.ts'

export const DEADLINE_MS = 10_000
export const ANSWER_MAX = 16 * 1024

export interface Sending {
  url: string
  headers: Record<string, string>
  body: string
  allowed: readonly string[]
  /** The port that this server listens on itself. */
  ownPort: number
  signal: AbortSignal
}

export interface Answer {
  status: number
  headers: Record<string, string>
  /** As far as it was read. */
  body: string
}

/** Throws when the address is refused, nobody answers, or the answer takes too long. */
export async function send({ url: text, headers, body, allowed, ownPort, signal }: Sending): Promise<Answer> {
  const url = new URL(text)
  const address = await checkedAddress(url, allowed, undefined, selfOn(ownPort))
  const family = isIP(address) as 4 | 6
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)])
  const start = url.protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      agent: false as const,
      signal: deadline,
      // The name is not resolved again: it may lead elsewhere the second time.
      lookup: (_host: string, wish: { all?: boolean }, done: Lookup): void =>
        wish.all === true ? done(null, [{ address, family }]) : done(null, address, family),
    }
    const request = start(url, options, (response) => {
      read(response).then(resolve, (error: unknown) => reject(inWords(error, signal)))
    })
    request.on('error', (error) => reject(inWords(error, signal)))
    request.end(body)
  })
}

type Lookup = (error: null, address: string | { address: string; family: number }[], family?: number) => void

function selfOn(port: number): Self {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return { port, addresses: all.map(({ address }) => address) }
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    // Leaving the loop closes the connection.
    if (size >= ANSWER_MAX) break
  }
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const)
  const body = Buffer.concat(chunks).subarray(0, ANSWER_MAX).toString('utf8')
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(headers), body }
}

function inWords(error: unknown, signal: AbortSignal): Error {
  const name = error instanceof Error ? error.name : ''
  if (!signal.aborted && (name === 'AbortError' || name === 'TimeoutError')) {
    return new Error(`There was no complete answer within ${DEADLINE_MS / 1000} seconds.`)
  }
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ECONNREFUSED') return new Error('Nobody listens at this address.')
  return error instanceof Error ? error : new Error(String(error))
}
