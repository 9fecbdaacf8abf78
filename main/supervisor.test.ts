import { describe, expect, it } from 'vitest'
import type { ServerWord } from '../server/contract/process.ts'
import { type Clock, openSupervisor, type ServerProcess, type ServerStatus, type Supervisor } from './supervisor.ts'

interface Child extends ServerProcess {
  say: (word: ServerWord) => void
  end: (code: number | null) => void
  drained: boolean
  killed: boolean
}

function makeChild(pid: number): Child {
  const words: ((word: ServerWord) => void)[] = []
  const ends: ((code: number | null) => void)[] = []
  const child: Child = {
    pid,
    drained: false,
    killed: false,
    onWord: (hear) => void words.push(hear),
    onExit: (hear) => void ends.push(hear),
    drain: () => void (child.drained = true),
    kill: () => void (child.killed = true),
    say: (word) => words.forEach((hear) => hear(word)),
    end: (code) => ends.forEach((hear) => hear(code)),
  }
  return child
}

interface Bench {
  supervisor: Supervisor
  children: Child[]
  last: () => Child
  seen: ServerStatus[]
  /** Lets so many milliseconds pass, with all that falls due in them. */
  pass: (ms: number) => Promise<void>
  answers: boolean
}

function bench(): Bench {
  let now = 0
  let ids = 0
  const due = new Map<number, { at: number; work: () => void }>()
  const clock: Clock = {
    set: (work, ms) => {
      due.set(++ids, { at: now + ms, work })
      return ids
    },
    clear: (timer) => void due.delete(timer as number),
    now: () => now,
  }
  const children: Child[] = []
  const made: Bench = {
    children,
    last: () => children.at(-1) ?? makeChild(0),
    seen: [],
    answers: true,
    supervisor: openSupervisor({
      spawn: () => {
        const child = makeChild(children.length + 1)
        children.push(child)
        return child
      },
      check: () => Promise.resolve(made.answers),
      clock,
    }),
    pass: async (ms) => {
      const until = now + ms
      for (;;) {
        const [next] = [...due].filter(([, { at }]) => at <= until).toSorted(([, a], [, b]) => a.at - b.at)
        if (!next) break
        due.delete(next[0])
        now = next[1].at
        next[1].work()
        await new Promise(setImmediate)
      }
      now = until
    },
  }
  made.supervisor.onStatus((status) => made.seen.push(status))
  return made
}

const READY = { kind: 'ready', url: 'http://127.0.0.1:1' } as const

describe('a supervisor', () => {
  it('starts once, however often it is asked', () => {
    const { supervisor, children, last } = bench()
    supervisor.start()
    supervisor.start()
    last().say(READY)
    expect(children).toHaveLength(1)
    expect(supervisor.status).toMatchObject({ state: 'running', url: READY.url, pid: 1 })
  })

  it('tries again after 250, 500, 1000 and 2000 ms, then gives up', async () => {
    const { supervisor, children, last, pass } = bench()
    supervisor.start()
    const pauses: number[] = []
    for (let turn = 1; turn <= 4; turn++) {
      last().end(1)
      expect(supervisor.status).toMatchObject({ state: 'backing-off', failures: turn })
      const pause = 250 * 2 ** (turn - 1)
      await pass(pause - 1)
      expect(children).toHaveLength(turn)
      await pass(1)
      expect(children).toHaveLength(turn + 1)
      pauses.push(pause)
    }
    last().end(1)
    expect(supervisor.status).toMatchObject({ state: 'failed', failures: 5 })
    await pass(600_000)
    expect(children).toHaveLength(5)
    expect(pauses).toEqual([250, 500, 1000, 2000])
  })

  it('begins to count anew after a minute of health', async () => {
    const { supervisor, last, pass } = bench()
    supervisor.start()
    last().end(1)
    await pass(250)
    last().say(READY)
    await pass(66_000)
    expect(supervisor.status.failures).toBe(0)
    last().end(null)
    expect(supervisor.status).toMatchObject({ state: 'backing-off', failures: 1 })
  })

  it('does not try again what was refused, and says why', async () => {
    const { supervisor, children, last, pass } = bench()
    supervisor.start()
    last().say({ kind: 'refused', reason: 'port', message: 'It is taken.' })
    last().end(1)
    expect(supervisor.status).toMatchObject({ state: 'failed', problem: 'It is taken.', refused: 'port' })
    await pass(60_000)
    expect(children).toHaveLength(1)
    supervisor.start()
    expect(children).toHaveLength(2)
  })

  it('ends one that does not answer three times in turn, and forgives two', async () => {
    const made = bench()
    const { supervisor, last, pass } = made
    supervisor.start()
    last().say(READY)
    made.answers = false
    await pass(10_000)
    made.answers = true
    await pass(5000)
    made.answers = false
    await pass(10_000)
    expect(last().killed).toBe(false)
    await pass(5000)
    expect(last().killed).toBe(true)
    last().end(null)
    expect(supervisor.status).toMatchObject({ state: 'backing-off', problem: 'The server did not answer any more.' })
  })

  it('ends one that does not get ready within a minute', async () => {
    const { supervisor, last, pass } = bench()
    supervisor.start()
    await pass(59_999)
    expect(last().killed).toBe(false)
    await pass(1)
    expect(last().killed).toBe(true)
  })

  it('stops when all is drained, by force after twenty seconds, and starts nothing meanwhile', async () => {
    const { supervisor, children, last, pass } = bench()
    supervisor.start()
    last().say(READY)
    let stopped = false
    const stop = supervisor.stop().then(() => (stopped = true))
    expect(last().drained).toBe(true)
    supervisor.start()
    await pass(19_999)
    expect([last().killed, stopped]).toEqual([false, false])
    await pass(1)
    expect(last().killed).toBe(true)
    last().end(null)
    await stop
    expect(supervisor.status.state).toBe('stopped')
    expect(children).toHaveLength(1)
  })

  it('forgets the try that was to come when it is stopped', async () => {
    const { supervisor, children, last, pass } = bench()
    supervisor.start()
    last().end(1)
    await supervisor.stop()
    await pass(60_000)
    expect([children.length, supervisor.status.state]).toEqual([1, 'stopped'])
  })

  it('does not listen to one that is gone', () => {
    const { supervisor, children, last } = bench()
    supervisor.start()
    const [first] = children
    last().end(1)
    first?.say(READY)
    expect(supervisor.status.state).toBe('backing-off')
  })
})
