// A client's request in protocol version 2, and what of it we understand. Pure; mistakes are left to git to name.
import { line, packets, type Packet } from '../format/pktline.ts'

export interface Request {
  command: string
  /** Capabilities that the client states; all of them are ones that change no answer. */
  stated: string[]
  /** In bytes: one character each. */
  args: string[]
}

export interface LsRefs {
  peel: boolean
  symrefs: boolean
  unborn: boolean
  /** In bytes; none means all. */
  prefixes: string[]
}

/** Git gives up filtering at this many prefixes and sends all. */
const PREFIXES_MAX = 65536

/** All packets of a body; undefined when they are none. */
export function readPackets(body: Buffer): Packet[] | undefined {
  try {
    return packets(body)
  } catch {
    return undefined
  }
}

export function textOf(packet: Packet): string {
  return packet.kind === 'data' ? line(packet.data, 'latin1') : packet.kind
}

/** Undefined for what is not one well-formed request with nothing unusual stated. */
export function parseRequest(all: readonly Packet[]): Request | undefined {
  const kinds = all.map((packet) => packet.kind)
  const end = kinds.indexOf('flush')
  const delim = kinds.indexOf('delim')
  const headEnd = delim < 0 ? end : delim
  const dataOnly = kinds.filter((kind) => kind === 'data').length === all.length - (delim < 0 ? 1 : 2)
  if (end !== all.length - 1 || headEnd < 1 || !dataOnly) return undefined
  const [command = '', ...stated] = all.slice(0, headEnd).map(textOf)
  const args = all.slice(headEnd + 1, end).map(textOf)
  if (!command.startsWith('command=') || !stated.every(isUsual)) return undefined
  return { command: command.slice(8), stated, args }
}

function isUsual(capability: string): boolean {
  return /^(agent=|server-option=)/.test(capability) || capability === 'object-format=sha1'
}

/** Undefined for an argument that git would refuse. */
export function parseLsRefs(request: Request): LsRefs | undefined {
  const listing: LsRefs = { peel: false, symrefs: false, unborn: false, prefixes: [] }
  for (const arg of request.args) {
    if (arg === 'peel' || arg === 'symrefs' || arg === 'unborn') listing[arg] = true
    else if (arg.startsWith('ref-prefix ')) listing.prefixes.push(arg.slice(11))
    else return undefined
  }
  if (listing.prefixes.length >= PREFIXES_MAX) listing.prefixes = []
  return listing
}
