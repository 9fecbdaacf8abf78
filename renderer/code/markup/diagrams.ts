// Diagrams in a text: each is drawn by a document of its own in a sandbox, which gets the text and gives back a height.
// Where it fails or takes too long, the text of the diagram stays.
import type { DiagramOrder, DiagramWord } from '../../diagram/words.ts'
import type { Drawing } from './drawing.ts'

/** More of them at once are left as text: each is a document. */
const MOST = 20
const PATIENCE_MS = 15_000
const HIGHEST = 4000

export function drawDiagrams(box: HTMLElement, drawing: Drawing): void {
  for (const block of [...box.querySelectorAll<HTMLElement>('pre.markup-mermaid')].slice(0, MOST)) draw(block, drawing)
}

function draw(block: HTMLElement, { dark, signal }: Drawing): void {
  const frame = document.createElement('iframe')
  frame.setAttribute('sandbox', 'allow-scripts')
  frame.src = '/diagram.html'
  frame.title = 'Diagram'
  frame.className = 'markup-diagram'
  frame.height = '0'
  frame.ariaBusy = 'true'
  const heard = new AbortController()
  const leave = (): void => heard.abort()
  const fail = (reason: string): void => {
    leave()
    frame.remove()
    const note = document.createElement('p')
    note.className = 'markup-note'
    note.textContent = `This diagram could not be drawn: ${reason.split('\n', 1)[0]}`
    block.hidden = false
    block.after(note)
  }
  const timer = setTimeout(() => fail('it takes too long.'), PATIENCE_MS)
  const order: DiagramOrder = { text: block.textContent ?? '', dark }
  const hear = (event: MessageEvent<DiagramWord>): void => {
    if (event.source !== frame.contentWindow) return
    const word = event.data
    // Its origin is none, so there is none to name; what is said is the text of the page.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    if (word.kind === 'ready') frame.contentWindow?.postMessage(order, '*')
    if (word.kind === 'failed') fail(word.reason)
    if (word.kind !== 'drawn') return
    clearTimeout(timer)
    block.hidden = true
    frame.ariaBusy = null
    frame.height = String(Math.min(HIGHEST, Math.max(0, Math.ceil(word.height) || 0)))
  }
  addEventListener('message', hear, { signal: heard.signal })
  signal.addEventListener('abort', leave)
  heard.signal.addEventListener('abort', () => clearTimeout(timer))
  block.after(frame)
}
