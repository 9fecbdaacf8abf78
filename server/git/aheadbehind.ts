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
  const heap = openHeap()
  const rowOf = new Int32Array(dag.size).fill(-1)
  const counts = tips.map(() => ({ ahead: 0, behind: 0 }))
  // Neighbours mostly carry the same bits: they are counted together, those of the base apart from the others.
  const runs = [openRun(rows, counts), openRun(rows, counts)]
  let open = 0
  const meet = (id: number): number => {
    if (rowOf[id] === -1) {
      rowOf[id] = rows.take()
      heap.push(id, dag.level(id))
      open++
    }
    return rowOf[id] ?? 0
  }
  const change = (id: number, how: (row: number) => void): void => {
    const row = meet(id)
    const wasFull = rows.full(row)
    how(row)
    if (!wasFull && rows.full(row)) open--
  }
  change(base, (row) => rows.set(row, 0))
  for (const [i, tip] of tips.entries()) change(tip, (row) => rows.set(row, i + 1))
  const parents: number[] = []
  while (open > 0) {
    const id = heap.pop() ?? 0
    const own = rowOf[id] ?? 0
    if (!rows.full(own)) {
      open--
      runs[rows.has(own, 0) ? 0 : 1]?.add(own)
    }
    dag.parents(id, parents)
    for (const parent of parents) change(parent, (row) => rows.merge(row, own))
    rows.free(own)
    const wait = pace()
    if (wait) await wait
  }
  for (const run of runs) run.flush()
  return counts
}

interface Rows {
  take: () => number
  free: (row: number) => void
  set: (row: number, bit: number) => void
  has: (row: number, bit: number) => boolean
  merge: (into: number, from: number) => void
  full: (row: number) => boolean
  copy: (row: number) => Uint32Array
  same: (row: number, copy: Uint32Array) => boolean
}

/** Rows of bits in one growing block, used again once their commit is done. */
function openRows(bits: number): Rows {
  const words = Math.ceil(bits / 32)
  const rest = bits % 32
  const lastFull = rest === 0 ? 0xffffffff : 2 ** rest - 1
  let block = new Uint32Array(words * 64)
  const unused: number[] = []
  let taken = 0
  const word = (row: number, i: number): number => block[row * words + i] ?? 0
  return {
    take: () => {
      const row = unused.pop() ?? taken++
      if ((row + 1) * words > block.length) {
        const larger = new Uint32Array(block.length * 2)
        larger.set(block)
        block = larger
      }
      block.fill(0, row * words, (row + 1) * words)
      return row
    },
    free: (row) => void unused.push(row),
    set: (row, bit) => void (block[row * words + (bit >>> 5)] = word(row, bit >>> 5) | (1 << (bit & 31))),
    has: (row, bit) => (word(row, bit >>> 5) & (1 << (bit & 31))) !== 0,
    merge: (into, from) => {
      for (let i = 0; i < words; i++) block[into * words + i] = word(into, i) | word(from, i)
    },
    full: (row) => {
      for (let i = 0; i < words - 1; i++) if (word(row, i) !== 0xffffffff) return false
      return word(row, words - 1) === lastFull
    },
    copy: (row) => block.slice(row * words, (row + 1) * words),
    same: (row, copy) => copy.every((value, i) => value === word(row, i)),
  }
}

/** Commits that carry the same bits, one after the other. */
function openRun(rows: Rows, counts: AheadBehind[]): { add: (row: number) => void; flush: () => void } {
  let bits: Uint32Array | undefined
  let length = 0
  const flush = (): void => {
    if (!bits) return
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
      if (!bits || !rows.same(row, bits)) {
        flush()
        bits = rows.copy(row)
      }
      length++
    },
    flush,
  }
}
