// Proving the second factor: a code of the app or a recovery code, each taken once, and guesses slowed down. All of it
// happens in the transaction of what the code is for, so that it holds across processes and restarts.
import type { Handle } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { mac } from '../../kit/secret.ts'
import { unseal } from '../../kit/seal.ts'
import { record } from '../../outbox/events.ts'
import * as store from './factor-store.ts'
import { matchStep } from './totp.ts'

/** Wrong codes that cost nothing; each further one doubles the wait, which outlasts the life of several codes. */
const FREE_FAILURES = 5
const FIRST_WAIT_MS = 30_000
const LONGEST_WAIT_MS = 15 * 60_000

export interface Given {
  userId: string
  code: string
  address: string
}

/** A refusal is returned and not thrown: the transaction that has counted it must be kept. */
export type Proof = { right: true } | { right: false; fault: Fault }

export async function prove(tx: Handle, key: Buffer, given: Given): Promise<Proof> {
  const now = Date.now()
  const factor = await store.findFactor(tx, given.userId)
  if (!factor) return refused('auth.again')
  const wait = waitOf(factor, now)
  if (wait > 0) return { right: false, fault: new Fault('auth.throttled', { seconds: Math.ceil(wait / 1000) }) }
  if (await take(tx, key, { factor, given, now })) {
    await store.updateFactor(tx, given.userId, { failures: 0, failed_at: null })
    return { right: true }
  }
  await store.updateFactor(tx, given.userId, {
    failures: factor.failures + 1,
    failed_at: new Date(now).toISOString(),
  })
  await record(tx, { kind: 'factor:refused', actorId: given.userId, address: given.address })
  return refused('auth.code')
}

function refused(code: 'auth.again' | 'auth.code'): Proof {
  return { right: false, fault: new Fault(code) }
}

function waitOf({ failures, failed_at }: store.FactorRow, now: number): number {
  if (failed_at === null || failures < FREE_FAILURES) return 0
  return Date.parse(failed_at) + Math.min(FIRST_WAIT_MS * 2 ** (failures - FREE_FAILURES), LONGEST_WAIT_MS) - now
}

/** Uses up what was given, if it holds. */
async function take(
  tx: Handle,
  key: Buffer,
  { factor, given, now }: { factor: store.FactorRow; given: Given; now: number },
): Promise<boolean> {
  const { userId, address } = given
  const typed = given.code.replace(/[\s-]/g, '').toLowerCase()
  if (/^\d{6}$/.test(typed)) {
    const step = matchStep(openSecret(key, factor), typed, now, factor.last_step)
    if (step !== undefined) await store.updateFactor(tx, userId, { last_step: step })
    return step !== undefined
  }
  const hash = recoveryHash(key, userId, typed)
  if (!(await store.takeRecoveryCode(tx, userId, hash, new Date(now).toISOString()))) return false
  const left = await store.countRecoveryCodes(tx, userId)
  await record(tx, { kind: 'factor:recovery', actorId: userId, address, data: { left } })
  return true
}

export const purposeOf = (userId: string): { use: string; of: string } => ({ use: 'second factor', of: userId })

export function openSecret(key: Buffer, factor: store.FactorRow): Buffer {
  const secret = unseal(key, purposeOf(factor.user_id), factor.secret)
  if (secret) return secret
  throw new Fault('auth.forbidden', {
    detail: 'The second factor cannot be read with the key of this installation. An admin can reset it.',
  })
}

/** Keyed: a stolen database alone does not let anybody try codes against it. */
export function recoveryHash(key: Buffer, userId: string, code: string): string {
  return mac(key, `recovery\0${userId}\0${code}`)
}
