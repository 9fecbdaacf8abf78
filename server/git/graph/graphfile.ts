// Git's commit-graph, one file or a chain of them: parents, tree, time and level of each commit by its place, no process.
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { BloomSettings } from './bloom.ts'

/** Commits are numbered through all layers; a parent's number may lie in any layer at or below. */
export interface GraphFile {
  count: number
  bytes: number
  /** -1 when it is not in here. */
  idOf: (oid: string) => number
  oidOf: (id: number) => string
  treeOf: (id: number) => string
  /** Committer time in seconds. */
  time: (id: number) => number
  /** One more than the highest level of the parents; 1 without parents. */
  level: (id: number) => number
  /** Puts the parents into the list, after emptying it. */
  parents: (id: number, into: number[]) => void
  /** What its changes against the first parent leave in a filter; undefined where there is none. */
  filter: (id: number) => Buffer | undefined
  bloom: BloomSettings
}

interface Layer {
  base: number
  count: number
  fanout: Buffer
  ids: Buffer
  commits: Buffer
  edges: Buffer
  filterEnds: Buffer
  filters: Buffer
}

const BLOOM = { hashes: 7 }
const ID = 20
const RECORD = ID + 16
const [NO_PARENT, EDGE, LAST] = [0x70000000, 0x80000000, 0x80000000]
const CHUNKS_MAX = 64
/** What is read of one file. Beyond it the repository is left to git. */
const BYTES_MAX = 256 * 1024 * 1024

/** Undefined when there is none, or none that can be believed. */
export async function loadGraphFile(objects: string): Promise<GraphFile | undefined> {
  try {
    const layers = (await loadSingle(objects)) ?? (await loadChain(objects))
    return layers.length === 0 ? undefined : joinLayers(layers)
  } catch (error) {
    if (error instanceof Damaged || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

class Damaged extends Error {}

async function loadSingle(objects: string): Promise<Layer[] | undefined> {
  try {
    return [await loadLayer(join(objects, 'info', 'commit-graph'), 0)]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function loadChain(objects: string): Promise<Layer[]> {
  const folder = join(objects, 'info', 'commit-graphs')
  const names = (await readFile(join(folder, 'commit-graph-chain'), 'latin1')).trim().split('\n')
  const layers: Layer[] = []
  let base = 0
  for (const name of names) {
    if (!/^[0-9a-f]{40}$/.test(name)) throw new Damaged()
    const layer = await loadLayer(join(folder, `graph-${name}.graph`), base)
    layers.push(layer)
    base += layer.count
  }
  return layers
}

async function loadLayer(file: string, base: number): Promise<Layer> {
  const handle = await open(file)
  try {
    const chunks = await readTable(handle)
    const read = (name: string): Promise<Buffer> => readChunk(handle, chunks.get(name))
    const [fanout, ids, commits] = [await read('OIDF'), await read('OIDL'), await read('CDAT')]
    if (fanout.length < 1024) throw new Damaged()
    const count = fanout.readUInt32BE(1020)
    if (ids.length < count * ID || commits.length < count * RECORD) throw new Damaged()
    // Git before 2.19 wrote no levels, and nothing here works without them.
    if (count > 0 && commits.readUInt32BE(ID + 8) >>> 2 === 0) throw new Damaged()
    const [filterEnds, filters] = usableFilters(await read('BIDX'), await read('BDAT'), count)
    return { base, count, fanout, ids, commits, edges: await read('EDGE'), filterEnds, filters }
  } finally {
    await handle.close()
  }
}

const FILTER_HEAD = 12

/** Version 1 is what git writes by default. Filters that are not understood are not needed. */
function usableFilters(ends: Buffer, filters: Buffer, count: number): [Buffer, Buffer] {
  const none = Buffer.alloc(0)
  const usable = ends.length === count * 4 && filters.length >= FILTER_HEAD
  if (!usable || filters.readUInt32BE(0) !== 1 || filters.readUInt32BE(4) !== BLOOM.hashes) return [none, none]
  return [ends, filters]
}

type Span = { at: number; length: number }

async function readTable(handle: FileHandle): Promise<Map<string, Span>> {
  const head = await readChunk(handle, { at: 0, length: 8 })
  const [version, hash, count = 0] = head.subarray(4)
  if (head.toString('latin1', 0, 4) !== 'CGPH' || version !== 1 || hash !== 1 || count > CHUNKS_MAX) throw new Damaged()
  const table = await readChunk(handle, { at: 8, length: (count + 1) * 12 })
  const chunks = new Map<string, Span>()
  for (let i = 0; i < count; i++) {
    const [at, end] = [table.readBigUInt64BE(i * 12 + 4), table.readBigUInt64BE(i * 12 + 16)].map(Number)
    chunks.set(table.toString('latin1', i * 12, i * 12 + 4), { at: at ?? 0, length: (end ?? 0) - (at ?? 0) })
  }
  return chunks
}

async function readChunk(handle: FileHandle, span: Span | undefined): Promise<Buffer> {
  if (!span) return Buffer.alloc(0)
  if (!(span.length >= 0 && span.length <= BYTES_MAX)) throw new Damaged()
  const buffer = Buffer.allocUnsafeSlow(span.length)
  const { bytesRead } = await handle.read(buffer, 0, span.length, span.at)
  if (bytesRead !== span.length) throw new Damaged()
  return buffer
}

function joinLayers(layers: Layer[]): GraphFile {
  const last = layers.at(-1) as Layer
  const count = last.base + last.count
  const layerOf = (id: number): Layer => {
    for (let i = layers.length - 1; i > 0; i--) {
      const layer = layers[i] as Layer
      if (id >= layer.base) return layer
    }
    return layers[0] as Layer
  }
  const parentAt = (value: number): number => {
    if (value >= count) throw new RangeError('the commit-graph names a commit that it does not hold')
    return value
  }
  return {
    count,
    bytes: layers.reduce((sum, layer) => sum + bytesOf(layer), 0),
    idOf: (oid) => (oid.length === 2 * ID ? search(layers, Buffer.from(oid, 'hex')) : -1),
    oidOf: (id) => {
      const { ids, base } = layerOf(id)
      return ids.toString('hex', (id - base) * ID, (id - base + 1) * ID)
    },
    bloom: BLOOM,
    filter: (id) => {
      const { filterEnds, filters, base } = layerOf(id)
      if (filterEnds.length === 0) return undefined
      const from = id === base ? 0 : filterEnds.readUInt32BE((id - base - 1) * 4)
      return filters.subarray(FILTER_HEAD + from, FILTER_HEAD + filterEnds.readUInt32BE((id - base) * 4))
    },
    treeOf: (id) => {
      const { commits, base } = layerOf(id)
      return commits.toString('hex', (id - base) * RECORD, (id - base) * RECORD + ID)
    },
    time: (id) => {
      const { commits, base } = layerOf(id)
      const at = (id - base) * RECORD + ID + 8
      return (commits.readUInt32BE(at) & 3) * 2 ** 32 + commits.readUInt32BE(at + 4)
    },
    level: (id) => {
      const { commits, base } = layerOf(id)
      return commits.readUInt32BE((id - base) * RECORD + ID + 8) >>> 2
    },
    parents: (id, into) => {
      into.length = 0
      const { commits, edges, base } = layerOf(id)
      const at = (id - base) * RECORD + ID
      const [first, second] = [commits.readUInt32BE(at), commits.readUInt32BE(at + 4)]
      if (first !== NO_PARENT) into.push(parentAt(first))
      if (second < EDGE && second !== NO_PARENT) into.push(parentAt(second))
      if (second < EDGE) return
      // More than two parents: the rest stands in a list whose last member carries the highest bit.
      for (let i = second - EDGE, value = 0; value < LAST; i++) {
        value = edges.readUInt32BE(i * 4)
        into.push(parentAt(value >= LAST ? value - LAST : value))
      }
    },
  }
}

function bytesOf({ fanout, ids, commits, edges, filterEnds, filters }: Layer): number {
  return [fanout, ids, commits, edges, filterEnds, filters].reduce((sum, { length }) => sum + length, 0)
}

function search(layers: Layer[], oid: Buffer): number {
  const first = oid[0] ?? 0
  for (let i = layers.length - 1; i >= 0; i--) {
    const { fanout, ids, base } = layers[i] as Layer
    let low = first === 0 ? 0 : fanout.readUInt32BE((first - 1) * 4)
    let high = fanout.readUInt32BE(first * 4)
    while (low < high) {
      const middle = (low + high) >>> 1
      const order = ids.compare(oid, 0, ID, middle * ID, (middle + 1) * ID)
      if (order === 0) return base + middle
      if (order < 0) low = middle + 1
      else high = middle
    }
  }
  return -1
}
