// One question to all processes, and their answers as one: those that do not answer in time are left out.
import type { ToProcess } from './messages.ts'

const WAIT_MS = 2000

export interface Gather {
  /** Gives the answers of all who were asked, or of those who answered in time. */
  ask: (who: readonly string[], what: string) => Promise<{ id: string; value: unknown }[]>
  answer: (who: string, id: number, value: unknown) => void
  /** It has died, and is waited for no longer. */
  gone: (who: string) => void
}

interface Round {
  missing: Set<string>
  answers: { id: string; value: unknown }[]
  end: () => void
}

export function openGather(say: (who: string, message: ToProcess) => void): Gather {
  const rounds = new Map<number, Round>()
  let lastId = 0
  const settle = (round: Round, who: string): void => {
    round.missing.delete(who)
    if (round.missing.size === 0) round.end()
  }
  return {
    ask: async (who, what) => {
      const id = ++lastId
      const answers: Round['answers'] = []
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, WAIT_MS)
      rounds.set(id, { missing: new Set(who), answers, end: resolve })
      for (const one of who) say(one, { kind: 'question', id, what })
      if (who.length > 0) await promise
      clearTimeout(timer)
      rounds.delete(id)
      return answers
    },
    answer: (who, id, value) => {
      const round = rounds.get(id)
      if (!round?.missing.has(who)) return
      round.answers.push({ id: who, value })
      settle(round, who)
    },
    gone: (who) => {
      for (const round of rounds.values()) settle(round, who)
    },
  }
}
