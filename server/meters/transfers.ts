// Transfers of git that are under way in this process: who takes or sends what, and how much went over the line so far.
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface TransferFacts {
  service: 'git-upload-pack' | 'git-receive-pack'
  /** Id of the repository. */
  repository: string
  /** Name of the account, or nothing for a guest. */
  account: string
  address: string
}

export interface Transfer extends TransferFacts {
  id: string
  /** Milliseconds since 1970. */
  since: number
  /** Received for a push, sent for all else. */
  bytes: number
}

export interface Transfers {
  /** Lasts until the answer is out or the client is gone. `stop` ends what is done for it, with an answer in words. */
  begin: (
    exchange: { request: IncomingMessage; response: ServerResponse },
    facts: TransferFacts,
    stop: () => void,
  ) => void
  list: () => Transfer[]
  /** False where it is none of ours. */
  end: (id: string) => boolean
}

/** So long may an answer in words take to get out: who reads nothing is cut off then. Who pushes reads it only when all is sent. */
const WORDS_MS = { 'git-upload-pack': 3000, 'git-receive-pack': 30_000 }

/** `process`: the id of this one, which those of its transfers begin with. */
export function openTransfers(process: string): Transfers {
  const open = new Map<string, { facts: TransferFacts; since: number; bytes: () => number; cut: () => void }>()
  let last = 0
  return {
    begin: ({ request, response }, facts, stop) => {
      const id = `${process}.${++last}`
      const { socket } = request
      // Whoever has gone away by now is under way no more, and would never be seen to leave.
      if (response.destroyed) return
      // A connection carries one request at a time: what it had carried before is taken off. What of this one had come
      // by now waits to be read.
      const push = facts.service === 'git-receive-pack'
      const key = push ? 'bytesRead' : 'bytesWritten'
      const before = socket[key] - (push ? request.readableLength : 0)
      // A connection that is cut without an answer makes some clients send all of it once more.
      const cut = (): void => {
        stop()
        setTimeout(() => open.has(id) && socket.destroy(), WORDS_MS[facts.service]).unref()
      }
      open.set(id, { facts, since: Date.now(), bytes: () => socket[key] - before, cut })
      response.once('close', () => open.delete(id))
    },
    list: () =>
      [...open].map(([id, { facts, since, bytes }]) => {
        const { service, repository, account, address } = facts
        return { id, service, repository, account, address, since, bytes: bytes() }
      }),
    end: (id) => {
      const found = open.get(id)
      found?.cut()
      return found !== undefined
    },
  }
}
