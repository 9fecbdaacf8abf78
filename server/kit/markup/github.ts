// What GitHub's Markdown has beyond the common one: task lists, alerts, ids of headings, tables whose columns are aligned.
import type { MarkdownIt, Token } from 'markdown-it'

export function addGithub(md: MarkdownIt): void {
  md.core.ruler.push('github', ({ tokens }) => {
    nameHeadings(md, tokens)
    alignTables(tokens)
    const quotes: Token[] = []
    for (const [at, token] of tokens.entries()) {
      if (token.type === 'inline') makeTask(tokens, at)
      if (token.type === 'blockquote_open') quotes.push(makeAlert(tokens, at))
      if (token.type === 'blockquote_close') token.tag = quotes.pop()?.tag ?? token.tag
    }
  })
}

/** Letters, digits, `-` and `_` of the text, as GitHub names its headings. */
export function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-')
}

function nameHeadings(md: MarkdownIt, tokens: readonly Token[]): void {
  const counts = new Map<string, number>()
  for (const [at, token] of tokens.entries()) {
    const inline = tokens[at + 1]
    if (token.type !== 'heading_open' || !inline) continue
    const text = (inline.children ?? []).map(({ type, content }) => (type === 'html_inline' ? '' : content)).join('')
    const slug = slugOf(text.trim())
    if (slug === '') continue
    const count = counts.get(slug) ?? 0
    counts.set(slug, count + 1)
    const id = count === 0 ? slug : `${slug}-${count}`
    token.attrSet('id', id)
    const anchor = new (inline.constructor as typeof Token)('html_inline', '', 0)
    const { escapeHtml } = md.utils
    anchor.content = ` <a class="markup-anchor" href="#${escapeHtml(id)}" aria-label="Link to ${escapeHtml(text)}">#</a>`
    inline.children?.push(anchor)
  }
}

/** Styles are not let through; this old attribute says the same. */
function alignTables(tokens: readonly Token[]): void {
  for (const token of tokens) {
    if (token.type !== 'th_open' && token.type !== 'td_open') continue
    const side = /text-align:\s*(left|right|center)/.exec(String(token.attrGet('style') ?? ''))?.[1]
    token.attrs = (token.attrs ?? []).filter(([name]) => name !== 'style')
    if (side !== undefined) token.attrSet('align', side)
  }
}

function makeTask(tokens: readonly Token[], at: number): void {
  const [item, paragraph, inline] = tokens.slice(Math.max(0, at - 2), at + 1)
  if (item?.type !== 'list_item_open' || paragraph?.type !== 'paragraph_open') return
  const [text] = inline?.children ?? []
  if (text?.type !== 'text') return
  const [mark, sign] = /^\[([ xX])\](?:\s+|$)/.exec(text.content) ?? []
  if (mark !== undefined) tick({ item, inline, text }, { mark, done: sign !== ' ' })
}

function tick(
  { item, inline, text }: { item: Token; inline: Token | undefined; text: Token },
  { mark, done }: { mark: string; done: boolean },
): void {
  text.content = text.content.slice(mark.length)
  const box = new (text.constructor as typeof Token)('html_inline', '', 0)
  box.content = `<input type="checkbox" disabled${done ? ' checked' : ''} aria-label="${done ? 'Done' : 'To do'}"> `
  inline?.children?.unshift(box)
  item.attrJoin('class', 'markup-task')
}

const ALERT = /^\[!(note|tip|important|warning|caution)\]\s*$/i

/** Gives the token that opens the quote. */
function makeAlert(tokens: readonly Token[], at: number): Token {
  const [open, paragraph, inline] = tokens.slice(at, at + 3) as [Token, Token?, Token?]
  const children = inline?.children ?? []
  const [text] = children
  const kind = text && paragraph?.type === 'paragraph_open' ? alertIn(text) : undefined
  if (kind === undefined || !inline || !text) return open
  open.tag = 'div'
  open.attrSet('class', `markup-alert markup-alert-${kind}`)
  const title = new (text.constructor as typeof Token)('html_inline', '', 0)
  title.content = `<b class="markup-alert-title">${kind[0]?.toUpperCase()}${kind.slice(1)}</b>`
  inline.children = [title, ...children.slice(1)]
  return open
}

function alertIn({ content }: Token): string | undefined {
  return ALERT.exec(content)?.[1]?.toLowerCase()
}
