// One of several processes on one database: works jobs off, or writes as fast as it can. Its turns come from its parent.
import { appendFileSync } from 'node:fs'
import { sql } from 'kysely'
import pino from 'pino'
import { type Db, openDb } from '../../server/db/open.ts'
import { NO_TURN, queuedTurn } from '../../server/db/turn.ts'
import { openBus } from '../../server/outbox/bus.ts'
import { enqueue } from '../../server/outbox/queue.ts'
import { startRunner } from '../../server/outbox/runner.ts'

export type ToMate =
  | { kind: 'open'; file: string; turns: boolean }
  /** Write for so many seconds. */
  | { kind: 'write'; seconds: number }
  /** Work jobs off; each leaves its number in this file and, once for all attempts, in the table `effects`. */
  | { kind: 'run'; parallel: number; trace?: string }
  | { kind: 'jobs' }
  | { kind: 'turn'; turn: 'yours' | 'back' }

export type FromMate =
  | { kind: 'opened' }
  | { kind: 'turn'; turn: 'want' | 'free' }
  | { kind: 'wrote'; count: number; longestMs: number }
  | { kind: 'done' }

export const KIND = 'bench'

const turn = queuedTurn((which) => say({ kind: 'turn', turn: which }))
const bus = openBus()
let db: Db | undefined

function say(message: FromMate): void {
  if (process.connected) process.send?.(message)
}

async function write(to: Db, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000
  let count = 0
  let longestMs = 0
  while (performance.now() < end) {
    const began = performance.now()
    await to.write((tx) => enqueue(tx, { kind: 'none', data: { count } }))
    longestMs = Math.max(longestMs, performance.now() - began)
    count += 1
  }
  say({ kind: 'wrote', count, longestMs })
}

function run(to: Db, { parallel, trace }: { parallel: number; trace?: string }): void {
  const work = async (job: number): Promise<void> => {
    if (trace !== undefined) {
      appendFileSync(trace, `${job}\n`)
      await to.write((tx) => sql`insert into effects values (${job}) on conflict do nothing`.execute(tx))
    }
    say({ kind: 'done' })
  }
  const kind = { run: ({ job }: { job: { id: number } }) => work(job.id), parallel, attempts: 1000, pauseMs: 1 }
  startRunner({ db: to, bus, log: pino({ level: 'silent' }) }, { kinds: { [KIND]: kind } })
}

process.on('message', (message: ToMate) => {
  if (message.kind === 'open') {
    db = openDb(message.file, message.turns ? turn : NO_TURN)
    say({ kind: 'opened' })
  } else if (message.kind === 'turn') turn.hear(message.turn)
  else if (message.kind === 'jobs') bus.hear({ kind: 'jobs' })
  else if (db && message.kind === 'write') void write(db, message.seconds)
  else if (db && message.kind === 'run') run(db, message)
})
process.on('disconnect', () => process.exit(0))
