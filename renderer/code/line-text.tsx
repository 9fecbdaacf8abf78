// The text of one line: coloured where colours are known, odd signs by their names, and cut where it has no end.
import { Fragment } from 'react'
import type { Line } from './highlight.ts'
import { splitOdd } from './odd.ts'

/** Of a longer line only so much is shown: a browser would stand still over it. */
const SHOWN = 20_000

export function splitLines(text: string): string[] {
  const lines = text.replace(/\n$/, '').split('\n')
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
}

export function LineText({ text, tokens }: { text: string; tokens: Line | undefined }) {
  if (text.length > SHOWN) {
    return (
      <>
        <Pieces text={text.slice(0, SHOWN)} />
        <span className="cut">… {(text.length - SHOWN).toLocaleString('en')} more characters in this line</span>
      </>
    )
  }
  if (!tokens) return <Pieces text={text} />
  return tokens.map((token) => (
    <span key={token.offset} style={{ color: token.color }}>
      <Pieces text={token.content} />
    </span>
  ))
}

/** The odd sign itself is left out: it would turn the order of what is around it. */
function Pieces({ text }: { text: string }) {
  const pieces = splitOdd(text)
  if (pieces.length === 1 && typeof pieces[0] === 'string') return pieces[0]
  return pieces.map((piece, i) => (
    // oxlint-disable-next-line react/no-array-index-key -- a piece is known by its place
    <Fragment key={i}>
      {typeof piece === 'string' ? (
        piece
      ) : (
        <span className={piece.turns ? 'odd turns' : 'odd'} title={`${piece.code} ${piece.name}`}>
          {piece.code}
        </span>
      )}
    </Fragment>
  ))
}
