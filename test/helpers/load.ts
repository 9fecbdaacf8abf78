// Many clients at once that ask one thing after the other until they are told to stop, and count what failed.
import { Agent, request, type RequestOptions } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { basic } from './client.ts'
import { ADMIN } from './server.ts'

export interface Load {
  /** Answers that came whole. */
  requests: number
  failed: string[]
  /** Connections that the system had taken for a server that closed its door at that moment: nothing came back. */
  missed: number
  slowestMs: number
  stop: () => Promise<void>
}

interface LoadOptions {
  clients?: number
  headers?: Record<string, string>
  /** Statuses that are no failure. */
  fine?: number[]
  /** The server goes: whoever is not let in any more stops, and has not failed. */
  untilRefused?: boolean
  /** Over HTTPS, with this certificate to trust. */
  ca?: Buffer
  /** How long a client rests between two requests. What else runs on the machine shall come to its turn as well. */
  restMs?: number
}

const REST_MS = 5

/** Pages, API and git's own requests, on kept and on new connections. */
export function load(server: { port: number }, paths: string[], options: LoadOptions = {}): Load {
  const { clients = 6, headers = basic(ADMIN.name, ADMIN.password), fine = [200], untilRefused = false } = options
  const { ca, restMs = REST_MS } = options
  const newAgent = (how = {}): Agent => (ca ? new SecureAgent({ ca, ...how }) : new Agent(how))
  const state = { requests: 0, failed: [] as string[], missed: 0, slowestMs: 0, running: true }
  const one = async (i: number): Promise<void> => {
    const kept = newAgent({ keepAlive: true, maxSockets: 1 })
    for (let n = 0; state.running; n++) {
      const path = paths[(i + n) % paths.length] ?? '/'
      const agent = n % 3 === 0 ? newAgent() : kept
      const began = performance.now()
      const { status, error } = await ask(server.port, path, { headers, agent })
      state.slowestMs = Math.max(state.slowestMs, Math.round(performance.now() - began))
      if (error === 'ECONNREFUSED' && untilRefused) break
      if (error === 'ECONNRESET' && untilRefused) state.missed++
      else if (error !== undefined || !fine.includes(status)) state.failed.push(`${path} ${error ?? status}`)
      state.requests++
      await sleep(restMs)
    }
    kept.destroy()
  }
  const all = Promise.all(Array.from({ length: clients }, (_, i) => one(i)))
  return Object.assign(state, {
    stop: async () => {
      state.running = false
      await all
    },
  })
}

interface Outcome {
  status: number
  error?: string
  /** The connection had served before. */
  kept: boolean
}

/** What is sent on a kept connection that the server ends at this moment is sent again, as every client does. */
async function ask(port: number, path: string, how: How): Promise<Outcome> {
  for (;;) {
    const outcome = await askOnce(port, path, how)
    if (!outcome.kept || outcome.error !== 'ECONNRESET') return outcome
  }
}

interface How {
  headers: Record<string, string>
  agent: Agent
}

function askOnce(port: number, path: string, how: How): Promise<Outcome> {
  const begin = how.agent instanceof SecureAgent ? secureRequest : request
  return new Promise((resolve) => {
    const options: RequestOptions = { host: '127.0.0.1', port, path, ...how }
    const call = begin(options, (response) => {
      const kept = call.reusedSocket
      response.resume()
      response.on('end', () => resolve({ status: response.statusCode ?? 0, kept }))
      // Its answer had begun: nobody sends it again.
      response.on('error', (error) => resolve({ status: 0, error: `half an answer: ${codeOf(error)}`, kept }))
    })
    call.on('error', (error) => resolve({ status: 0, error: codeOf(error), kept: call.reusedSocket }))
    call.end()
  })
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message
}
