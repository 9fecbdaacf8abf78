// Which of many tips have a commit in their history, in one walk over all of them.
import type { Dag, Pace } from './walks.ts'

/** For each tip, whether it is the commit or a descendant of it. Nothing older than the commit is looked at. */
export async function containingWalk(
  dag: Dag,
  commit: number,
  tips: readonly number[],
  pace: Pace,
): Promise<boolean[]> {
  const floor = dag.level(commit)
  const met = new Uint8Array(dag.size)
  const order: number[] = []
  const meet = (id: number): void => {
    if (met[id] || dag.level(id) <= floor) return
    met[id] = 1
    order.push(id)
  }
  for (const tip of tips) meet(tip)
  const parents: number[] = []
  for (let at = 0; at < order.length; at++) {
    dag.parents(order[at] ?? 0, parents)
    for (const parent of parents) meet(parent)
    const wait = pace()
    if (wait) await wait
  }
  // Parents stand below their children, so each finds its parents decided.
  order.sort((a, b) => dag.level(a) - dag.level(b))
  const has = new Uint8Array(dag.size)
  has[commit] = 1
  for (const id of order) {
    dag.parents(id, parents)
    if (parents.some((parent) => has[parent] === 1)) has[id] = 1
    const wait = pace()
    if (wait) await wait
  }
  return tips.map((tip) => has[tip] === 1)
}
