// The thread that renders: one text after the other, until it is ended.
import { parentPort } from 'node:worker_threads'
import type { MarkupPlace } from './links.ts'
import { renderText } from './render.ts'

export interface Order {
  text: string
  place: MarkupPlace | undefined
}

export type Outcome = { html: string } | { failed: string }

parentPort?.on('message', ({ text, place }: Order) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(outcomeOf(text, place))
})

function outcomeOf(text: string, place: MarkupPlace | undefined): Outcome {
  try {
    return { html: renderText(text, 'markdown', place) }
  } catch (error) {
    return { failed: String(error) }
  }
}
