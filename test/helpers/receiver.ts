// Somebody who is told by webhooks: keeps what arrives, and answers as a test wants.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Arrived {
  headers: Record<string, string | undefined>
  text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- payloads of many shapes, looked into by each test
  body: any
}

export interface Receiver {
  url: string
  port: number
  arrived: Arrived[]
  /** How many connections came in at all. */
  connections: () => number
  answer: (request: IncomingMessage, response: ServerResponse) => void
  close(): Promise<void>
}

export function ok(_request: IncomingMessage, response: ServerResponse): void {
  response.end('thanks')
}

export async function openReceiver(port = 0): Promise<Receiver> {
  let connections = 0
  const arrived: Arrived[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      arrived.push({ headers: request.headers as Arrived['headers'], text, body: JSON.parse(text) })
      receiver.answer(request, response)
    })
  })
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const own = (server.address() as AddressInfo).port
  const receiver: Receiver = {
    url: `http://127.0.0.1:${own}/`,
    port: own,
    arrived,
    connections: () => connections,
    answer: ok,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}
