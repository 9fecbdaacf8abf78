// gitstead status: whether a server runs on the data folder, and who administers it. Changes nothing, makes nothing.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { glance } from '../db/glance.ts'
import { instanceOf } from '../features/system/instance.ts'
import { isAlive } from '../kit/process.ts'
import { version } from '../kit/version.ts'
import { type Holder, isHeld, readHolder } from '../storage/lock.ts'
import type { Command } from './commands.ts'
import { needReadable, unreadable } from './folder.ts'
import { configOf, parse } from './options.ts'
import { explained } from './refusal.ts'

/** The lock decides: a note of somebody who is gone tells nothing of who holds it now, a server that starts or a copying. */
function holderOf(data: string): Pick<Holder, 'pid' | 'url' | 'started'> {
  const note = readHolder(data)
  return note && isAlive(note.pid) ? note : { pid: 0, url: '', started: '' }
}

/** What is said of files in it that this account may not open. */
const UNREADABLE = new Set(['EACCES', 'EPERM', 'SQLITE_CANTOPEN'])

export const status: Command = {
  async run(args) {
    const { values } = parse(args, { json: { type: 'boolean' } }, 0)
    const config = configOf(values)
    const { data } = config
    let found: Found
    let holder
    try {
      needReadable(data)
      holder = isHeld(data) ? holderOf(data) : undefined
      const key = join(data, 'secret.key')
      found = {
        data,
        running: holder ? { pid: holder.pid, url: holder.url } : null,
        ...glance(join(data, 'gitstead.db')),
        instance: existsSync(key) ? instanceOf(readFileSync(key)) : null,
        version,
      }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      throw UNREADABLE.has(code) ? unreadable(data) : explained(error, config)
    }
    if (values['json'] === true) return void process.stdout.write(`${JSON.stringify(found)}\n`)
    process.stdout.write(inWords(found, holder?.started ?? ''))
  },
}

interface Found {
  data: string
  running: { pid: number; url: string } | null
  accounts: number
  admins: string[]
  instance: string | null
  version: string
}

function inWords({ data, running, accounts, admins }: Found, started: string): string {
  const people =
    accounts === 0 ? 'There is no account yet.' : `Accounts: ${accounts}; admins: ${admins.join(', ') || 'none'}.`
  return `Data folder: ${data}\n${running ? whereItRuns(running, started) : 'No server runs.'}\n${people}\n`
}

function whereItRuns({ pid, url }: { pid: number; url: string }, started: string): string {
  const since = started === '' ? '' : `, since ${started}`
  return `A server runs at ${url || 'an address that it is still opening'} (process ${pid || 'unknown'}${since}).`
}
