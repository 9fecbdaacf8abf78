// Advertisements and ls-refs from a ref snapshot, byte for byte what git would say, without git.
import { createHmac } from 'node:crypto'
import type { Learned } from './learn.ts'
import { FLUSH, lengthOf } from '../format/pktline.ts'
import { firstAtOrAfter, type Ref } from '../refs/refparse.ts'
import { toBytes } from '../format/refnames.ts'
import type { Snapshot } from '../refs/refs.ts'
import type { LsRefs } from './request.ts'

export type Service = 'git-upload-pack' | 'git-receive-pack'
export type Protocol = 0 | 1 | 2

/** What an advertisement depends on besides the refs. */
export interface Telling {
  protocol: Protocol
  memo: Memo
  /** Refs under these names are not told. */
  hidden: readonly string[]
  nonce: string | undefined
}

/** Answers by what they were made from: snapshot version and arguments. Bounded by bytes, least used go first. */
export interface Memo {
  get: (key: string, make: () => Buffer) => Buffer
}

const MEMO_BYTES = 48 * 1024 * 1024
const ENTRY_BYTES = 16 * 1024 * 1024
const ZERO = '0'.repeat(40)

export function openMemo(limit = MEMO_BYTES): Memo {
  const answers = new Map<string, Buffer>()
  let bytes = 0
  return {
    get: (key, make) => {
      const known = answers.get(key)
      if (known) {
        answers.delete(key)
        answers.set(key, known)
        return known
      }
      const made = make()
      if (made.length > Math.min(ENTRY_BYTES, limit)) return made
      answers.set(key, made)
      bytes += made.length + key.length
      for (const [old, answer] of answers) {
        if (bytes <= limit) break
        answers.delete(old)
        bytes -= answer.length + old.length
      }
      return made
    },
  }
}

/** What precedes an advertisement over HTTP; version 2 goes without. */
export function serviceLine(service: Service, protocol: Protocol): string {
  return protocol === 2 ? '' : packetText(`# service=${service}\n`) + FLUSH.toString()
}

/** Git's nonce for push certificates: a time and its seal. Git takes the text for the key and the seed for the text. */
export function pushNonce(seed: string, path: string, seconds: number): string {
  return `${seconds}-${createHmac('sha1', `${path}:${seconds}`).update(seed).digest('hex')}`
}

/** The advertisement of upload-pack in version 0 or 1. */
export function uploadRefs(snapshot: Snapshot, learned: Learned, from: Telling): Buffer {
  const { head } = snapshot
  const symref = head?.target !== undefined && (head.oid !== undefined || learned.unborn.symref)
  const capabilities = learned.upload.join(symref ? ` symref=HEAD:${toBytes(head.target ?? '')}` : '')
  const lines = from.memo.get(`${snapshot.version} upload`, () => bytes(uploadLines(snapshot, from.hidden)))
  const start = preamble('git-upload-pack', from.protocol)
  if (lines.length === 0 && !learned.unborn.capabilities) return bytes(start + FLUSH.toString())
  return withCapabilities(start, capabilities, lines)
}

function preamble(service: Service, protocol: Protocol): string {
  return serviceLine(service, protocol) + (protocol === 1 ? packetText('version 1\n') : '')
}

function uploadLines({ head, refs }: Snapshot, hidden: readonly string[]): string {
  let out = ''
  if (head?.oid !== undefined) {
    out += packetText(`${head.oid} HEAD\n`)
    if (head.peeled !== undefined) out += packetText(`${head.peeled} HEAD^{}\n`)
  }
  for (const ref of refs) {
    if (isHidden(ref, hidden)) continue
    out += packetText(`${ref.oid} ${ref.bytes}\n`)
    if (ref.peeled !== undefined) out += packetText(`${ref.peeled} ${ref.bytes}^{}\n`)
  }
  return out
}

/** The advertisement of receive-pack, which knows versions 0 and 1 and takes 2 for 0. */
export function receiveRefs(snapshot: Snapshot, learned: Learned, from: Telling): Buffer {
  const capabilities = learned.receive.join(from.nonce ?? '')
  const lines = from.memo.get(`${snapshot.version} receive`, () => bytes(receiveLines(snapshot, from.hidden)))
  return withCapabilities(preamble('git-receive-pack', from.protocol), capabilities, lines)
}

/** To whoever is about to push to a repository that is not there yet. No nonce, as that would be made of its place. */
export function receiveNothing(learned: Learned, protocol: Protocol): Buffer {
  const capabilities = learned.receive.join('').replace(/ push-cert=(?=\s|$)/, '')
  return withCapabilities(preamble('git-receive-pack', protocol), capabilities, Buffer.alloc(0))
}

function receiveLines({ refs }: Snapshot, hidden: readonly string[]): string {
  let out = ''
  for (const ref of refs) if (!isHidden(ref, hidden)) out += packetText(`${ref.oid} ${ref.bytes}\n`)
  return out
}

/** Puts the capabilities behind the first line, or on a line of their own where there is none. */
function withCapabilities(start: string, capabilities: string, lines: Buffer): Buffer {
  if (lines.length === 0)
    return Buffer.concat([bytes(start + packetText(`${ZERO} capabilities^{}\0${capabilities}`)), FLUSH])
  const end = Number.parseInt(lines.toString('latin1', 0, 4), 16)
  const first = lines.toString('latin1', 4, end - 1)
  return Buffer.concat([bytes(start + packetText(`${first}\0${capabilities}`)), lines.subarray(end), FLUSH])
}

export function lsRefs(snapshot: Snapshot, args: LsRefs, from: Pick<Telling, 'memo' | 'hidden'>): Buffer {
  const key = `${snapshot.version} ${args.peel} ${args.symrefs} ${args.unborn} ${args.prefixes.join(' ')}`
  return from.memo.get(key, () => bytes(lsLines(snapshot, args, from.hidden)))
}

function lsLines(snapshot: Snapshot, args: LsRefs, hidden: readonly string[]): string {
  const all = args.prefixes.length === 0
  let out = ''
  if (snapshot.head && (all || args.prefixes.some((prefix) => 'HEAD'.startsWith(prefix))))
    out += headLine(snapshot.head, args)
  for (const [from, to] of all ? [[0, snapshot.refs.length] as const] : ranges(snapshot.refs, args.prefixes))
    for (let i = from; i < to; i++) {
      const ref = snapshot.refs[i]
      if (ref && !isHidden(ref, hidden)) out += refLine(`${ref.oid} ${ref.bytes}`, ref, args)
    }
  return out + FLUSH.toString()
}

function headLine(head: NonNullable<Snapshot['head']>, args: LsRefs): string {
  const told = { symref: head.target, peeled: head.peeled }
  if (head.oid !== undefined) return refLine(`${head.oid} HEAD`, told, args)
  return args.unborn && args.symrefs && head.target !== undefined ? refLine('unborn HEAD', told, args) : ''
}

function refLine(start: string, ref: Pick<Ref, 'symref' | 'peeled'>, args: LsRefs): string {
  let text = start
  if (args.symrefs && ref.symref !== undefined) text += ` symref-target:${toBytes(ref.symref)}`
  if (args.peel && ref.peeled !== undefined) text += ` peeled:${ref.peeled}`
  return packetText(`${text}\n`)
}

/** The parts of the sorted list that some prefix covers, in order and without overlap. */
function ranges(refs: readonly Ref[], prefixes: string[]): (readonly [number, number])[] {
  const found: [number, number][] = []
  let kept: string | undefined
  for (const prefix of [...prefixes].sort(compareBytes)) {
    if (kept !== undefined && prefix.startsWith(kept)) continue
    kept = prefix
    const from = firstAtOrAfter(refs, prefix)
    // No byte is as large as this: it sorts behind every name that begins with the prefix.
    found.push([from, firstAtOrAfter(refs, `${prefix}\u0100`, from)])
  }
  return found
}

function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function isHidden(ref: Ref, prefixes: readonly string[]): boolean {
  const { bytes } = ref
  return prefixes.some(
    (prefix) => bytes.startsWith(prefix) && (bytes.length === prefix.length || bytes[prefix.length] === '/'),
  )
}

/** A packet as text of one character per byte. */
function packetText(text: string): string {
  return lengthOf(text.length) + text
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

/** For the transport: what a client asks for with its `Git-Protocol` header. */
export function protocolOf(header: string | undefined): Protocol {
  let highest: Protocol = 0
  for (const part of header?.split(':') ?? []) {
    const version = /^version=([012])$/.exec(part)?.[1]
    if (version !== undefined && Number(version) > highest) highest = Number(version) as Protocol
  }
  return highest
}
