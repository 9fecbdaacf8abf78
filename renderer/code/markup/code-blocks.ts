// Blocks of code in a text: coloured where their language is known, and copied with one click.
import { copy } from '../../parts/copy.tsx'
import { highlight } from '../highlight.ts'
import type { Drawing } from './drawing.ts'

/** How authors call what files end in. */
const ENDINGS: Record<string, string> = {
  bash: 'sh',
  console: 'sh',
  'c++': 'cpp',
  'c#': 'cs',
  dockerfile: 'docker',
  golang: 'go',
  javascript: 'js',
  kotlin: 'kt',
  markdown: 'md',
  python: 'py',
  ruby: 'rb',
  rust: 'rs',
  shell: 'sh',
  typescript: 'ts',
  yml: 'yaml',
  zsh: 'sh',
}

export function colourCode(box: HTMLElement, drawing: Drawing): void {
  for (const block of box.querySelectorAll<HTMLElement>('pre')) {
    if (block.className.startsWith('markup-')) continue
    const code = block.querySelector('code') ?? block
    const text = code.textContent ?? ''
    const language = /(?:^| )language-(\S+)/.exec(code.className)?.[1]
    addCopy(block, text)
    if (language !== undefined) void colour(code, { text, ending: ENDINGS[language] ?? language }, drawing)
  }
}

async function colour(
  code: Element,
  { text, ending }: { text: string; ending: string },
  { dark, signal }: Drawing,
): Promise<void> {
  const lines = await highlight(text, `code.${ending}`, dark).catch(() => undefined)
  if (!lines || signal.aborted) return
  const coloured = document.createDocumentFragment()
  for (const [at, line] of lines.entries()) {
    if (at > 0) coloured.append('\n')
    for (const { content, color } of line) {
      const piece = document.createElement('span')
      piece.textContent = content
      if (color !== undefined) piece.style.color = color
      coloured.append(piece)
    }
  }
  code.replaceChildren(coloured)
}

function addCopy(block: HTMLElement, text: string): void {
  const frame = document.createElement('div')
  frame.className = 'markup-code'
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'Copy'
  button.addEventListener('click', () => {
    void copy(text).then((done) => {
      button.textContent = done ? 'Copied' : 'Not copied'
      setTimeout(() => (button.textContent = 'Copy'), 2000)
    })
  })
  block.replaceWith(frame)
  frame.append(block, button)
}
