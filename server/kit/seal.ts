// Secrets that must be read again, and lie in the database only under the installation's key, which is no part of it.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** What a secret is for, and whose it is: sealed for one purpose and person, it opens for no other. */
export interface Purpose {
  use: string
  of: string
}

const NONCE = 12
const TAG = 16

export function seal(key: Buffer, purpose: Purpose, secret: Buffer): string {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', keyFor(key, purpose), nonce).setAAD(Buffer.from(purpose.of))
  const body = Buffer.concat([cipher.update(secret), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
}

/** Undefined when it was sealed under another key, for another purpose, or changed since. */
export function unseal(key: Buffer, purpose: Purpose, sealed: string): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  try {
    const cipher = createDecipheriv('aes-256-gcm', keyFor(key, purpose), bytes.subarray(0, NONCE), {
      authTagLength: TAG,
    })
    cipher.setAAD(Buffer.from(purpose.of)).setAuthTag(bytes.subarray(NONCE, NONCE + TAG))
    return Buffer.concat([cipher.update(bytes.subarray(NONCE + TAG)), cipher.final()])
  } catch {
    return undefined
  }
}

function keyFor(key: Buffer, { use }: Purpose): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `gitstead ${use}`, 32))
}
