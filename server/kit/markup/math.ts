// Formulas in Markdown as GitHub takes them: `$…$`, `` $`…`$ ``, `$$…$$` and blocks between lines of `$$`. They leave here as
// marked text; the page draws them.
import type { MarkdownIt, StateBlock, StateInline } from 'markdown-it'

/** A longer formula is taken for text: without an end to it, each dollar would be looked for to the end of the text. */
const LONGEST = 2000
const WORD = /[\p{L}\p{N}]/u

export function addMath(md: MarkdownIt): void {
  md.inline.ruler.after('escape', 'math', inlineMath)
  md.block.ruler.before('fence', 'math', blockMath, { alt: ['paragraph', 'blockquote', 'list'] })
  md.renderer.rules['math_inline'] = (tokens, at) =>
    `<code class="${tokens[at]?.block ? 'markup-math markup-display' : 'markup-math'}">${md.utils.escapeHtml(tokens[at]?.content ?? '')}</code>`
  md.renderer.rules['math_block'] = (tokens, at) => mathBlock(md, tokens[at]?.content ?? '')
}

export function mathBlock(md: MarkdownIt, formula: string): string {
  return `<pre class="markup-math">${md.utils.escapeHtml(formula)}</pre>\n`
}

function inlineMath(state: StateInline, silent: boolean): boolean {
  const { src, pos } = state
  if (src[pos] !== '$' || WORD.test(src[pos - 1] ?? '')) return false
  const found = src.startsWith('$`', pos)
    ? quoted(src, pos)
    : src.startsWith('$$', pos)
      ? double(src, pos)
      : single(src, pos)
  if (!found) return false
  if (!silent) {
    const token = state.push('math_inline', 'math', 0)
    token.content = found.formula
    token.block = found.block ?? false
  }
  state.pos = found.end
  return true
}

interface Found {
  formula: string
  end: number
  block?: true
}

function quoted(src: string, pos: number): Found | undefined {
  const end = src.slice(pos + 2, pos + LONGEST).indexOf('`$')
  return end > 0 ? { formula: src.slice(pos + 2, pos + 2 + end), end: pos + end + 4 } : undefined
}

function double(src: string, pos: number): Found | undefined {
  const end = src.slice(pos + 2, pos + LONGEST).indexOf('$$')
  return end > 0 ? { formula: src.slice(pos + 2, pos + 2 + end), end: pos + end + 4, block: true } : undefined
}

/** No space inside at its ends and no word right behind it: sums of money and names of shell variables are none. */
function single(src: string, pos: number): Found | undefined {
  if (/[\s$]/.test(src[pos + 1] ?? ' ')) return undefined
  const last = Math.min(src.length, pos + LONGEST)
  for (let at = pos + 1; at < last; at++) {
    if (src[at] === '\\') at++
    else if (src[at] === '$') {
      const fits = !/\s/.test(src[at - 1] ?? ' ') && !WORD.test(src[at + 1] ?? '')
      return fits ? { formula: src.slice(pos + 1, at), end: at + 1 } : undefined
    }
  }
  return undefined
}

function blockMath(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const textOf = (line: number): string =>
    state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]).trimEnd()
  const first = textOf(startLine)
  if (!first.startsWith('$$') || (state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false
  const alone = /^\$\$(.+)\$\$$/.exec(first)?.[1]
  const end = alone === undefined ? endOf(state, startLine, { endLine, textOf }) : startLine
  if (end === undefined) return false
  if (silent) return true
  const token = state.push('math_block', 'math', 0)
  const inner = Array.from({ length: Math.max(0, end - startLine - 1) }, (_unused, i) => textOf(startLine + 1 + i))
  token.content = alone ?? [first.slice(2), ...inner, textOf(end).slice(0, -2)].join('\n').trim()
  token.map = [startLine, end + 1]
  state.line = end + 1
  return true
}

/** The line that ends the block; it has to come before the block around it ends. */
function endOf(
  state: StateBlock,
  startLine: number,
  { endLine, textOf }: { endLine: number; textOf: (line: number) => string },
): number | undefined {
  for (let line = startLine + 1; line < Math.min(endLine, startLine + 200); line++) {
    const text = textOf(line)
    if (text !== '' && (state.sCount[line] ?? 0) < state.blkIndent) return undefined
    if (text.endsWith('$$')) return line
  }
  return undefined
}
