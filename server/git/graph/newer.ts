// Commits that are in no commit-graph file yet, numbered behind those that are.
import type { GraphFile } from './graphfile.ts'

export interface Newcomer {
  oid: string
  tree: string
  parents: string[]
  /** Committer time in seconds. */
  time: number
}

export type Newer = Omit<GraphFile, 'count' | 'bloom' | 'filter'> & {
  /** Numbers are below this. */
  readonly size: number
  /** The commits with all their ancestors that are not known yet: levels follow from those. */
  add: (commits: Map<string, Newcomer>) => void
}

interface Row {
  oid: string
  tree: string
  time: number
  level: number
  parents: number[]
}

const BYTES_PER_COMMIT = 350

export function openNewer(file: GraphFile | undefined): Newer {
  const base = file?.count ?? 0
  const rows: Row[] = []
  const ids = new Map<string, number>()
  const row = (id: number): Row => {
    const found = rows[id - base]
    if (!found) throw new RangeError('there is no commit of this number')
    return found
  }
  const idOf = (oid: string): number => ids.get(oid) ?? file?.idOf(oid) ?? -1
  const levelOf = (id: number): number => (id < base ? (file?.level(id) ?? 0) : row(id).level)
  const insert = ({ oid, tree, parents, time }: Newcomer): void => {
    if (ids.has(oid)) return
    const known = parents.map(idOf)
    const level = 1 + known.reduce((top, id) => Math.max(top, levelOf(id)), 0)
    ids.set(oid, base + rows.length)
    rows.push({ oid, tree, time, level, parents: known })
  }
  return {
    get size() {
      return base + rows.length
    },
    get bytes() {
      return rows.length * BYTES_PER_COMMIT
    },
    idOf,
    oidOf: (id) => row(id).oid,
    treeOf: (id) => row(id).tree,
    time: (id) => row(id).time,
    level: (id) => row(id).level,
    parents: (id, into) => {
      into.length = 0
      for (const parent of row(id).parents) into.push(parent)
    },
    add: (commits) => {
      for (const commit of parentsFirst(commits)) insert(commit)
    },
  }
}

/** Without recursion, as a history may be a line of a hundred thousand. */
function* parentsFirst(commits: Map<string, Newcomer>): Generator<Newcomer> {
  const done = new Set<string>()
  for (const start of commits.values()) {
    const stack = [start]
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const waiting = top.parents.find((oid) => !done.has(oid) && commits.has(oid))
      if (waiting !== undefined && !done.has(top.oid)) {
        stack.push(commits.get(waiting) as Newcomer)
        continue
      }
      stack.pop()
      if (done.has(top.oid)) continue
      done.add(top.oid)
      yield top
    }
  }
}
