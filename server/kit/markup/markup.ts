// Renders what people wrote in a thread beside the requests. A text that takes too long or too much memory ends the thread
// and not the server, and is shown as it is.
import { createHash } from 'node:crypto'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { Fault } from '../fault.ts'
import { openLru } from '../lru.ts'
import type { MarkupPlace } from './links.ts'
import { type Language, renderText } from './render.ts'
import type { Order, Outcome } from './thread.ts'

export interface Rendered {
  html: string
  /** It was too much to render: the HTML shows the text as it is. */
  plain: boolean
}

export interface Markup {
  render: (text: string, language: Language, place?: MarkupPlace) => Promise<Rendered>
  /** Texts that were rendered rather than remembered. */
  readonly rendered: number
  close: () => Promise<void>
}

interface Waiting {
  order: Order
  done: (outcome: Outcome) => void
}

interface Room {
  worker: Worker | undefined
  queue: Waiting[]
  now: Waiting | undefined
  /** Of the text in hand, then of the rest without one. */
  timer: NodeJS.Timeout | undefined
  rendered: number
}

const DEADLINE_MS = 3000
const IDLE_MS = 60_000
const WAITING_MAX = 64
const CACHE_CHARS = 8 * 1024 * 1024
const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 }

export function openMarkup({ deadlineMs = DEADLINE_MS } = {}): Markup {
  const room: Room = { worker: undefined, queue: [], now: undefined, timer: undefined, rendered: 0 }
  const cache = openLru<Rendered>(CACHE_CHARS)
  return {
    render: async (text, language, place) => {
      if (language === 'plaintext') return { html: renderText(text, language), plain: false }
      const key = createHash('sha256')
        .update(JSON.stringify([text, place]))
        .digest('base64url')
      const known = cache.get(key)
      if (known) return known
      const outcome = await inThread(room, { text, place }, deadlineMs)
      const plain = 'failed' in outcome
      const result = { html: plain ? renderText(text, 'plaintext') : outcome.html, plain }
      cache.set(key, result, result.html.length)
      return result
    },
    get rendered() {
      return room.rendered
    },
    close: async () => {
      clearTimeout(room.timer)
      await room.worker?.terminate()
    },
  }
}

function inThread(room: Room, order: Order, deadlineMs: number): Promise<Outcome> {
  if (room.queue.length >= WAITING_MAX) throw new Fault('busy')
  return new Promise((done) => {
    room.queue.push({ order, done })
    next(room, deadlineMs)
  })
}

function next(room: Room, deadlineMs: number): void {
  if (room.now) return
  clearTimeout(room.timer)
  room.now = room.queue.shift()
  if (!room.now) {
    room.timer = setTimeout(() => void drop(room), IDLE_MS).unref()
    return
  }
  room.worker ??= hire(room, deadlineMs)
  room.rendered++
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  room.worker.postMessage(room.now.order)
  const worker = room.worker
  room.timer = setTimeout(() => settle(room, worker, { failed: 'late' }, deadlineMs), deadlineMs).unref()
}

function hire(room: Room, deadlineMs: number): Worker {
  const self = fileURLToPath(import.meta.url)
  // The file beside this one, as TypeScript or as its bundle.
  const worker = new Worker(join(dirname(self), `thread${extname(self)}`), { resourceLimits: LIMITS, env: {} })
  worker.unref()
  worker.on('message', (outcome: Outcome) => settle(room, worker, outcome, deadlineMs))
  worker.on('error', (error) => settle(room, worker, { failed: error.message }, deadlineMs))
  return worker
}

/** What a thread says that was let go is not heard. One that failed by its own hand is not asked again. */
function settle(room: Room, worker: Worker, outcome: Outcome, deadlineMs: number): void {
  if (room.worker !== worker) return
  clearTimeout(room.timer)
  if ('failed' in outcome) void drop(room)
  const { now } = room
  room.now = undefined
  now?.done(outcome)
  next(room, deadlineMs)
}

async function drop(room: Room): Promise<void> {
  const { worker } = room
  room.worker = undefined
  await worker?.terminate()
}
