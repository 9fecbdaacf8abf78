// Passwords: bcrypt off the event loop in a bounded queue, and a memory of what was verified in the last minutes.
import { hash, randomBytes } from 'node:crypto'
import bcrypt from 'bcrypt'
import { Fault } from '../../kit/fault.ts'

export interface Passwords {
  hash(password: string): Promise<string>
  /**
   * Whether `password` belongs to `stored`. An unknown user (stored undefined) costs the same work.
   * Faults with `busy` when too many verifications wait.
   */
  verify(userId: string, stored: string | undefined, password: string): Promise<boolean>
  /** Whether `verify` found this right in the last minutes. */
  remembers(userId: string, stored: string, password: string): boolean
  /** What the admin sees of it. */
  stats(): { computed: number; remembered: number; waiting: number; hits: number }
}

interface Limits {
  cost: number
  /** bcrypt computations at once: libuv has four threads, and files need some of them too. */
  parallel?: number
  queue?: number
  cacheMs?: number
  cacheSize?: number
  now?: () => number
}

export function openPasswords(limits: Limits): Passwords {
  const { cost, parallel = 2, queue = 200, cacheMs = 5 * 60_000, cacheSize = 10_000, now = Date.now } = limits
  // A key of this process alone: the memory is worthless outside it. The stored hash is part of what is signed, so a
  // changed password is refused at once without anybody having to clear anything.
  const key = randomBytes(32).toString('base64url')
  const verified = new Map<string, number>()
  const underWay = new Map<string, Promise<boolean>>()
  const slots = openSlots(parallel, queue)
  let computed = 0
  let hits = 0
  let decoy: Promise<string> | undefined

  async function compute(stored: string | undefined, password: string): Promise<boolean> {
    return slots.run(async () => {
      computed += 1
      if (stored !== undefined) return bcrypt.compare(password, stored)
      decoy ??= bcrypt.hash(randomBytes(16).toString('hex'), cost)
      await bcrypt.compare(password, await decoy)
      return false
    })
  }

  /** Keyed, so that the memory tells nothing; the digest never leaves this process, where HMAC would guard no more. */
  function keyOf(userId: string, stored: string | undefined, password: string): string {
    return hash('sha256', `${key}${userId}\0${stored ?? ''}\0${password}`, 'base64url')
  }

  function isRemembered(id: string): boolean {
    const until = verified.get(id)
    if (until === undefined || until <= now()) return false
    hits += 1
    verified.delete(id)
    verified.set(id, until)
    return true
  }

  function remember(id: string): void {
    if (verified.size >= cacheSize) {
      const [oldest] = verified.keys()
      if (oldest !== undefined) verified.delete(oldest)
    }
    verified.set(id, now() + cacheMs)
  }

  return {
    hash: (password) => slots.run(() => bcrypt.hash(password, cost)),
    remembers: (userId, stored, password) => isRemembered(keyOf(userId, stored, password)),
    async verify(userId, stored, password) {
      const id = keyOf(userId, stored, password)
      if (isRemembered(id)) return true
      let work = underWay.get(id)
      if (!work) {
        work = compute(stored, password).finally(() => underWay.delete(id))
        underWay.set(id, work)
      }
      const right = await work
      if (right) remember(id)
      return right
    },
    stats: () => ({ computed, remembered: verified.size, waiting: slots.waiting(), hits }),
  }
}

/** Runs at most `parallel` works at once and lets `queue` more wait. */
function openSlots(parallel: number, queue: number): { run<T>(work: () => Promise<T>): Promise<T>; waiting(): number } {
  let running = 0
  const line: (() => void)[] = []
  return {
    waiting: () => line.length,
    async run(work) {
      if (running >= parallel) {
        if (line.length >= queue) throw new Fault('busy', { detail: 'Too many sign-ins at once.' })
        await new Promise<void>((resolve) => line.push(resolve))
      } else running += 1
      try {
        return await work()
      } finally {
        const next = line.shift()
        if (next) next()
        else running -= 1
      }
    },
  }
}
