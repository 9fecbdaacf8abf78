// Several processes on one database, with the supervisor's queue of turns between them or without it.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { openTurns } from '../../server/ingress/turns.ts'
import type { FromMate, ToMate } from './mate.ts'

export interface Mate {
  say: (message: ToMate) => void
  /** The next message of this kind. */
  hear: <K extends FromMate['kind']>(kind: K) => Promise<Extract<FromMate, { kind: K }>>
  /** Each message of this kind. */
  on: (kind: FromMate['kind'], listener: () => void) => void
  /** At once, in the middle of whatever it does. */
  kill: () => Promise<void>
}

export interface Mates {
  add: () => Promise<Mate>
  all: () => Mate[]
  close: () => Promise<void>
}

/** Without turns each takes its chance at SQLite's lock. */
export function openMates(file: string, { turns }: { turns: boolean }): Mates {
  const mates = new Map<string, Mate>()
  const queue = openTurns((who, turn) => mates.get(who)?.say({ kind: 'turn', turn }))
  let count = 0
  return {
    all: () => [...mates.values()],
    async add() {
      const id = String(++count)
      const child = fork(join(import.meta.dirname, 'mate.ts'))
      const mate = mateOf(child)
      mates.set(id, mate)
      child.on('message', (message: FromMate) => {
        if (message.kind === 'turn') queue[message.turn](id)
      })
      child.once('exit', () => {
        mates.delete(id)
        queue.gone(id)
      })
      const opened = mate.hear('opened')
      mate.say({ kind: 'open', file, turns })
      await opened
      return mate
    },
    close: async () => {
      await Promise.all([...mates.values()].map((mate) => mate.kill()))
    },
  }
}

function mateOf(child: ChildProcess): Mate {
  const on = (kind: FromMate['kind'], listener: (message: FromMate) => void): void => {
    child.on('message', (message: FromMate) => {
      if (message.kind === kind) listener(message)
    })
  }
  return {
    say: (message) => {
      if (child.connected) child.send(message, () => {})
    },
    hear: (kind) =>
      new Promise((resolve, reject) => {
        on(kind, (message) => resolve(message as Extract<FromMate, { kind: typeof kind }>))
        child.once('exit', () => reject(new Error('a process on the database ended early')))
      }),
    on,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}
