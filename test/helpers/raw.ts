// Requests exactly as written: no path is tidied, no header added. For tests that send what no polite client would.
import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'

export interface RawAnswer {
  status: number
  headers: IncomingHttpHeaders
  /** All headers as they came, names and values alternating. */
  rawHeaders: string[]
  text: string
  bytes: Buffer
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of many shapes
  json: any
}

export interface RawAsk {
  method?: string
  path: string
  headers?: Record<string, string | string[]>
  body?: string | Buffer
  /** Address to call from: on Linux all of 127.0.0.0/8 is this machine. */
  from?: string
  agent?: Agent
}

const keepAlive = new Agent({ keepAlive: true, maxSockets: 32 })

export function raw(server: { port: number }, ask: RawAsk): Promise<RawAnswer> {
  const { method = 'GET', path, headers = {}, body, from } = ask
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const call = request({
      host: '127.0.0.1',
      port: server.port,
      method,
      path,
      headers: { ...length, ...headers },
      agent: ask.agent ?? (from === undefined ? keepAlive : new Agent()),
      ...(from === undefined ? {} : { localAddress: from }),
    })
    call.on('error', reject)
    call.on('response', (response) => {
      const chunks: Buffer[] = []
      const finish = (): void => {
        const bytes = Buffer.concat(chunks)
        const text = bytes.toString()
        const { statusCode: status = 0, headers: got, rawHeaders } = response
        resolve({ status, headers: got, rawHeaders, text, bytes, json: parsed(text) })
      }
      // A live stream never ends by itself: its head is the answer.
      if (response.headers['content-type'] === 'text/event-stream') {
        response.on('error', () => {})
        finish()
        return void response.destroy()
      }
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', finish)
      response.on('error', reject)
    })
    call.end(body)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Writes bytes to a fresh socket and gives what came back until the server closed or `ms` passed. */
export function wire(server: { port: number }, bytes: string | Buffer, ms = 2000): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ host: '127.0.0.1', port: server.port })
    const done = (): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(text)
    }
    const timer = setTimeout(done, ms)
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    socket.on('error', done)
    socket.on('close', done)
    socket.write(bytes)
  })
}
