// Formulas in a text, drawn by KaTeX, which is loaded when a text has some. One that it does not understand stays as written.
import type { Drawing } from './drawing.ts'

export function drawFormulas(box: HTMLElement, { signal }: Drawing): void {
  const places = box.querySelectorAll<HTMLElement>('code.markup-math, pre.markup-math')
  if (places.length === 0) return
  void load().then((katex) => {
    if (signal.aborted) return
    for (const place of places) {
      const formula = place.textContent ?? ''
      const drawn = document.createElement(place.tagName === 'PRE' ? 'div' : 'span')
      const displayMode = place.tagName === 'PRE' || place.classList.contains('markup-display')
      drawn.className = displayMode ? 'markup-formula' : ''
      if (displayMode) drawn.tabIndex = 0
      try {
        katex.render(formula, drawn, { displayMode, trust: false, strict: 'ignore', maxSize: 20, maxExpand: 500 })
        place.replaceWith(drawn)
      } catch {
        place.title = 'This formula could not be drawn.'
      }
    }
  })
}

async function load() {
  const [{ default: katex }] = await Promise.all([import('katex'), import('katex/dist/katex.min.css')])
  return katex
}
