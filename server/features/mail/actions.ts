// Mail: settings, own addresses, and letters that are written down sealed and sent by a job.
import type { MailSettings, MailSettingsChange, MailTested, OwnAddress } from '../../contract/mail.ts'
import type { Handle, Tx } from '../../db/open.ts'
import { Fault, wordsOf } from '../../kit/fault.ts'
import { seal, unseal } from '../../kit/seal.ts'
import { hashSecret, newId, newSecret } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import { enqueue } from '../../outbox/queue.ts'
import { FinalFailure, type JobRun } from '../../outbox/runner.ts'
import type { Rooms, User } from '../../rooms.ts'
import { readSettings as readSiteSettings } from '../accounts/settings.ts'
import type { Letter } from './letter.ts'
import { Refused, sendLetter, type Server } from './send.ts'
import * as store from './store.ts'

export { confirmedAddress } from './store.ts'

const DAY_MS = 86_400_000
const TEST_MS = 25_000
/** Whoever names an address has a mail sent there: not to be used to fill somebody's inbox. */
const CONFIRM_PAUSE_MS = 60_000

const passwordOf = { use: 'mail password', of: 'smtp' }

export interface Addressed {
  to: string
  letter: Letter
}

/** Whether letters can be sent at all. */
export async function sendsMail(db: Handle): Promise<boolean> {
  const { enabled, host, sender } = await store.readSettings(db)
  return enabled === 1 && host !== '' && sender !== ''
}

/** The address of this server in mails: what sends them has no caller whose address it could take. */
export async function mailBase(db: Handle): Promise<string> {
  return (await store.readSettings(db)).base
}

export function present(row: store.SettingsRow): MailSettings {
  const { enabled, host, port, security, username, password, sender, base } = row
  return { enabled: enabled === 1, host, port, security, username, password_set: password !== null, from: sender, base }
}

export async function readMailSettings(rooms: Rooms): Promise<MailSettings> {
  return present(await store.readSettings(rooms.db.read))
}

export async function changeMailSettings(
  rooms: Rooms,
  by: { user: User; address: string },
  change: MailSettingsChange,
): Promise<MailSettings> {
  const { password, from, enabled, ...rest } = change
  return rooms.db.write(async (tx) => {
    const before = await store.readSettings(tx)
    refuseImpossible(change, before)
    const sealed =
      password === undefined
        ? before.password
        : password === ''
          ? null
          : seal(rooms.key, passwordOf, Buffer.from(password))
    await store.writeSettings(tx, { ...rest, enabled: Number(enabled), sender: from, password: sealed })
    const data = { enabled, host: rest.host, port: rest.port, security: rest.security, from }
    await record(tx, { kind: 'mail:settings', actorId: by.user.id, address: by.address, data })
    return present(await store.readSettings(tx))
  })
}

function wrong(field: string, detail: string): Fault {
  return new Fault('request.invalid', { detail, fields: { [field]: [detail] } })
}

function refuseImpossible(change: MailSettingsChange, before: store.SettingsRow): void {
  refuseIncomplete(change)
  const { host, security, username, port, password } = change
  const hasPassword = password === undefined ? before.password !== null : password !== ''
  if (security === 'plain' && (username !== '' || hasPassword) && !isLoopback(host))
    throw wrong('security', 'Without TLS the password could be read on its way. Use TLS, or a server without one.')
  // Nobody may have the stored password sent to a server of their own.
  const moved = host !== before.host || port !== before.port || security !== before.security
  if (moved && password === undefined && before.password !== null)
    throw wrong('password', 'Enter the password again: the stored one belongs to the server as it was.')
}

function refuseIncomplete({ enabled, host, from, base }: MailSettingsChange): void {
  if (!enabled) return
  if (host === '') throw wrong('host', 'Enter the mail server.')
  if (from === '') throw wrong('from', 'Enter the address that mails come from.')
  if (base === '') throw wrong('base', 'Enter the address of this server.')
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function serverOf(rooms: Rooms, row: store.SettingsRow): Server {
  const { host, port, security, username, sender, password } = row
  const opened = password === null ? Buffer.alloc(0) : unseal(rooms.key, passwordOf, password)
  if (!opened) throw new Error('The stored password of the mail server cannot be read any more. Enter it again.')
  const siteName = readSiteSettings(rooms.db).site_name
  return { host, port, security, username, password: opened.toString(), from: sender, siteName }
}

/** Tried at once, with what is stored: the admin waits for the answer of the mail server. */
export async function testMail(
  rooms: Rooms,
  by: { user: User; address: string },
  asked: { to: string; signal: AbortSignal },
): Promise<MailTested> {
  const row = await store.readSettings(rooms.db.read)
  if (row.host === '' || row.sender === '')
    throw new Fault('conflict', { detail: 'Save the mail server and the sender first.' })
  await rooms.db.write((tx) => record(tx, { kind: 'mail:tested', actorId: by.user.id, address: by.address }))
  const letter = {
    subject: 'A test of the mail settings',
    lines: ['This mail was sent to see whether this server can send mail. It can.'],
    foot: `Asked for by ${by.user.displayName}.`,
  }
  const signal = AbortSignal.any([asked.signal, AbortSignal.timeout(TEST_MS)])
  try {
    await sendLetter(serverOf(rooms, row), asked.to, letter, { id: newId(), signal })
    return { sent: true, detail: `The mail server has taken the mail to ${asked.to}.` }
  } catch (error) {
    return { sent: false, detail: wordsOf(error) }
  }
}

/** Letters hold one-time links: they lie in the job table under the installation's key only. */
export async function enqueueLetter(rooms: Pick<Rooms, 'key'>, tx: Tx, addressed: Addressed): Promise<void> {
  const id = newId()
  const sealed = seal(rooms.key, { use: 'letter', of: id }, Buffer.from(JSON.stringify(addressed)))
  await enqueue(tx, { kind: 'mail', data: { id, sealed } })
}

/** The job. `noticed` writes the letter of a notification when it is sent, or none where it is not wanted any more. */
export async function deliverMail(
  rooms: Rooms,
  { job, signal }: JobRun,
  noticed: (notice: number) => Promise<Addressed | undefined>,
): Promise<void> {
  const { id, sealed, notice } = JSON.parse(job.data) as { id: string; sealed?: string; notice?: number }
  const row = await store.readSettings(rooms.db.read)
  if (row.enabled !== 1) throw new FinalFailure('Mail is switched off.')
  const addressed = sealed === undefined ? await noticed(notice ?? 0) : opened(rooms, id, sealed)
  if (!addressed) return
  try {
    await sendLetter(serverOf(rooms, row), addressed.to, addressed.letter, { id, signal })
  } catch (error) {
    throw error instanceof Refused ? new FinalFailure(error.message) : error
  }
}

function opened(rooms: Rooms, id: string, sealed: string): Addressed {
  const text = unseal(rooms.key, { use: 'letter', of: id }, sealed)?.toString()
  if (text === undefined)
    throw new FinalFailure('The letter cannot be read any more: the key of this installation changed.')
  return JSON.parse(text) as Addressed
}

export async function ownAddress(rooms: Rooms, user: User): Promise<OwnAddress> {
  const row = await store.findAddress(rooms.db.read, user.id)
  const pending = row?.pending_until && row.pending_until > new Date().toISOString() ? row.pending : null
  return { server_sends: await sendsMail(rooms.db.read), address: row?.address ?? null, pending }
}

/** The address counts once its link was followed; until then the one before goes on to be used. */
export async function askForAddress(rooms: Rooms, by: { user: User; from: string }, address: string): Promise<void> {
  const { user } = by
  if (!(await sendsMail(rooms.db.read)))
    throw new Fault('conflict', { detail: 'This server sends no mail. An admin can change that under Mail.' })
  const secret = newSecret('')
  const now = Date.now()
  await rooms.db.write(async (tx) => {
    const before = await store.findAddress(tx, user.id)
    if (before?.sent_at && now - Date.parse(before.sent_at) < CONFIRM_PAUSE_MS)
      throw new Fault('conflict', { detail: 'A mail was sent just now. Wait a minute before the next one.' })
    await store.putAddress(tx, {
      user_id: user.id,
      address: before?.address ?? null,
      pending: address,
      secret_hash: hashSecret(secret),
      pending_until: new Date(now + DAY_MS).toISOString(),
      sent_at: new Date(now).toISOString(),
    })
    const letter = {
      subject: `Confirm your address for ${user.name}`,
      lines: [`${user.displayName} (${user.name}) wants to get mail from this server at this address.`],
      link: { label: 'Confirm the address', url: `${await mailBase(tx)}/confirm#token=${secret}` },
      foot: 'If this was not you, do nothing: without the link nothing else is sent here. It works for a day.',
    }
    await enqueueLetter(rooms, tx, { to: address, letter })
    await record(tx, { kind: 'user:mail', actorId: user.id, address: by.from, data: { step: 'asked' } })
  })
  rooms.bus.tell({ kind: 'jobs' })
}

export async function removeAddress(rooms: Rooms, by: { user: User; from: string }): Promise<void> {
  await rooms.db.write(async (tx) => {
    if (await store.forgetAddress(tx, by.user.id))
      await record(tx, { kind: 'user:mail', actorId: by.user.id, address: by.from, data: { step: 'removed' } })
  })
}

export async function pendingAddress(rooms: Rooms, token: string): Promise<store.Pending> {
  const found = await store.findPending(rooms.db.read, hashSecret(token), new Date().toISOString())
  if (!found) throw new Fault('link.gone')
  return found
}

export async function confirmAddress(rooms: Rooms, token: string, from: string): Promise<void> {
  await rooms.db.write(async (tx) => {
    const found = await store.findPending(tx, hashSecret(token), new Date().toISOString())
    if (!found) throw new Fault('link.gone')
    const nothing = { pending: null, secret_hash: null, pending_until: null, sent_at: null }
    await store.putAddress(tx, { user_id: found.id, address: found.pending, ...nothing })
    await record(tx, { kind: 'user:mail', actorId: found.id, address: from, data: { step: 'confirmed' } })
  })
}
