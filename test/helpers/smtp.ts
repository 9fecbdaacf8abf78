// A small mail server: takes what arrives, or answers as a test wants, slowly or not at all.
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

export interface Mail {
  from: string
  to: string[]
  /** Headers and body as they came. */
  text: string
}

export interface Smtp {
  port: number
  mails: Mail[]
  /** The answer to a command instead of the usual one; undefined for the usual one, null for none at all. */
  answer: (command: string) => string | null | undefined
  close(): Promise<void>
}

const usual = (): undefined => undefined

export async function openSmtp(port = 0): Promise<Smtp> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => {})
    talk(smtp, socket)
  })
  const smtp: Smtp = {
    port: 0,
    mails: [],
    answer: usual,
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  smtp.port = (server.address() as AddressInfo).port
  return smtp
}

function talk(smtp: Smtp, socket: Socket): void {
  let mail: Mail = { from: '', to: [], text: '' }
  let inData = false
  let rest = ''
  const say = (command: string, otherwise: string): void => {
    const answer = smtp.answer(command)
    if (answer !== null) socket.write(`${answer ?? otherwise}\r\n`)
  }
  const command = (line: string): void => {
    const [verb = ''] = line.toUpperCase().split(/[ :]/, 1)
    if (verb === 'EHLO') return say(line, '250-test\r\n250 AUTH PLAIN')
    if (verb === 'MAIL') mail = { from: addressIn(line), to: [], text: '' }
    if (verb === 'RCPT') mail.to.push(addressIn(line))
    if (verb === 'AUTH') return say(line, '235 in')
    if (verb === 'DATA') {
      inData = true
      return say(line, '354 go on')
    }
    say(line, verb === 'QUIT' ? '221 bye' : '250 ok')
  }
  say('HELLO', '220 test')
  socket.on('data', (chunk: Buffer) => {
    rest += chunk.toString('utf8')
    for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
      const line = rest.slice(0, end)
      rest = rest.slice(end + 2)
      if (!inData) command(line)
      else if (line !== '.') mail.text += `${line.replace(/^\./, '')}\r\n`
      else {
        inData = false
        const answer = smtp.answer('END')
        if (answer === undefined) smtp.mails.push(mail)
        if (answer !== null) socket.write(`${answer ?? '250 taken'}\r\n`)
      }
    }
  })
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? ''
}

/** The text part, decoded. */
export function plainOf({ text }: Mail): string {
  const part = /Content-Type: text\/plain[^]*?\r\n\r\n([^]*?)\r\n--/.exec(text)
  const encoding = /Content-Type: text\/plain[^]*?Content-Transfer-Encoding: (\S+)/.exec(text)?.[1] ?? '7bit'
  const body = part?.[1] ?? ''
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString()
  if (encoding !== 'quoted-printable') return body
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
