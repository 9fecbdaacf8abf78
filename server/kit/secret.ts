// Random secrets, their hashes, and comparisons that take the same time whatever they find.
import { createHmac, hash, randomBytes, randomInt, randomUUID, timingSafeEqual } from 'node:crypto'

/** 256 random bits behind a prefix by which people and scanners recognise the kind of secret. */
export function newSecret(prefix: string): string {
  return prefix + randomBytes(32).toString('base64url')
}

/** For people to type: worth something only where there is one try. */
export function newDigits(count: number): string {
  return Array.from({ length: count }, () => randomInt(10)).join('')
}

/** Hex SHA-256: enough for secrets of 256 random bits, which nobody can guess from a hash. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex')
}

export function mac(key: string | Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

export function sameSecret(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}

export const newId = randomUUID
