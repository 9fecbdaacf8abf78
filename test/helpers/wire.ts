// A push or fetch without git: bytes made by hand and sent at will, in pieces, slowly, or not to the end.
import { spawnSync } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { gitEnv } from './git.ts'
import { ADMIN } from './server.ts'

export const ZERO = '0'.repeat(40)

export function pkt(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text
}

export interface Command {
  ref: string
  oldOid: string
  newOid: string
}

/** What `git push` sends: commands, then the objects that `newOid` has and `oldOid` has not. */
export function pushBody(work: string, commands: Command[], capabilities = 'report-status'): Buffer {
  const lines = commands.map(({ ref, oldOid, newOid }, i) =>
    pkt(`${oldOid} ${newOid} ${ref}${i === 0 ? `\0 ${capabilities}` : ''}`),
  )
  const wanted = commands.filter(({ newOid }) => newOid !== ZERO).map(({ newOid }) => newOid)
  const had = commands.filter(({ oldOid }) => oldOid !== ZERO).map(({ oldOid }) => `^${oldOid}`)
  const pack = spawnSync('git', ['pack-objects', '--revs', '--stdout', '-q'], {
    cwd: work,
    env: gitEnv(`${work}/../home`),
    input: [...wanted, ...had, ''].join('\n'),
    maxBuffer: 1024 ** 3,
  })
  return Buffer.concat([Buffer.from(`${lines.join('')}0000`), wanted.length > 0 ? pack.stdout : Buffer.alloc(0)])
}

export interface Conversation {
  socket: Socket
  /** Everything that came back so far. */
  heard: () => string
  /** Resolves with everything when the server has closed, or its answer is whole. */
  end: Promise<string>
}

/** Opens a POST to a git address as the admin and sends its head; the body is up to the caller. */
export function post(
  server: { port: number },
  at: { repository: string; service: 'git-upload-pack' | 'git-receive-pack' },
  headers: Record<string, string>,
): Conversation {
  const socket = connect({ host: '127.0.0.1', port: server.port })
  let text = ''
  const all = {
    Host: `127.0.0.1:${server.port}`,
    Authorization: `Basic ${Buffer.from(`${ADMIN.name}:${ADMIN.password}`).toString('base64')}`,
    'Content-Type': `application/x-${at.service}-request`,
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`POST /${at.repository}.git/${at.service} HTTP/1.1\r\n${lines.join('')}\r\n`)
  const end = new Promise<string>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (isWhole(text)) resolve(text)
    })
    socket.on('error', () => resolve(text))
    socket.on('close', () => resolve(text))
  })
  return { socket, heard: () => text, end }
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

function isWhole(heard: string): boolean {
  const answer = heard.startsWith(CONTINUE) ? heard.slice(CONTINUE.length) : heard
  const at = answer.indexOf('\r\n\r\n')
  if (at < 0) return false
  const length = /^content-length: (\d+)$/im.exec(answer.slice(0, at))?.[1]
  if (length !== undefined) return answer.length - at - 4 >= Number(length)
  return answer.endsWith('0\r\n\r\n')
}
