// How far many branches are ahead of and behind one base, in a single walk that carries a bit per branch.
import { openHeap } from './heap.ts'
import type { Dag, Pace } from './walks.ts'

export interface AheadBehind {
  ahead: number
  behind: number
}

/** Branches that share one walk: each commit in hand carries so many bits. */
const TOGETHER = 512

export async function aheadBehindWalk(
  dag: Dag,
  base: number,
  tips: readonly number[],
  pace: Pace,
): Promise<AheadBehind[]> {
  const answers: AheadBehind[] = []
  for (let from = 0; from < tips.length; from += TOGETHER)
    answers.push(...(await walkTogether(dag, base, tips.slice(from, from + TOGETHER), pace)))
  return answers
}

/** Bit 0 is the base, bit i + 1 the tip i. A commit is met after all its descendants, when its bits are final. */
async function walkTogether(dag: Dag, base: number, tips: readonly number[], pace: Pace): Promise<AheadBehind[]> {
  const rows = openRows(tips.length + 1)
  const front = openFront(dag, rows)
  const counts = tips.map(() => ({ ahead: 0, behind: 0 }))
  // Neighbours mostly carry the same bits: they are counted together, those of the base apart from the others.
  const [inBase, outside] = [openRun(rows, counts), openRun(rows, counts)]
  for (const [bit, id] of [base, ...tips].entries()) front.start(id, bit)
  while (front.open > 0) {
    const id = front.next()
    const row = front.rowOf(id)
    if (!rows.full(row)) (rows.has(row, 0) ? inBase : outside).add(row)
    front.pass(id)
    const wait = pace()
    if (wait) await wait
  }
  inBase.flush()
  outside.flush()
  return counts
}

/** The commits in hand with their rows. `open` counts those that not all tips reach: without them there is no more to learn. */
interface Front {
  readonly open: number
  start: (id: number, bit: number) => void
  next: () => number
  rowOf: (id: number) => number
  /** Gives the bits of a commit to its parents. */
  pass: (id: number) => void
}

function openFront(dag: Dag, rows: Rows): Front {
  const heap = openHeap()
  const rowOf = new Int32Array(dag.size).fill(-1)
  const parents: number[] = []
  let open = 0
  const meet = (id: number, row: number): void => {
    rowOf[id] = row
    heap.push(id, dag.level(id))
    if (!rows.full(row)) open++
  }
  return {
    get open() {
      return open
    },
    start: (id, bit) => {
      const row = rows.take()
      rows.set(row, bit)
      const known = rowOf[id] ?? -1
      if (known < 0) return meet(id, row)
      open -= rows.merge(known, row)
      rows.free(row)
    },
    next: () => {
      const id = heap.pop() ?? 0
      if (!rows.full(rowOf[id] ?? 0)) open--
      return id
    },
    rowOf: (id) => rowOf[id] ?? 0,
    pass: (id) => {
      const own = rowOf[id] ?? 0
      let given = false
      dag.parents(id, parents)
      for (const parent of parents) {
        const row = rowOf[parent] ?? -1
        if (row >= 0) open -= rows.merge(row, own)
        // The first parent that nobody met yet takes the bits over as they are.
        else meet(parent, given ? rows.twin(own) : own)
        given ||= row < 0
      }
      if (!given) rows.free(own)
    },
  }
}

interface Rows {
  take: () => number
  twin: (row: number) => number
  free: (row: number) => void
  set: (row: number, bit: number) => void
  has: (row: number, bit: number) => boolean
  /** 1 when the row became full by it. */
  merge: (into: number, from: number) => number
  full: (row: number) => boolean
  /** Another one whenever the bits change. */
  stamp: (row: number) => number
  bits: (row: number) => Uint32Array
}

/** Rows of bits in one growing block, used again once their commit is done. */
function openRows(bits: number): Rows {
  const words = Math.ceil(bits / 32)
  const rest = bits % 32
  const lastFull = rest === 0 ? 0xffffffff : 2 ** rest - 1
  let block = new Uint32Array(words * 64)
  const unused: number[] = []
  const stamps: number[] = []
  const fulls: boolean[] = []
  let clock = 0
  const take = (): number => {
    const row = unused.pop() ?? stamps.length
    if ((row + 1) * words > block.length) {
      const larger = new Uint32Array(block.length * 2)
      larger.set(block)
      block = larger
    }
    block.fill(0, row * words, (row + 1) * words)
    stamps[row] = ++clock
    fulls[row] = false
    return row
  }
  const changed = (row: number): void => {
    stamps[row] = ++clock
    const end = (row + 1) * words - 1
    let full = block[end] === lastFull
    for (let at = row * words; full && at < end; at++) full = block[at] === 0xffffffff
    fulls[row] = full
  }
  return {
    take,
    twin: (row) => {
      const twin = take()
      block.copyWithin(twin * words, row * words, (row + 1) * words)
      fulls[twin] = fulls[row] ?? false
      return twin
    },
    free: (row) => void unused.push(row),
    set: (row, bit) => {
      const at = row * words + (bit >>> 5)
      block[at] = (block[at] ?? 0) | (1 << (bit & 31))
      changed(row)
    },
    has: (row, bit) => ((block[row * words + (bit >>> 5)] ?? 0) & (1 << (bit & 31))) !== 0,
    merge: (into, from) => {
      if (fulls[into]) return 0
      let fresh = 0
      for (let i = 0; i < words; i++) {
        const old = block[into * words + i] ?? 0
        const both = (old | (block[from * words + i] ?? 0)) >>> 0
        fresh |= both ^ old
        block[into * words + i] = both
      }
      if (fresh !== 0) changed(into)
      return fulls[into] ? 1 : 0
    },
    full: (row) => fulls[row] ?? false,
    stamp: (row) => stamps[row] ?? 0,
    bits: (row) => block.slice(row * words, (row + 1) * words),
  }
}

/** Commits that carry the same bits, one after the other. */
function openRun(rows: Rows, counts: AheadBehind[]): { add: (row: number) => void; flush: () => void } {
  let bits: Uint32Array = new Uint32Array()
  let stamp = 0
  let length = 0
  const flush = (): void => {
    if (length === 0) return
    const inBase = ((bits[0] ?? 0) & 1) !== 0
    for (const [i, count] of counts.entries()) {
      const has = ((bits[(i + 1) >>> 5] ?? 0) & (1 << ((i + 1) & 31))) !== 0
      if (inBase && !has) count.behind += length
      else if (!inBase && has) count.ahead += length
    }
    length = 0
  }
  return {
    add: (row) => {
      if (rows.stamp(row) !== stamp) {
        flush()
        bits = rows.bits(row)
        stamp = rows.stamp(row)
      }
      length++
    },
    flush,
  }
}
