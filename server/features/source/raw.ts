// A file as it is: whole or a part of it, of any size in flat memory, and nothing at all for a reader who has it.
import { Readable } from 'node:stream'
import { pathText } from '../../git/format/paths.ts'
import type { Entry } from '../../git/read/trees.ts'
import { Fault } from '../../kit/fault.ts'
import type { Ask, Reply } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { hasAlready, type Part, partOf } from './conditional.ts'
import { mimeOf, rawHeaders } from './media.ts'
import { bodyOfFile, sizeOfFile } from './source.ts'

type RawAsk = Pick<Ask, 'raw' | 'signal'> & { repository: RepositoryView }

export async function rawFile(
  rooms: Rooms,
  ask: RawAsk,
  { entry, download }: { entry: Entry; download: boolean },
): Promise<Reply> {
  if (entry.kind === 'submodule')
    throw new Fault('git.object', { detail: 'This is a submodule: its files are in another repository.' })
  const path = pathText(entry.path)
  const etag = `"${entry.oid}"`
  const headers = {
    ...rawHeaders(path, download),
    ETag: etag,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-cache',
  }
  const { type } = mimeOf(path)
  const answer = (status: number, body: Buffer | string, more: Record<string, string> = {}): Reply => ({
    kind: 'text',
    status,
    type,
    body,
    headers: { ...headers, ...more },
  })
  if (hasAlready(ask.raw.headers, etag)) return answer(304, '')
  const size = await sizeOfFile(rooms, ask.repository, entry, ask.signal)
  const part = partOf(ask.raw.headers, { size, etag })
  if (part === 'outside') return answer(416, '', { 'Content-Range': `bytes */${size}` })
  const { start, end } = part ?? { start: 0, end: size }
  const more = {
    'Content-Length': String(end - start),
    ...(part && { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }),
  }
  const status = part ? 206 : 200
  if (ask.raw.method === 'HEAD') return answer(status, '', more)
  const body = await bodyOfFile(rooms, ask.repository, { oid: entry.oid, size }, ask.signal)
  if (Buffer.isBuffer(body)) return answer(status, body.subarray(start, end), more)
  const stream = part ? cut(body, part) : body
  return { kind: 'stream', status, type, body: stream, headers: { ...headers, ...more } }
}

/** What comes before it is read and dropped: git gives an object from its beginning. */
function cut(body: Readable, { start, end }: Part): Readable {
  const part = Readable.from(slices(body, start, end), { objectMode: false })
  part.on('close', () => body.destroy())
  return part
}

async function* slices(body: Readable, start: number, end: number): AsyncGenerator<Buffer> {
  let at = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const piece = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at))
    at += chunk.length
    if (piece.length > 0) yield piece
    if (at >= end) return
  }
}
