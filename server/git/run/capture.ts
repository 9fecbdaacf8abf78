// What git prints: as a stream, or as its first bytes with a mark whether there were more.
import type { Readable } from 'node:stream'
import { outputOf } from './output.ts'
import type { Git, GitCall } from './run.ts'

/** Rejects when git fails before its first byte, and ends in an error when it fails later. */
export async function streamOutput(git: Git, call: GitCall): Promise<Readable> {
  const process = await git.start({ lane: 'reply', ...call, stdin: call.input !== undefined })
  process.stdin?.end(call.input)
  return outputOf(process)
}

export interface Head {
  data: Buffer
  /** There was more: `data` ends at the limit. */
  truncated: boolean
}

/** Unlike with `exec`, more output than `max` bytes is no fault: git is ended there. */
export async function captureHead(git: Git, call: GitCall, max: number): Promise<Head> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of (await streamOutput(git, { lane: 'read', ...call })) as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > max) break
  }
  const data = Buffer.concat(chunks)
  return size > max ? { data: data.subarray(0, max), truncated: true } : { data, truncated: false }
}

/** Lines as Latin-1 text, as they come; who stops reading ends git. What stands behind the last newline is left out. */
export async function* eachLine(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
