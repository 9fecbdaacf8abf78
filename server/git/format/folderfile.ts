// The last commits of a folder as bytes on disk. Pure. Whatever was not written by `packFolder` as it stands is refused.
import { createHash } from 'node:crypto'

/** Names as Latin-1 text, one character per byte, to the id of the commit. */
export type LastCommits = ReadonlyMap<string, string>

const HEAD = /^gitstead folder 1 (20|32) ([0-9a-f]{64})\n/
const HEAD_BYTES = 96

export function packFolder(folder: Buffer, found: LastCommits): Buffer {
  const [first = ''] = found.values()
  const parts: Buffer[] = [folder, NUL]
  for (const [name, oid] of found) parts.push(Buffer.from(name, 'latin1'), NUL, Buffer.from(oid, 'hex'))
  const body = Buffer.concat(parts)
  const head = `gitstead folder 1 ${first.length === 64 ? 32 : 20} ${digest(body)}\n`
  return Buffer.concat([Buffer.from(head), body])
}

export function unpackFolder(data: Buffer): { folder: Buffer; found: LastCommits } | undefined {
  const [head = '', size = '', hash = ''] = HEAD.exec(data.toString('latin1', 0, HEAD_BYTES)) ?? []
  const body = data.subarray(head.length)
  if (head === '' || digest(body) !== hash) return undefined
  const idBytes = Number(size)
  const found = new Map<string, string>()
  const start = body.indexOf(0) + 1
  for (let at = start; at < body.length;) {
    const end = body.indexOf(0, at)
    found.set(body.toString('latin1', at, end), body.toString('hex', end + 1, end + 1 + idBytes))
    at = end + 1 + idBytes
  }
  return { folder: body.subarray(0, start - 1), found }
}

const NUL = Buffer.from([0])

function digest(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}
