// The head of a push: which refs it wants to move, read from the body before the pack, which is left unread.
import type { Readable, Transform, Writable } from 'node:stream'
import { Fault } from '../../kit/fault.ts'
import { FLUSH, line, packetReader, packets, pkt, type Packet } from '../format/pktline.ts'

export interface RefCommand {
  ref: string
  oldOid: string
  newOid: string
}

export interface Push {
  commands: RefCommand[]
  /** What the client states; values of `name=value` are kept. */
  capabilities: Map<string, string>
  options: string[]
  /** The signed text of `git push --signed`, its signature included. */
  certificate?: string
  /** The bytes read so far, for git. */
  head: Buffer
  /** The rest of the body: the pack, if any. */
  rest: Readable
}

const HEAD_MAX = 8 * 1024 * 1024
// Names of refs go back to the terminal of whoever pushes, and into lists of lines: no control characters in them.
const COMMAND = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) (\P{Cc}+)$/u
const SIGNATURE = /^-----BEGIN (PGP SIGNATURE|PGP MESSAGE|SIGNED MESSAGE|SSH SIGNATURE)-----/

export async function readPush(body: Readable): Promise<Push> {
  const reader = packetReader(body, HEAD_MAX)
  const head: Buffer[] = []
  const next = async (): Promise<Packet | undefined> => {
    const packet = await reader.next()
    if (packet) head.push(packet.kind === 'data' ? pkt(packet.data) : FLUSH)
    return packet
  }
  const commands: RefCommand[] = []
  let capabilities: Map<string, string> | undefined
  let certificate: string | undefined
  for (let packet = await next(); packet?.kind === 'data'; packet = await next()) {
    const [text, stated] = splitAtNul(lineOf(packet.data))
    if (stated !== undefined) {
      if (capabilities) throw invalid('Capabilities are stated more than once.')
      capabilities = readCapabilities(stated)
    }
    if (text === 'push-cert') {
      certificate = await readCertificate(next)
      commands.push(...certifiedCommands(certificate))
    } else if (!/^shallow [0-9a-f]+$/.test(text)) commands.push(readCommand(text))
  }
  const options = capabilities?.has('push-options') ? await readOptions(next) : []
  reader.release()
  return {
    commands,
    capabilities: capabilities ?? new Map(),
    options,
    ...(certificate !== undefined && { certificate }),
    head: Buffer.concat(head),
    rest: body,
  }
}

/** The same push without its commands for these refs. Of a signed one nothing can be left out. */
export function withoutRefs(push: Push, refs: { has: (ref: string) => boolean }): Push {
  const all = packets(push.head)
  const end = all.findIndex(({ kind }) => kind !== 'data')
  const lines = all.slice(0, end).flatMap((packet) => (packet.kind === 'data' ? [splitAtNul(line(packet.data))] : []))
  const stated = lines.find(([, capabilities]) => capabilities !== undefined)?.[1] ?? ''
  const shallow = lines.flatMap(([text]) => (text.startsWith('shallow ') ? [pkt(text)] : []))
  const commands = push.commands.filter(({ ref }) => !refs.has(ref))
  const kept = commands.map(({ oldOid, newOid, ref }, i) =>
    pkt(`${oldOid} ${newOid} ${ref}${i === 0 ? `\0${stated}` : ''}`),
  )
  const rest = all.slice(end).map((packet) => (packet.kind === 'data' ? pkt(packet.data) : FLUSH))
  return { ...push, commands, head: Buffer.concat([...shallow, ...kept, ...rest]) }
}

/** Reads what a client still sends, so that it gets to read our answer; up to a bound, then the connection is cut. */
export function drain(body: Readable, limit = 256 * 1024 * 1024): void {
  let size = 0
  body.on('error', () => {})
  body.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > limit) body.destroy()
  })
  body.resume()
}

/** Head and pack go to git as fast as it takes them, the pack by way of `through`. A git that ends early leaves the client to be read to its end. */
export function feed({ head, rest }: Pick<Push, 'head' | 'rest'>, stdin: Writable, through?: Transform): void {
  stdin.write(head)
  if (through) rest.pipe(through).pipe(stdin)
  else rest.pipe(stdin)
  const cut = (): void => {
    if (!rest.readableEnded) stdin.destroy()
  }
  rest.once('error', cut).once('close', cut)
  stdin.once('close', () => {
    rest.unpipe()
    if (!rest.readableEnded && !rest.destroyed) drain(rest)
  })
}

/** Names are decided upon as text: bytes that are none could mean one thing to a rule and another to git. */
function lineOf(data: Buffer): string {
  const text = line(data)
  if (text.includes('\ufffd')) throw invalid('Names of refs must be UTF-8.')
  return text
}

function splitAtNul(text: string): [string, string | undefined] {
  const at = text.indexOf('\0')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function readCommand(text: string): RefCommand {
  const [, oldOid, newOid, ref] = COMMAND.exec(text) ?? []
  if (oldOid === undefined || newOid === undefined || ref === undefined)
    throw invalid('The list of refs in the push is not understood.')
  return { ref, oldOid, newOid }
}

function readCapabilities(stated: string): Map<string, string> {
  const words = stated.split(' ').filter(Boolean)
  return new Map(words.map((word) => splitAt(word, word.indexOf('='))))
}

function splitAt(word: string, at: number): [string, string] {
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)]
}

async function readCertificate(next: () => Promise<Packet | undefined>): Promise<string> {
  const lines: string[] = []
  for (;;) {
    const packet = await next()
    if (packet?.kind !== 'data') throw invalid('The push certificate has no end.')
    lineOf(packet.data)
    const text = packet.data.toString('utf8')
    // Git reads up to a NUL: what stands behind it would be a certificate for us and none for git.
    if (text.includes('\0')) throw invalid('The push certificate is not understood.')
    if (text === 'push-cert-end\n') return lines.join('')
    lines.push(text)
  }
}

/** The commands stand between the first empty line and the signature. */
function certifiedCommands(certificate: string): RefCommand[] {
  // Only a line feed ends a line for git; the multi-line mode of an expression would see more ends.
  const lines = certificate.split('\n')
  const start = lines.indexOf('')
  const end = lines.findIndex((text) => SIGNATURE.test(text))
  if (start < 0 || start === lines.length - 1 || (end >= 0 && end < start))
    throw invalid('The push certificate is not understood.')
  const commands = lines.slice(start + 1, end < 0 ? undefined : end)
  return commands.filter((text) => text !== '').map(readCommand)
}

async function readOptions(next: () => Promise<Packet | undefined>): Promise<string[]> {
  const options: string[] = []
  for (let packet = await next(); packet?.kind === 'data'; packet = await next()) options.push(line(packet.data))
  return options
}

function invalid(detail: string): Fault {
  return new Fault('request.invalid', { detail })
}
