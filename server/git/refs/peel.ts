// What a ref points at, read in process from loose objects and packs: whether it is there, and what a tag leads to.
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { constants, inflateSync } from 'node:zlib'

/** `absent`: no such object here; alternates are not searched. `peeled` is set for tags alone. */
export type Target = { kind: 'plain' } | { kind: 'tag'; peeled: string } | { kind: 'absent' }

type ObjectType = 'commit' | 'tree' | 'blob' | 'tag'
type Found = { type: ObjectType; data?: Buffer }

const TYPES: Record<number, ObjectType> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' }
const [OFFSET_DELTA, ID_DELTA] = [6, 7]
/** Compressed bytes that surely hold the header of a loose object, and nearly every tag as a whole. */
const LOOSE_BYTES = 512
const PACKED_BYTES = 16 * 1024
const CHAIN_MAX = 100

/** Looks up each object id of a SHA-1 repository. Damaged files count as absent. */
export function targets(path: string, oids: Iterable<string>): Map<string, Target> {
  const objects = openObjects(path)
  try {
    return new Map([...oids].map((oid) => [oid, follow(objects, oid)]))
  } finally {
    objects.close()
  }
}

function follow(objects: Objects, oid: string): Target {
  let at = oid
  for (let depth = 0; depth < CHAIN_MAX; depth++) {
    const found = objects.find(at)
    if (!found) return depth === 0 ? { kind: 'absent' } : { kind: 'plain' }
    if (found.type !== 'tag') return depth === 0 ? { kind: 'plain' } : { kind: 'tag', peeled: at }
    const target = /^object ([0-9a-f]{40})\n/.exec(found.data?.toString('latin1', 0, 48) ?? '')?.[1]
    if (!target) return { kind: 'plain' }
    at = target
  }
  return { kind: 'plain' }
}

interface Objects {
  find: (oid: string) => Found | undefined
  close: () => void
}

/** One visit: packs are opened as they are needed and closed at its end, so that a repack never meets an old list. */
function openObjects(path: string): Objects {
  const root = `${path}/objects`
  let packs: Pack[] | undefined
  const open = (): Pack[] => (packs ??= openPacks(`${root}/pack`))
  const find = (oid: string): Found | undefined => {
    const loose = attempt(() => readLoose(`${root}/${oid.slice(0, 2)}/${oid.slice(2)}`))
    if (loose) return loose
    const id = Buffer.from(oid, 'hex')
    for (const pack of open()) {
      const offset = attempt(() => pack.offsetOf(id))
      const found = offset === undefined ? undefined : attempt(() => readPacked(pack, offset, 0))
      if (found) return found
    }
    return undefined
  }
  return { find, close: () => packs?.forEach((pack) => pack.close()) }
}

function readLoose(file: string): Found | undefined {
  const packed = readHead(file)
  const head = inflateSome(packed)
  const type = /^(commit|tree|blob|tag) (\d+)\0/.exec(head.toString('latin1', 0, 32))
  if (!type) return undefined
  const name = type[1] as ObjectType
  return name === 'tag' ? { type: name, data: head.subarray(type[0].length) } : { type: name }
}

function readHead(file: string): Buffer {
  const fd = openSync(file, 'r')
  try {
    return readAt(fd, 0, LOOSE_BYTES)
  } finally {
    closeSync(fd)
  }
}

interface Pack {
  offsetOf: (id: Buffer) => number | undefined
  read: (offset: number, length: number) => Buffer
  close: () => void
}

function openPacks(folder: string): Pack[] {
  const names = attempt(() => readdirSync(folder)) ?? []
  const found = names
    .filter((name) => name.endsWith('.idx'))
    .map((name) => ({ base: `${folder}/${name.slice(0, -4)}`, time: timeOf(`${folder}/${name}`) }))
  // The newest pack first: a ref that has just moved points into it.
  return found.sort((a, b) => b.time - a.time).map(({ base }) => openPack(base))
}

function timeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function openPack(base: string): Pack {
  const fds = new Map<string, number>()
  const read = (ending: string, offset: number, length: number): Buffer => {
    const fd = fds.get(ending) ?? openSync(base + ending, 'r')
    fds.set(ending, fd)
    return readAt(fd, offset, length)
  }
  return {
    offsetOf: (id) => offsetIn((offset, length) => read('.idx', offset, length), id),
    read: (offset, length) => read('.pack', offset, length),
    close: () => {
      for (const fd of fds.values()) closeSync(fd)
    },
  }
}

/** The place of an object by the pack's index, version 2: fan-out, ids, checksums, offsets, large offsets. */
function offsetIn(read: (offset: number, length: number) => Buffer, id: Buffer): number | undefined {
  const head = read(0, 8 + 1024)
  if (head.readUInt32BE(0) !== 0xff744f63 || head.readUInt32BE(4) !== 2) return undefined
  const first = id[0] ?? 0
  const total = head.readUInt32BE(8 + 255 * 4)
  let low = first === 0 ? 0 : head.readUInt32BE(8 + (first - 1) * 4)
  let high = head.readUInt32BE(8 + first * 4)
  const ids = 8 + 1024
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = Buffer.compare(read(ids + middle * 20, 20), id)
    if (order === 0) {
      const offsets = ids + total * 24
      const small = read(offsets + middle * 4, 4).readUInt32BE(0)
      if (small < 0x80000000) return small
      return Number(read(offsets + total * 4 + (small - 0x80000000) * 8, 8).readBigUInt64BE(0))
    }
    if (order < 0) low = middle + 1
    else high = middle
  }
  return undefined
}

/** An entry of a pack: its type, and for tags its bytes; deltas take the type of what they stand on. */
function readPacked(pack: Pack, offset: number, depth: number): Found | undefined {
  if (depth > CHAIN_MAX) return undefined
  const head = pack.read(offset, 64)
  let at = 0
  const kind = ((head[0] ?? 0) >> 4) & 7
  while ((head[at++] ?? 0) & 0x80);
  const plain = TYPES[kind]
  if (plain) return plain === 'tag' ? { type: 'tag', data: inflateAt(pack, offset + at) } : { type: plain }
  let base: number | undefined
  if (kind === OFFSET_DELTA) [base, at] = deltaBase(head, offset, at)
  if (kind === ID_DELTA) [base, at] = [pack.offsetOf(head.subarray(at, at + 20)), at + 20]
  const under = base === undefined ? undefined : readPacked(pack, base, depth + 1)
  if (!under?.data) return under
  return { type: under.type, data: applyDelta(under.data, inflateAt(pack, offset + at)) }
}

function deltaBase(head: Buffer, offset: number, start: number): [number, number] {
  let at = start
  let byte = head[at++] ?? 0
  let distance = byte & 0x7f
  while (byte & 0x80) {
    byte = head[at++] ?? 0
    distance = (distance + 1) * 128 + (byte & 0x7f)
  }
  return [offset - distance, at]
}

function applyDelta(base: Buffer, delta: Buffer): Buffer {
  let at = 0
  const skipSize = (): void => {
    while ((delta[at++] ?? 0) & 0x80);
  }
  skipSize()
  skipSize()
  const parts: Buffer[] = []
  while (at < delta.length) {
    const op = delta[at++] ?? 0
    if (op & 0x80) {
      const bytes = (count: number, bits: number): number => {
        let value = 0
        for (let i = 0; i < count; i++) if (bits & (1 << i)) value += (delta[at++] ?? 0) * 2 ** (8 * i)
        return value
      }
      const start = bytes(4, op)
      const length = bytes(3, op >> 4) || 0x10000
      parts.push(base.subarray(start, start + length))
    } else {
      parts.push(delta.subarray(at, at + op))
      at += op
    }
  }
  return Buffer.concat(parts)
}

function inflateAt(pack: Pack, offset: number): Buffer {
  return inflateSome(pack.read(offset, PACKED_BYTES))
}

/** As much as these bytes give: the object may go on behind them. Only the head of a tag matters here. */
function inflateSome(bytes: Buffer): Buffer {
  return inflateSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length)
  return buffer.subarray(0, readSync(fd, buffer, 0, length, offset))
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
