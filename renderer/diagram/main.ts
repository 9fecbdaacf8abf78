// Draws one diagram in a document of its own: it stands in a sandbox without an origin, reads and asks for nothing, and
// tells the page around it only how high the picture is.
import mermaid from 'mermaid'
import type { DiagramOrder, DiagramWord } from './words.ts'

const ALWAYS_SECURE = ['secure', 'securityLevel', 'startOnLoad', 'maxTextSize', 'suppressErrorRendering', 'maxEdges']

/** Handlers on tags in labels: they are cleaned away later, but not before the policy has told of each. */
const HANDLER = /(?<=<[a-z][^<>]{0,2000}[\s/"'])on(?=\w+\s*=)/gi

function say(word: DiagramWord): void {
  // The page around checks who speaks; an origin has neither of us to name.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parent.postMessage(word, '*')
}

async function draw({ text, dark }: DiagramOrder): Promise<void> {
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light'
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    htmlLabels: false,
    suppressErrorRendering: true,
    theme: dark ? 'dark' : 'default',
    fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
    maxTextSize: 50_000,
    maxEdges: 1000,
    // What a diagram may not set itself, beside what mermaid always forbids: labels of HTML, and styles.
    secure: [...ALWAYS_SECURE, 'htmlLabels', 'themeCSS', 'fontFamily', 'dompurifyConfig'],
  })
  const place = document.querySelector('#diagram')
  const { svg } = await mermaid.render('picture', text.replace(HANDLER, 'data-'))
  if (!place) return
  place.innerHTML = svg
  say({ kind: 'drawn', height: Math.ceil(document.documentElement.getBoundingClientRect().height) })
}

addEventListener('message', (event: MessageEvent<DiagramOrder>) => {
  if (event.source !== parent) return
  draw(event.data).catch((error: unknown) => {
    say({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
  })
})

addEventListener('resize', () => {
  if (document.querySelector('svg'))
    say({ kind: 'drawn', height: Math.ceil(document.documentElement.getBoundingClientRect().height) })
})

say({ kind: 'ready' })
