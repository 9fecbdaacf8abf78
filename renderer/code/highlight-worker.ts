// Colours code beside the page, which stays quick meanwhile. An engine of plain regular expressions, no WASM.
import { loadGrammar } from './grammars.ts'
import { createHighlighterCore, type HighlighterCore } from 'shiki/core'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'
import type { Answer, Question } from './highlight.ts'

/** Longer lines stay plain. */
const LONGEST_LINE = 2000

let highlighter: Promise<HighlighterCore> | undefined

function open(): Promise<HighlighterCore> {
  highlighter ??= createHighlighterCore({
    themes: [
      import('shiki/themes/github-light-high-contrast.mjs'),
      import('shiki/themes/github-dark-high-contrast.mjs'),
    ],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  })
  return highlighter
}

async function colour({ id, text, language, dark }: Question): Promise<Answer> {
  const [core, grammar] = await Promise.all([open(), loadGrammar(language)])
  await core.loadLanguage(grammar)
  const lines = core.codeToTokensBase(text, {
    lang: language,
    theme: dark ? 'github-dark-high-contrast' : 'github-light-high-contrast',
    tokenizeMaxLineLength: LONGEST_LINE,
  })
  return { id, lines: lines.map((line) => line.map(({ content, color, offset }) => ({ content, color, offset }))) }
}

const port = globalThis as unknown as Worker

port.addEventListener('message', ({ data }: MessageEvent<Question>) => {
  colour(data).then(
    (answer) => port.postMessage(answer),
    () => port.postMessage({ id: data.id, lines: undefined }),
  )
})
