// Why a command cannot be carried out: one sentence for the person at the terminal, without a stack.
import { ConfigProblem } from '../config.ts'
import type { Obstacle } from '../contract/process.ts'
import { Fault } from '../kit/fault.ts'

export class Refusal extends Error {
  readonly obstacle: Obstacle
  constructor(message: string, obstacle: Obstacle = 'other') {
    super(message)
    this.obstacle = obstacle
  }
}

interface Facts {
  data: string
  host: string
  port: number
}

const unwritable = ({ data }: Facts): string =>
  `The data folder ${data} cannot be written. Change its owner or choose another with --data.`
const blocked = ({ data }: Facts): string => `The data folder ${data} cannot be made: a file stands in the way.`
const nowhere = ({ data }: Facts): string =>
  `The data folder ${data} cannot be made: what it lies in is not there. Is its disk mounted?`
const nameless = ({ host }: Facts): string =>
  `The name ${host} leads to no address. Choose another with --host, for example 0.0.0.0 for all of this machine.`
const damaged = ({ data }: Facts): string =>
  `The database in ${data} is damaged. Restore the newest copy that stands beside it (gitstead.db.before-…), then start again.`

const SENTENCES: Record<string, (facts: Facts) => string> = {
  EADDRINUSE: ({ host, port }) => `Port ${port} on ${host} is taken by another program. Choose another with --port.`,
  EADDRNOTAVAIL: ({ host }) => `This machine has no address ${host}. Choose another with --host.`,
  ENOTFOUND: nameless,
  EAI_AGAIN: nameless,
  EACCES: unwritable,
  EPERM: unwritable,
  EROFS: unwritable,
  SQLITE_CANTOPEN: unwritable,
  SQLITE_READONLY: unwritable,
  ENOTDIR: blocked,
  EEXIST: blocked,
  ENOSPC: ({ data }) => `The disk of the data folder ${data} is full.`,
  SQLITE_NOTADB: damaged,
  SQLITE_CORRUPT: damaged,
}

const OBSTACLES: Record<string, Obstacle> = {
  EADDRINUSE: 'port',
  EADDRNOTAVAIL: 'address',
  ENOTFOUND: 'address',
  EAI_AGAIN: 'address',
}

/** Makes a sentence of what is known to go wrong when data and ports are opened; anything else stays what it is. */
export function explained(error: unknown, facts: Facts): unknown {
  if (error instanceof ConfigProblem) return new Refusal(`The options are not right. ${error.message}`)
  if (error instanceof Fault) {
    const obstacle = /^(?:data|storage)\./.test(error.code) ? 'data' : 'other'
    return new Refusal([error.message, error.facts.detail].filter(Boolean).join(' '), obstacle)
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const isFolder = error instanceof Error && 'syscall' in error && error.syscall === 'mkdir'
  const sentence = code === 'ENOENT' && isFolder ? nowhere : SENTENCES[code]
  return sentence ? new Refusal(sentence(facts), OBSTACLES[code] ?? 'data') : error
}
