// The few forms of DER that a certificate is made of (X.690), from values to bytes. Pure.
import { isIPv4 } from 'node:net'

function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body])
}

function lengthOf(size: number): Buffer {
  if (size < 0x80) return Buffer.from([size])
  const digits = Buffer.from(size.toString(16).padStart(size > 0xff ? 4 : 2, '0'), 'hex')
  return Buffer.concat([Buffer.from([0x80 + digits.length]), digits])
}

export const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, ...parts)
export const set = (...parts: Buffer[]): Buffer => tagged(0x31, ...parts)
export const octets = (bytes: Buffer): Buffer => tagged(0x04, bytes)
export const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text))
export const yes = (): Buffer => Buffer.from([0x01, 0x01, 0xff])
/** A value under a number that only its place gives a meaning. */
export const marked = (number: number, ...parts: Buffer[]): Buffer => tagged(0xa0 + number, ...parts)
export const markedBytes = (number: number, bytes: Buffer): Buffer => tagged(0x80 + number, bytes)

/** A number that is not negative, most significant byte first. */
export function integer(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const rest = bytes.subarray(start)
  // A first bit that is set would make it negative.
  return (rest[0] ?? 0) < 0x80 ? tagged(0x02, rest) : tagged(0x02, Buffer.from([0]), rest)
}

export function bits(bytes: Buffer, unused = 0): Buffer {
  return tagged(0x03, Buffer.from([unused]), bytes)
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift(0x80 | (left & 0x7f))
  return digits
}

/** Two digits of the year until 2049 and four after it, as RFC 5280 wants it. */
export function time(at: Date): Buffer {
  const text = `${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  return at.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(text.slice(2))) : tagged(0x18, Buffer.from(text))
}

const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))

/** The bytes of an address: 4, or 16 for IPv6 in any of its spellings. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const front = groups(head)
  const back = groups(tail ?? '')
  const middle = Array.from({ length: tail === undefined ? 0 : 8 - front.length - back.length }, () => '0')
  return Buffer.from([...front, ...middle, ...back].map((group) => group.padStart(4, '0')).join(''), 'hex')
}
