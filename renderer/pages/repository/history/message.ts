// A message cut into words and links. Nothing but http and https is ever a link.

export interface Piece {
  kind: 'text' | 'page' | 'commit'
  text: string
  at: number
}

const LINK = /\bhttps?:\/\/[^\s<>"'`]+|(?<![\w/.-])[0-9a-f]{40}(?![\w-])/g
/** What closes a sentence, or the bracket around it, is not part of an address. */
const CLOSING = /[.,;:!?)\]}]+$/

export function splitMessage(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  const words = (to: number): void => {
    if (to > from) pieces.push({ kind: 'text', text: text.slice(from, to), at: from })
  }
  for (const match of text.matchAll(LINK)) {
    const isPage = match[0].startsWith('http')
    const found = isPage ? match[0].replace(CLOSING, '') : match[0]
    if (isPage && !URL.canParse(found)) continue
    words(match.index)
    pieces.push({ kind: isPage ? 'page' : 'commit', text: found, at: match.index })
    from = match.index + found.length
  }
  words(text.length)
  return pieces
}

export function splitSubject(message: string): { subject: string; body: string } {
  const [subject = '', ...rest] = message.trim().split('\n')
  return { subject, body: rest.join('\n').trim() }
}

/** `Name <mail>` in its two parts. */
export function personOf(raw: string): { name: string; mail: string } {
  const [, name = raw, mail = ''] = /^(.*?) ?<(.*)>$/.exec(raw) ?? []
  return { name: name === '' ? mail : name, mail }
}
