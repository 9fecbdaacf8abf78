// The graph beside a list of commits: which lane each stands in, and the lines between. Older pages change nothing above.

export interface Line {
  /** Lanes, at the upper and at the lower edge of the row; the commit's own where it begins or ends at its dot. */
  from: number
  to: number
  /** `through`: from edge to edge. `in`: from above into the dot. `out`: from the dot down. */
  kind: 'through' | 'in' | 'out'
  /** The lane whose colour it has. */
  color: number
}

export interface LaneRow {
  lane: number
  lines: Line[]
  /** Lanes that pass below this row, for what stands between it and the next. */
  below: number[]
  width: number
}

interface Node {
  hash: string
  parents: readonly { hash: string }[]
}

/** Commits come children first. Each lane waits for one commit; the lines to it meet where it stands. */
export function lanesOf(commits: readonly Node[]): LaneRow[] {
  const lanes: (string | undefined)[] = []
  return commits.map((commit) => rowOf(lanes, commit))
}

function rowOf(lanes: (string | undefined)[], { hash, parents }: Node): LaneRow {
  const waiting = lanes.flatMap((expected, lane) => (expected === hash ? [lane] : []))
  const lane = waiting[0] ?? freeLane(lanes)
  const before = lanes.length
  const lines: Line[] = waiting.map((from) => ({ from, to: lane, kind: 'in', color: from }))
  for (const [at, expected] of lanes.entries())
    if (expected !== undefined && expected !== hash) lines.push({ from: at, to: at, kind: 'through', color: at })
  for (const at of waiting) lanes[at] = undefined
  for (const [place, parent] of parents.entries()) {
    const known = place === 0 ? -1 : lanes.indexOf(parent.hash)
    const to = place === 0 ? lane : known >= 0 ? known : freeLane(lanes, lane)
    lanes[to] = parent.hash
    lines.push({ from: lane, to, kind: 'out', color: to })
  }
  while (lanes.length > 0 && lanes.at(-1) === undefined) lanes.pop()
  const below = lanes.flatMap((expected, at) => (expected === undefined ? [] : [at]))
  return { lane, lines, below, width: Math.max(before, lanes.length, lane + 1) }
}

/** The first that waits for nothing, and is not `taken`. */
function freeLane(lanes: readonly (string | undefined)[], taken = -1): number {
  let lane = 0
  while (lane === taken || lanes[lane] !== undefined) lane++
  return lane
}
