// Text that people wrote as HTML that may stand in a page. Pure; whoever renders what strangers wrote does it in a thread
// with an end to its patience (markup.ts).
import MarkdownIt, { type MarkdownIt as Parser } from 'markdown-it'
import footnotes from 'markdown-it-footnote'
import { cleanHtml } from './clean.ts'
import { addGithub } from './github.ts'
import type { MarkupPlace } from './links.ts'
import { addMath, mathBlock } from './math.ts'

export type Language = 'markdown' | 'plaintext'

const MARKDOWN = /\.(?:md|markdown|mkdn?|mdown)$/i

/** By the name of the file; what is no Markdown is shown as it is. */
export function languageOf(path: string): Language {
  return MARKDOWN.test(path) ? 'markdown' : 'plaintext'
}

export function renderText(text: string, language: Language, place?: MarkupPlace): string {
  if (language === 'plaintext') return `<pre>${parser.utils.escapeHtml(text)}</pre>`
  const html = parser.render(text)
  if (html.length > LARGEST) throw new Error('the text becomes too large')
  return cleanHtml(html, place)
}

/** Short names of long addresses make much of little. */
const LARGEST = 8 * 1024 * 1024

const parser = makeParser()

function makeParser(): Parser {
  const md = new MarkdownIt({ html: true, linkify: true, maxNesting: 50 })
  // As GitHub: `www.` and whole addresses become links, not every word with a dot in it.
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: true })
  md.use(footnotes)
  addMath(md)
  addGithub(md)
  md.renderer.rules['fence'] = (tokens, at) => {
    const { info = '', content = '' } = tokens[at] ?? {}
    const language = /^[\w+#.-]{1,40}/.exec(info.trim())?.[0]?.toLowerCase() ?? ''
    const { escapeHtml } = md.utils
    if (language === 'math') return mathBlock(md, content)
    if (language === 'mermaid') return `<pre class="markup-mermaid">${escapeHtml(content)}</pre>\n`
    const marked = language === '' ? '' : ` class="language-${escapeHtml(language)}"`
    return `<pre><code${marked}>${escapeHtml(content)}</code></pre>\n`
  }
  return md
}
