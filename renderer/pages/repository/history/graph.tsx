// One row of the graph beside the commits: lines between the rows, and the dot of this one.
import type { LaneRow, Line } from './lanes.ts'

const LANE = 14
const DOT = 4
/** More lines beside each other tell nothing: the others lie behind the last one. */
const LANES_MAX = 12
const COLOURS = ['--chart-1', '--chart-3', '--chart-2', '--chart-4', '--chart-5', '--chart-6']

const placeOf = (lane: number): number => LANE / 2 + Math.min(lane, LANES_MAX - 1) * LANE
const colourOf = (lane: number): string => `var(${COLOURS[lane % COLOURS.length]})`

export function graphWidth(rows: readonly LaneRow[]): number {
  return Math.min(Math.max(1, ...rows.map(({ width }) => width)), LANES_MAX) * LANE
}

export function GraphRow({ row, width, height }: { row: LaneRow; width: number; height: number }) {
  const middle = height / 2
  return (
    <svg width={width} height={height} aria-hidden style={{ display: 'block', flex: 'none' }}>
      {row.lines.map((line) => (
        <path
          key={`${line.kind} ${line.from} ${line.to}`}
          d={pathOf(line, height)}
          fill="none"
          stroke={colourOf(line.color)}
          strokeWidth={2}
        />
      ))}
      <circle cx={placeOf(row.lane)} cy={middle} r={DOT} fill={colourOf(row.lane)} />
    </svg>
  )
}

/** What passes between two rows, where something else stands there. */
export function GraphPause({ lanes, width, height }: { lanes: readonly number[]; width: number; height: number }) {
  return (
    <svg width={width} height={height} aria-hidden style={{ display: 'block', flex: 'none' }}>
      {lanes.map((lane) => (
        <path key={lane} d={`M${placeOf(lane)} 0V${height}`} stroke={colourOf(lane)} strokeWidth={2} />
      ))}
    </svg>
  )
}

function pathOf({ kind, from, to }: Line, height: number): string {
  const [a, b] = [placeOf(from), placeOf(to)]
  const middle = height / 2
  if (kind === 'through') return `M${a} 0V${height}`
  const [top, bottom] = kind === 'in' ? [0, middle] : [middle, height]
  if (a === b) return `M${a} ${top}V${bottom}`
  const bend = (top + bottom) / 2
  return `M${a} ${top}C${a} ${bend} ${b} ${bend} ${b} ${bottom}`
}
