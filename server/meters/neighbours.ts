// Questions that every process of a server answers for itself, asked through the supervisor. A process that is stuck or
// dies meanwhile is missing from the answers, and delays them for a moment only.

/** What the supervisor knows of a process. */
export interface Neighbour {
  id: string
  name: string
  role: string
  state: string
  pid: number
  connections: number
  /** Milliseconds since 1970. */
  since: number
  /** How often another one took this place because the one before had died. */
  deaths: number
}

export interface Everyone {
  processes: Neighbour[]
  /** By the id of the process. */
  answers: { id: string; value: unknown }[]
  /** What processes that are gone had counted. */
  past: unknown
  supervisor: { pid: number; since: number; rss: number }
}

export interface Neighbours {
  ask: (what: string) => Promise<Everyone>
  /** What this process says when it is asked. */
  answer: (what: string, give: () => unknown) => void
}

export interface Mailbox extends Neighbours {
  /** Somebody asks this process. */
  asked: (what: string) => Promise<unknown>
  /** The answers to an earlier `ask`. */
  told: (id: number, everyone: Everyone) => void
}

/** Longer than the supervisor waits for the slowest. */
const PATIENCE_MS = 5000

/** `send` carries a question to the supervisor; without it this process is the only one. */
export function openNeighbours(send?: (id: number, what: string) => void): Mailbox {
  const answers = new Map<string, () => unknown>()
  const waiting = new Map<number, (everyone: Everyone) => void>()
  let lastId = 0
  const asked = async (what: string): Promise<unknown> => answers.get(what)?.()
  const alone = async (what: string): Promise<Everyone> => ({
    processes: [],
    answers: [{ id: '', value: await asked(what) }],
    past: [],
    supervisor: { pid: process.pid, since: Date.now() - process.uptime() * 1000, rss: process.memoryUsage.rss() },
  })
  return {
    answer: (what, give) => void answers.set(what, give),
    asked,
    told: (id, everyone) => waiting.get(id)?.(everyone),
    ask: (what) => {
      if (!send) return alone(what)
      const id = ++lastId
      const answer = new Promise<Everyone>((resolve, reject) => {
        waiting.set(id, resolve)
        setTimeout(reject, PATIENCE_MS, new Error('the supervisor gave no answer')).unref()
      })
      send(id, what)
      return answer.finally(() => waiting.delete(id))
    },
  }
}
