// Git's framing on the wire: four hex digits of length, then bytes; and the bands that multiplex pack, progress, errors.
import type { Readable } from 'node:stream'
import { Fault } from '../../kit/fault.ts'

export type Packet = { kind: 'data'; data: Buffer } | { kind: 'flush' | 'delim' | 'end' }

export const FLUSH = Buffer.from('0000')
export const DELIM = Buffer.from('0001')

/** The longest packet, its length digits included. */
const PACKET_MAX = 65520

export function pkt(data: string | Buffer): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  if (bytes.length > PACKET_MAX - 4) throw new RangeError('a packet holds at most 65516 bytes')
  return Buffer.concat([Buffer.from(lengthOf(bytes.length)), bytes])
}

/** The length digits of a packet that carries so many bytes. */
export function lengthOf(bytes: number): string {
  return (bytes + 4).toString(16).padStart(4, '0')
}

/** Bytes on a band of side-band-64k (or of the older side-band, whose packets end at 1000 bytes). */
export function band(number: 1 | 2 | 3, data: string | Buffer, packetMax = PACKET_MAX): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; at += packetMax - 5) {
    const piece = bytes.subarray(at, at + packetMax - 5)
    parts.push(Buffer.from(lengthOf(piece.length + 1)), Buffer.of(number), piece)
  }
  return Buffer.concat(parts)
}

export interface Splitter {
  push: (chunk: Buffer) => void
  /** The next whole packet, or undefined until more bytes come. Its data is a view, valid as long as its chunk. */
  next: () => Packet | undefined
  /** The bytes not yet part of a packet that was taken. */
  rest: () => Buffer
}

/** Cuts chunks of any size into packets. Throws `request.invalid` at bytes that are not pkt-lines. */
export function splitter(): Splitter {
  let buffer: Buffer = Buffer.alloc(0)
  const take = (length: number): Buffer => {
    const head = buffer.subarray(0, length)
    buffer = buffer.subarray(length)
    return head
  }
  return {
    push: (chunk) => {
      buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk])
    },
    next: () => {
      if (buffer.length < 4) return undefined
      const length = parseLength(buffer)
      if (length < 4) {
        take(4)
        return { kind: length === 0 ? 'flush' : length === 1 ? 'delim' : 'end' }
      }
      if (buffer.length < length) return undefined
      return { kind: 'data', data: take(length).subarray(4) }
    },
    rest: () => buffer,
  }
}

function parseLength(buffer: Buffer): number {
  const digits = buffer.toString('latin1', 0, 4)
  const length = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1
  if (length < 0 || length === 3 || length > PACKET_MAX)
    throw new Fault('request.invalid', { detail: 'The bytes received are not in the packet format of git.' })
  return length
}

/** All packets of a complete message. Throws `request.invalid` when it ends inside a packet. */
export function packets(message: Buffer): Packet[] {
  const split = splitter()
  split.push(message)
  const all: Packet[] = []
  for (let one = split.next(); one; one = split.next()) all.push(one)
  if (split.rest().length > 0) throw new Fault('request.invalid', { detail: 'The request ends inside a packet.' })
  return all
}

/** The text of a packet without the newline that a writer may or may not have added. */
export function line(data: Buffer, encoding: 'utf8' | 'latin1' = 'utf8'): string {
  const text = data.toString(encoding)
  return text.endsWith('\n') ? text.slice(0, -1) : text
}

/** Reads packets from the head of a stream and leaves the rest of it to whoever reads on. */
export interface PacketReader {
  /** Undefined at the end of the stream. */
  next: () => Promise<Packet | undefined>
  /** Gives unread bytes back to the stream. */
  release: () => void
}

/** `limit`: bytes that the head may have in all, else `request.too-large`. */
export function packetReader(body: Readable, limit: number): PacketReader {
  const split = splitter()
  let seen = 0
  return {
    next: async () => {
      for (;;) {
        const packet = split.next()
        if (seen - split.rest().length > limit) throw new Fault('request.too-large')
        if (packet) return packet
        const chunk = await readChunk(body)
        if (!chunk) {
          if (split.rest().length > 0)
            throw new Fault('request.invalid', { detail: 'The request ends inside a packet.' })
          return undefined
        }
        split.push(chunk)
        seen += chunk.length
      }
    },
    release: () => {
      const rest = split.rest()
      if (rest.length > 0) body.unshift(rest)
    },
  }
}

/** The next chunk of a stream in paused mode; undefined at its end. */
export function readChunk(body: Readable): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunk = body.read() as Buffer | null
    if (chunk) return resolve(chunk)
    if (body.errored) return reject(body.errored)
    if (body.readableEnded) return resolve(undefined)
    if (body.destroyed) return reject(new Fault('request.invalid', { detail: 'The client went away.' }))
    const finish = (act: () => void): void => {
      body.off('readable', onReadable).off('end', onEnd).off('error', onError).off('close', onClose)
      act()
    }
    const onReadable = (): void => {
      const next = body.read() as Buffer | null
      if (next) finish(() => resolve(next))
    }
    const onEnd = (): void => finish(() => resolve(undefined))
    const onError = (error: Error): void => finish(() => reject(error))
    const onClose = (): void => finish(() => reject(new Fault('request.invalid', { detail: 'The client went away.' })))
    body.on('readable', onReadable).on('end', onEnd).on('error', onError).on('close', onClose)
  })
}
