// gitstead data: copies the data folder to another place, with progress for people or for a program that shows it.
import { Fault } from '../kit/fault.ts'
import type { Command } from './commands.ts'
import { copyData } from './data-copy.ts'
import { configOf, parse } from './options.ts'
import { Refusal } from './refusal.ts'

/** Four lines in a second at most. */
const TOLD_EVERY_MS = 250

export const data: Command = {
  async run(args) {
    const { values, positionals } = parse(args, { json: { type: 'boolean' } })
    const [verb, to, ...more] = positionals
    if (verb !== 'copy' || to === undefined || to === '' || more.length > 0)
      throw new Refusal('Use: gitstead data copy TO [--json]')
    const { data: from } = configOf(values)
    const asJson = values['json'] === true
    const stop = new AbortController()
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => stop.abort(new Refusal('The copying was stopped. The data is as it was.')))
    try {
      const stay = await copyData({ from, to, signal: stop.signal, tell: teller(asJson ? say : sayToPerson) })
      const outside = stay.map(({ path }) => path)
      if (asJson) return say({ state: 'done', outside })
      process.stdout.write(`Copied ${from} to ${to} and compared every file. The folder before is as it was.\n`)
      for (const path of outside) process.stdout.write(`The disk ${path} stays where it is.\n`)
    } catch (error) {
      const refusal = inWords(error, { from, to })
      if (!asJson) throw refusal
      say({ state: 'failed', message: refusal.message })
      process.exitCode = 1
    }
  },
}

interface Progress {
  state: 'copying' | 'verifying'
  done: number
  total: number
}

function say(line: Progress | { state: 'done'; outside: string[] } | { state: 'failed'; message: string }): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function sayToPerson({ state, done, total }: Progress): void {
  if (!process.stderr.isTTY) return
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100)
  process.stderr.write(`${state === 'copying' ? 'Copying' : 'Comparing'}: ${percent} %\r`)
}

/** The first line of each state at once, the others when their time has come. */
function teller(out: (line: Progress) => void): (state: Progress['state'], done: number, total: number) => void {
  let last = { state: '', at: 0 }
  return (state, done, total) => {
    const at = performance.now()
    if (state === last.state && at - last.at < TOLD_EVERY_MS) return
    last = { state, at }
    out({ state, done, total })
  }
}

const REASONS: Record<string, (to: string) => string> = {
  ENOSPC: (to) => `The disk of ${to} is full.`,
  EDQUOT: (to) => `The disk of ${to} gives this account no more room.`,
  EROFS: (to) => `The disk of ${to} can only be read.`,
  EACCES: (to) => `The account that runs this may not read all of the data, or not write in ${to}.`,
  EPERM: (to) => `The account that runs this may not read all of the data, or not write in ${to}.`,
  EIO: () => 'A disk reports errors. Look at its cables and its health.',
  ENOENT: (to) => `${to} cannot be made: what it lies in is not there. Is its disk mounted?`,
  ENOTDIR: (to) => `${to} cannot be made: a file stands in the way.`,
  SQLITE_NOTADB: () => 'The database is damaged. See gitstead doctor.',
  SQLITE_CORRUPT: () => 'The database is damaged. See gitstead doctor.',
  SQLITE_CANTOPEN: () => 'The data folder cannot be written, which its lock needs.',
  SQLITE_READONLY: () => 'The data folder cannot be written, which its lock needs.',
  SQLITE_BUSY: () => 'Another command of Gitstead uses the database. Let it end, then copy.',
}

/** A copy is a matter of two folders: what went wrong is told of the one that it concerns. */
function inWords(error: unknown, { from, to }: { from: string; to: string }): Error {
  if (error instanceof Refusal) return error
  if (error instanceof Fault) return new Refusal([error.message, error.facts.detail].filter(Boolean).join(' '))
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const words = REASONS[code]?.(to)
  if (words !== undefined) return new Refusal(words)
  return error instanceof Error ? error : new Refusal(`${from} could not be copied: ${String(error)}`)
}
