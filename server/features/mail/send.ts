// The sending itself: one connection for one letter, within bounds, to the server that an admin has named.
import { hostname } from 'node:os'
import type { MailSecurity } from '../../contract/mail.ts'
import { htmlOf, type Letter, subjectOf, textOf } from './letter.ts'

export interface Server {
  host: string
  port: number
  security: MailSecurity
  username: string
  password: string
  from: string
  siteName: string
}

const CONNECT_MS = 10_000
const SILENCE_MS = 20_000

/** The server will not take this letter, however often it is tried; everything else may pass. */
export class Refused extends Error {}

/**
 * `id` makes the Message-ID: a letter that is sent again after a crash is the same one. The host is the admin's to choose,
 * inside the network too, as mail servers lie there: it is the only address of a user's choice that is not guarded.
 */
export async function sendLetter(
  server: Server,
  to: string,
  letter: Letter,
  { id, signal }: { id: string; signal: AbortSignal },
): Promise<void> {
  // Few servers send mail at all, and this library is for them alone.
  const { createTransport } = await import('nodemailer')
  const { host, port, security, username, password, from, siteName } = server
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'plain',
    ...(username === '' ? {} : { auth: { user: username, pass: password } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    name: domainOf(from) ?? hostname(),
  })
  const stop = (): void => transport.close()
  signal.addEventListener('abort', stop)
  try {
    await transport.sendMail({
      signal,
      from: { name: siteName, address: from },
      to: { name: '', address: to },
      subject: subjectOf(letter.subject),
      text: textOf(letter),
      html: htmlOf(letter),
      messageId: `<${id}@${domainOf(from) ?? 'gitstead'}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
  } catch (error) {
    throw explained(error, server)
  } finally {
    signal.removeEventListener('abort', stop)
    transport.close()
  }
}

function domainOf(address: string): string | undefined {
  return address.split('@')[1]
}

/** What people read: the server's own words, never the password, which a server might repeat. */
function explained(error: unknown, { host, port, password }: Server): Error {
  const { code = '', responseCode = 0, message = String(error) } = error as Partial<SmtpError>
  const hidden = password === '' ? message : message.replaceAll(password, '…')
  const words = `${host}:${port}: ${hidden.replace(/\s+/g, ' ').slice(0, 300)}`
  const final = responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE')
  return final ? new Refused(words) : new Error(words)
}

interface SmtpError {
  code: string
  responseCode: number
  message: string
}
