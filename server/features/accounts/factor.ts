// What can be done with the second factor: set it up, confirm, sign in with it, renew recovery codes, switch it off.
import { randomBytes, randomInt } from 'node:crypto'
import type { Factor, FactorRule, FactorSecret } from '../../contract/factor.ts'
import type { Db, Tx } from '../../db/open.ts'
import { Fault } from '../../kit/fault.ts'
import { hashSecret } from '../../kit/secret.ts'
import { seal } from '../../kit/seal.ts'
import { record } from '../../outbox/events.ts'
import type { User } from '../../rooms.ts'
import { needPassword, type NewSession, openSession, type Visit } from './actions.ts'
import * as store from './factor-store.ts'
import type { Gate } from './identify.ts'
import { openSecret, type Proof, prove, purposeOf, recoveryHash } from './proof.ts'
import { asksFactor, owesFactor, readSettings } from './settings.ts'
import { deleteSessions, findUserById, updateUser, type UserRow } from './store.ts'
import { throttleKey } from './throttle.ts'
import { base32, matchStep, otpauth } from './totp.ts'

/** RFC 4226 asks for 160 bits. */
const SECRET_BYTES = 20
const RECOVERY_CODES = 10
/** 59 bits each, without letters that look alike. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'
const TICKET_FAILURES = 5

export async function factorOf(db: Db, user: UserRow): Promise<Factor> {
  return {
    state: stateOf(db, user),
    since: user.factor_since,
    recovery_left: user.factor_since === null ? 0 : await store.countRecoveryCodes(db.read, user.id),
    required: asksFactor(readSettings(db), user.is_admin === 1),
  }
}

export function stateOf(db: Db, user: UserRow): Factor['state'] {
  if (user.factor_since !== null) return 'on'
  return owesFactor(db, user) ? 'owed' : 'off'
}

/** A secret for the app. It asks for nothing until a code of it was seen: until then a second start replaces it. */
export async function startFactor(
  gate: Gate,
  who: User,
  given: { password: string; address: string },
): Promise<FactorSecret> {
  const user = await needPassword(gate, who, { field: 'password', ...given })
  const secret = randomBytes(SECRET_BYTES)
  await gate.db.write(async (tx) => {
    await needOff(tx, user.id)
    await store.putFactor(tx, {
      user_id: user.id,
      secret: seal(gate.key, purposeOf(user.id), secret),
      last_step: 0,
      failed_at: null,
      created_at: new Date().toISOString(),
    })
  })
  return { secret: base32(secret), uri: otpauth(readSettings(gate.db).site_name, user.name, secret) }
}

/** Switched on while this transaction waited, for example in another tab. */
async function needOff(tx: Tx, userId: string): Promise<UserRow> {
  const user = await findUserById(tx, userId)
  if (!user) throw new Fault('not-found')
  if (user.factor_since !== null) throw new Fault('conflict', { detail: 'The second factor is on already.' })
  return user
}

interface Opened {
  session: NewSession
  codes: string[]
}

/** The first right code switches it on. All browsers are signed out; this one goes on with a session of its own. */
export async function confirmFactor(gate: Gate, who: User, code: string, visit: Visit): Promise<Opened> {
  return gate.db.write(async (tx) => {
    const user = await needOff(tx, who.id)
    const factor = await store.findFactor(tx, who.id)
    if (!factor) throw new Fault('conflict', { detail: 'Start again: there is no secret to confirm.' })
    const step = matchStep(openSecret(gate.key, factor), code.replace(/[\s-]/g, ''), Date.now(), factor.last_step)
    if (step === undefined) throw wrongCode('This is not the code that the app shows now. Is the phone’s clock right?')
    const since = new Date().toISOString()
    await store.updateFactor(tx, who.id, { last_step: step })
    const codes = await writeCodes(tx, gate.key, who.id)
    const on = { ...user, factor_since: since }
    await updateUser(tx, who.id, { factor_since: since })
    await record(tx, { kind: 'factor:on', actorId: who.id, address: visit.address })
    return { session: await freshSession(tx, on, visit), codes }
  })
}

function wrongCode(detail: string): Fault {
  return new Fault('request.invalid', { detail, fields: { code: [detail] } })
}

/** What was signed in before may not have been them. */
async function freshSession(tx: Tx, user: UserRow, visit: Visit): Promise<NewSession> {
  await store.deleteSignIns(tx, user.id)
  await deleteSessions(tx, user.id)
  return openSession(tx, user, visit)
}

async function writeCodes(tx: Tx, key: Buffer, userId: string): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode)
  const hashes = codes.map((code) => recoveryHash(key, userId, code.replaceAll('-', '')))
  await store.putRecoveryCodes(tx, userId, hashes)
  return codes
}

function letters(): string {
  return Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}

function newRecoveryCode(): string {
  return Array.from({ length: 3 }, letters).join('-')
}

export interface Given {
  password: string
  code: string
}

/** Switches it off. Whoever finds a browser open can do so neither without the password nor without the phone. */
export async function endFactor(gate: Gate, who: User, given: Given, visit: Visit): Promise<NewSession> {
  if (asksFactor(readSettings(gate.db), who.isAdmin)) {
    throw new Fault('auth.forbidden', { detail: 'This server asks for a second factor, so it stays on.' })
  }
  return proven(gate, who, { ...given, address: visit.address }, async (tx, user) => {
    await clear(tx, user.id)
    await record(tx, { kind: 'factor:off', actorId: user.id, address: visit.address })
    return freshSession(tx, { ...user, factor_since: null }, visit)
  })
}

/** New recovery codes; the old ones hold no more. */
export function renewCodes(gate: Gate, who: User, given: Given & { address: string }): Promise<string[]> {
  return proven(gate, who, given, async (tx, user) => {
    await record(tx, { kind: 'factor:codes', actorId: user.id, address: given.address })
    return writeCodes(tx, gate.key, user.id)
  })
}

/** An admin's help for who has lost phone and codes: they sign in with their password, and set it up anew. */
export async function resetFactor(
  db: Db,
  user: UserRow,
  by: { actorId: string | null; address: string },
): Promise<UserRow> {
  if (user.id === by.actorId) {
    throw new Fault('auth.forbidden', {
      detail:
        'Switch off your own on your account page. Who has lost it asks another admin, or the shell of the server.',
    })
  }
  return db.write(async (tx) => {
    const now = await findUserById(tx, user.id)
    if (!now || now.factor_since === null) {
      throw new Fault('conflict', { detail: `${user.name} has no second factor.` })
    }
    await clear(tx, user.id)
    await store.deleteSignIns(tx, user.id)
    await deleteSessions(tx, user.id)
    await record(tx, { kind: 'factor:reset', ...by, data: { username: user.name } })
    return { ...now, factor_since: null }
  })
}

async function clear(tx: Tx, userId: string): Promise<void> {
  await store.deleteFactor(tx, userId)
  await updateUser(tx, userId, { factor_since: null })
}

/** Password and code first, then the change in the transaction that has used the code up. */
async function proven<T>(
  gate: Gate,
  who: User,
  given: Given & { address: string },
  change: (tx: Tx, user: UserRow) => Promise<T>,
): Promise<T> {
  const user = await needPassword(gate, who, { field: 'password', ...given })
  const { code, address } = given
  const outcome = await gate.db.write(async (tx) => {
    const now = await findUserById(tx, user.id)
    if (!now || now.factor_since === null) throw new Fault('conflict', { detail: 'The second factor is off.' })
    const proof = await prove(tx, gate.key, { userId: user.id, code, address })
    return proof.right ? { right: true as const, value: await change(tx, now) } : proof
  })
  if (outcome.right) return outcome.value
  throw outcome.fault.code === 'auth.code' ? wrongCode(outcome.fault.message) : outcome.fault
}

/** The second step of a sign-in: the ticket of the first one, and a code. */
export async function signInWithCode(
  gate: Gate,
  given: { ticket: string; code: string },
  visit: Visit,
): Promise<NewSession> {
  const { code } = given
  // Before anything is written: whoever guesses here is slowed down by their address, too.
  const attempt = gate.throttle.begin([throttleKey('address', visit.address)], hashSecret(code))
  const outcome = await gate.db
    .write((tx) => secondStep(tx, gate.key, { ...given, visit }))
    .catch((error: unknown) => {
      attempt.dropped()
      throw error
    })
  if (!outcome.right) {
    attempt.failed()
    throw outcome.fault
  }
  attempt.succeeded()
  return outcome.session
}

type Step = { right: true; session: NewSession } | Extract<Proof, { right: false }>

async function secondStep(
  tx: Tx,
  key: Buffer,
  { ticket, code, visit }: { ticket: string; code: string; visit: Visit },
): Promise<Step> {
  const waiting = await store.findSignIn(tx, hashSecret(ticket), new Date().toISOString())
  const user = waiting && (await findUserById(tx, waiting.user_id))
  if (!waiting || user?.state !== 'active') return { right: false, fault: new Fault('auth.again') }
  const proof = await prove(tx, key, { userId: user.id, code, address: visit.address })
  if (proof.right) {
    await store.deleteSignIn(tx, waiting.id)
    return { right: true, session: await openSession(tx, user, visit) }
  }
  if (waiting.failures + 1 < TICKET_FAILURES) await store.countFailure(tx, waiting.id, waiting.failures + 1)
  else await store.deleteSignIn(tx, waiting.id)
  return proof
}

/** Whoever asks all others for a second factor has one: else they would lock themselves out with the next click. */
export function checkRule(db: Db, rule: FactorRule | undefined, by: UserRow): void {
  if (rule === undefined || rule === readSettings(db).second_factor || rule === 'free') return
  if (by.factor_since === null) {
    const detail = 'Switch on your own second factor first.'
    throw new Fault('request.invalid', { detail, fields: { second_factor: [detail] } })
  }
}
