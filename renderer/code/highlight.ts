// Highlighting of code, done by a worker: a page never waits for it.
import { type Language, languageOf } from './languages.ts'

export interface Token {
  content: string
  color: string | undefined
  /** Where it stands in the whole text. */
  offset: number
}
export type Line = Token[]

export interface Question {
  id: number
  text: string
  language: Language
  dark: boolean
}

export interface Answer {
  id: number
  lines: Line[] | undefined
}

/** Of characters; larger texts stay plain. */
const LARGEST = 500_000

const waiting = new Map<number, (lines: Line[] | undefined) => void>()
let worker: Worker | undefined
let last = 0

function open(): Worker {
  if (worker) return worker
  worker = new Worker(new URL('./highlight-worker.ts', import.meta.url), { type: 'module' })
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    waiting.get(data.id)?.(data.lines)
    waiting.delete(data.id)
  })
  // Without it code is plain; the next text finds a fresh one.
  worker.addEventListener('error', () => {
    for (const settle of waiting.values()) settle(undefined)
    waiting.clear()
    worker?.terminate()
    worker = undefined
  })
  return worker
}

/** Lines of coloured pieces; undefined where the language is not known or the text is too large to colour. */
export function highlight(text: string, path: string, dark: boolean): Promise<Line[] | undefined> {
  const language = languageOf(path)
  if (language === undefined || text.length > LARGEST) return Promise.resolve(undefined)
  const id = ++last
  return new Promise((resolve) => {
    waiting.set(id, resolve)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
    open().postMessage({ id, text, language, dark } satisfies Question)
  })
}
