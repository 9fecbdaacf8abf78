// One-time codes by the clock (RFC 6238, as every authenticator app makes them: SHA-1, six digits, thirty seconds).
import { createHmac } from 'node:crypto'
import { sameSecret } from '../../kit/secret.ts'

const STEP_MS = 30_000
/** Clocks of phones and servers differ: the code before and the one after hold too. */
const SKEW = 1
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function stepAt(ms: number): number {
  return Math.floor(ms / STEP_MS)
}

export function codeAt(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const digest = createHmac('sha1', secret).update(counter).digest()
  const offset = (digest.at(-1) ?? 0) & 15
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** The step that a code belongs to: near `now`, and later than the last one that was used. */
export function matchStep(secret: Buffer, code: string, now: number, last: number): number | undefined {
  const middle = stepAt(now)
  let found: number | undefined
  for (let step = middle - SKEW; step <= middle + SKEW; step++) {
    if (sameSecret(codeAt(secret, step), code) && step > last) found ??= step
  }
  return found
}

/** As apps show and take it. */
export function base32(bytes: Buffer): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      text += ALPHABET[(value >>> (bits - 5)) & 31]
      bits -= 5
    }
    value &= (1 << bits) - 1
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text
}

/** What the QR picture holds: the app shows the issuer and the account beside its codes. */
export function otpauth(issuer: string, account: string, secret: Buffer): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`
  const facts = { secret: base32(secret), issuer, algorithm: 'SHA1', digits: '6', period: '30' }
  const query = Object.entries(facts).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `otpauth://totp/${label}?${query.join('&')}`
}
