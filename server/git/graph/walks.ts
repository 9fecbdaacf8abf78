// Walks over a graph of commits, by number: order of a log, what one tip has and another lacks, where two lines part.
import { openHeap } from './heap.ts'

/** All that is asked about must be known in it, with all its ancestors. */
export interface Dag {
  /** Numbers are below this. */
  size: number
  time: (id: number) => number
  /** Above the levels of all ancestors. */
  level: (id: number) => number
  /** Puts the parents into the list, after emptying it. */
  parents: (id: number, into: number[]) => void
}

/** Called between steps of a long walk, so that it neither blocks the server nor outlives who asked. */
export type Pace = () => Promise<void> | undefined

const [INCLUDED, EXCLUDED, STALE] = [1, 2, 4]

/** The marks of a walk that is over: `marks[id] === INCLUDED` holds for what is reached from `include` alone. */
interface Reach {
  marks: Uint8Array
  count: number
}

/**
 * Highest level first, each commit is met after all its descendants, so its mark is final when its turn comes, however
 * wrong the dates are; and once all that waits is excluded, so is all below.
 */
async function reach(dag: Dag, include: readonly number[], exclude: readonly number[], pace: Pace): Promise<Reach> {
  const marks = new Uint8Array(dag.size)
  const heap = openHeap()
  let open = 0
  let count = 0
  const mark = (id: number, mark: number): void => {
    const old = marks[id] ?? 0
    const fresh = old | mark
    if (fresh === old) return
    marks[id] = fresh
    if (old === 0) heap.push(id, dag.level(id))
    if (fresh === INCLUDED) open++
    else if (old === INCLUDED) open--
  }
  for (const id of include) mark(id, INCLUDED)
  for (const id of exclude) mark(id, EXCLUDED)
  const parents: number[] = []
  while (open > 0) {
    const id = heap.pop() ?? 0
    const own = marks[id] ?? 0
    if (own === INCLUDED) {
      open--
      count++
    }
    dag.parents(id, parents)
    for (const parent of parents) mark(parent, own)
    const wait = pace()
    if (wait) await wait
  }
  return { marks, count }
}

export interface LogWish {
  include: readonly number[]
  exclude: readonly number[]
  /** Begin behind this commit, in the order of the walk. */
  after?: number | undefined
  limit: number
}

/** Latest first, as `git log` orders by default. `more` says whether there is anything behind the last one. */
export async function logWalk(dag: Dag, wish: LogWish, pace: Pace): Promise<{ ids: number[]; more: boolean }> {
  const { include, exclude, limit } = wish
  const { marks } = exclude.length > 0 ? await reach(dag, include, exclude, pace) : { marks: undefined }
  const seen = new Uint8Array(dag.size)
  // Of the same time: whichever was met first, as git does it.
  const heap = openHeap()
  const meet = (id: number): void => {
    if (seen[id] || (marks && marks[id] !== INCLUDED)) return
    seen[id] = 1
    heap.push(id, dag.time(id))
  }
  for (const id of include) meet(id)
  const ids: number[] = []
  const parents: number[] = []
  let waiting = wish.after !== undefined
  while (heap.size > 0 && ids.length < limit) {
    const id = heap.pop() ?? 0
    dag.parents(id, parents)
    for (const parent of parents) meet(parent)
    if (!waiting) ids.push(id)
    else if (id === wish.after) waiting = false
    const wait = pace()
    if (wait) await wait
  }
  return { ids, more: heap.size > 0 && !waiting }
}

/** How many commits are reached from `include` and not from `exclude`. */
export async function countWalk(
  dag: Dag,
  include: readonly number[],
  exclude: readonly number[],
  pace: Pace,
): Promise<number> {
  if (exclude.length > 0) return (await reach(dag, include, exclude, pace)).count
  const seen = new Uint8Array(dag.size)
  const stack: number[] = []
  let count = 0
  const meet = (id: number): void => {
    if (seen[id]) return
    seen[id] = 1
    count++
    stack.push(id)
  }
  for (const id of include) meet(id)
  const parents: number[] = []
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    dag.parents(id, parents)
    for (const parent of parents) meet(parent)
    const wait = pace()
    if (wait) await wait
  }
  return count
}

/** All best common ancestors, latest first. */
export async function mergeBaseWalk(dag: Dag, a: number, b: number, pace: Pace): Promise<number[]> {
  if (a === b) return [a]
  const marks = new Uint8Array(dag.size)
  const heap = openHeap()
  let open = 0
  const mark = (id: number, mark: number): void => {
    const old = marks[id] ?? 0
    const fresh = old | mark
    if (fresh === old) return
    marks[id] = fresh
    if (old === 0) heap.push(id, dag.level(id))
    if (old === 0 && fresh < STALE) open++
    else if (old !== 0 && old < STALE && fresh >= STALE) open--
  }
  mark(a, INCLUDED)
  mark(b, EXCLUDED)
  const bases: number[] = []
  const parents: number[] = []
  while (open > 0) {
    const id = heap.pop() ?? 0
    let own = marks[id] ?? 0
    if (own < STALE) open--
    if (own === (INCLUDED | EXCLUDED)) {
      bases.push(id)
      own |= STALE
    }
    dag.parents(id, parents)
    for (const parent of parents) mark(parent, own)
    const wait = pace()
    if (wait) await wait
  }
  return bases.sort((x, y) => dag.time(y) - dag.time(x))
}

/** Whether `a` is `b` or one of its ancestors. */
export async function ancestorWalk(dag: Dag, a: number, b: number, pace: Pace): Promise<boolean> {
  const floor = dag.level(a)
  const seen = new Uint8Array(dag.size)
  const stack = [b]
  const parents: number[] = []
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (id === a) return true
    dag.parents(id, parents)
    for (const parent of parents) {
      if (seen[parent] || (dag.level(parent) <= floor && parent !== a)) continue
      seen[parent] = 1
      stack.push(parent)
    }
    const wait = pace()
    if (wait) await wait
  }
  return false
}
