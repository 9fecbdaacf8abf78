// gitstead tls: HTTPS at the shell, also while the server runs and for admins who have locked themselves out.
import { resolve } from 'node:path'
import type { AdminHttps, HttpsChange } from '../contract/https.ts'
import { authorityPem, changeHttps, viewForAdmin } from '../features/https/actions.ts'
import type { Rooms } from '../rooms.ts'
import type { Command } from './commands.ts'
import { withRooms } from './beside.ts'
import { needNoMore, parse, type Parsed, text } from './options.ts'
import { Refusal } from './refusal.ts'

const USE = 'Use: gitstead tls status | own | given --cert FILE --key FILE | off | redirect on|off | ca'

export const tls: Command = {
  async run(args) {
    const parsed = parse(args, { cert: { type: 'string' }, key: { type: 'string' } })
    const { values, positionals } = parsed
    const [what = 'status', ...more] = positionals
    needNoMore(parsed, what === 'redirect' ? 2 : 1)
    const said = await withRooms(values, async (rooms) => {
      if (what === 'ca') return authorityPem(rooms)
      const change = what === 'status' ? undefined : wish(what, more, values)
      if (change) await changeHttps(rooms, { actorId: null, address: 'shell' }, change)
      return inWords(await view(rooms))
    })
    process.stdout.write(said)
  },
}

function wish(what: string, [word]: string[], values: Parsed['values']): HttpsChange {
  const [cert, key] = [text(values['cert']), text(values['key'])]
  if (what === 'own' || what === 'off') return { mode: what }
  if (what === 'given' && cert !== undefined && key !== undefined) {
    return { mode: 'given', certificate_file: resolve(cert), key_file: resolve(key) }
  }
  if (what === 'redirect' && (word === 'on' || word === 'off')) return { redirect: word === 'on' }
  throw new Refusal(USE)
}

function view(rooms: Rooms): Promise<AdminHttps> {
  return viewForAdmin(rooms, '')
}

const SAID = { off: 'off', own: 'on, with an authority of this server', given: 'on, with given files' } as const

export function inWords({ mode, redirect, certificate, authority, problem }: AdminHttps): string {
  const lines = [`HTTPS is ${SAID[mode]}${redirect ? '; plain HTTP leads to it' : ''}.`]
  if (problem !== null) lines.push(`Problem: ${problem}`)
  if (certificate) {
    lines.push(
      `The certificate holds until ${certificate.valid_until.slice(0, 10)} for ${certificate.names.join(', ')}.`,
    )
  }
  if (authority) lines.push(`Fingerprint of the authority (SHA-256): ${authority.fingerprint}`)
  return `${lines.join('\n')}\n`
}
