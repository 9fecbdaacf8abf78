// The load's own process: keeps connections busy for a while, or fetches some answers whole and drops the bytes.
import { Agent, request } from 'node:http'

export interface Target {
  url: string
  method: 'GET' | 'POST'
  headers: Record<string, string>
  /** base64, to travel between the processes */
  body: string
}

export type Work =
  | { kind: 'rate'; target: Target; connections: number; seconds: number }
  | { kind: 'transfer'; targets: Target[] }

export interface Outcome {
  requests: number
  /** Answers with a status that is no success, or none at all. */
  failed: number
  bytes: number
  seconds: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

function send({ url, method, headers, body }: Target): Promise<{ status: number; bytes: number }> {
  return new Promise((resolve) => {
    const bytes = Buffer.from(body, 'base64')
    const length = method === 'POST' ? { 'Content-Length': bytes.length } : {}
    const call = request(url, { method, agent, headers: { ...headers, ...length } }, (answer) => {
      let read = 0
      answer.on('data', (chunk: Buffer) => (read += chunk.length))
      answer.on('close', () => resolve({ status: answer.complete ? (answer.statusCode ?? 0) : 0, bytes: read }))
    })
    call.on('error', () => resolve({ status: 0, bytes: 0 }))
    call.end(bytes)
  })
}

async function perform(work: Work): Promise<Outcome> {
  const outcome: Outcome = { requests: 0, failed: 0, bytes: 0, seconds: 0 }
  const start = performance.now()
  const one = async (target: Target): Promise<void> => {
    const { status, bytes } = await send(target)
    outcome.requests += 1
    outcome.bytes += bytes
    if (status < 200 || status > 299) outcome.failed += 1
  }
  if (work.kind === 'transfer') await Promise.all(work.targets.map(one))
  else {
    const { target, seconds } = work
    const busy = async (): Promise<void> => {
      while (performance.now() - start < seconds * 1000) await one(target)
    }
    await Promise.all(Array.from({ length: work.connections }, busy))
  }
  outcome.seconds = (performance.now() - start) / 1000
  return outcome
}

process.on('message', (work: Work) => {
  void perform(work).then((outcome) => process.send?.(outcome))
})
process.on('disconnect', () => process.exit(0))
