// Lines of a file of any size, in flat memory: how many there are, and those that are asked for.
import type { Readable } from 'node:stream'

export interface Span {
  from: number
  to: number
}

export interface Lines {
  total: number
  /** Those of the span, without their ends. */
  text: string[]
  isBinary: boolean
}

/** Bytes at the head in which a zero byte makes a file a binary one, as git has it. */
const LOOKED_AT = 8000
/** Longer lines are cut there. */
const LINE_BYTES = 4000
const NEWLINE = 0x0a

/** Ends early where the file is a binary one. */
export async function readLines(body: Buffer | Readable, span: Span): Promise<Lines> {
  const text: string[] = []
  let number = 1
  let line: Buffer[] = []
  let length = 0
  let seen = 0
  const keep = (piece: Buffer): void => {
    const wanted = number >= span.from && number <= span.to
    if (wanted && length <= LINE_BYTES) line.push(Buffer.from(piece.subarray(0, LINE_BYTES + 1 - length)))
    length += piece.length
  }
  const close = (): void => {
    if (number >= span.from && number <= span.to) text.push(lineText(line, length))
    line = []
    length = 0
    number++
  }
  for await (const chunk of chunksOf(body)) {
    if (seen < LOOKED_AT && chunk.subarray(0, LOOKED_AT - seen).includes(0))
      return { total: 0, text: [], isBinary: true }
    seen += chunk.length
    let at = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      keep(chunk.subarray(at, end))
      close()
      at = end + 1
    }
    keep(chunk.subarray(at))
  }
  if (length > 0) close()
  return { total: number - 1, text, isBinary: false }
}

async function* chunksOf(body: Buffer | Readable): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(body)) yield body
  else yield* body as AsyncIterable<Buffer>
}

function lineText(pieces: Buffer[], length: number): string {
  if (length <= LINE_BYTES) return Buffer.concat(pieces).toString()
  // A sign that the cut went through is left out.
  const cut = Buffer.concat(pieces).subarray(0, LINE_BYTES)
  return `${new TextDecoder().decode(cut, { stream: true })}…`
}
