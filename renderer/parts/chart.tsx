// A small chart of one day: up to three lines over one scale, with the value under the pointer in words.
import { Box, Group, Text } from '@mantine/core'
import { type PointerEvent, useState } from 'react'

export interface Line {
  label: string
  /** Null where nobody measured: the line has a gap there. */
  values: readonly (number | null)[]
}

interface ChartProps {
  title: string
  lines: readonly Line[]
  /** When the first value was, and how far the others lie apart. */
  from: string
  seconds: number
  /** A value as people read it. */
  say: (value: number) => string
}

const WIDTH = 288
const HEIGHT = 64
const COLOURS = ['var(--chart-1)', 'var(--chart-2)', 'var(--chart-3)']
const STYLES = ['none', '5 2', '1.5 2']

export function Chart({ title, lines, from, seconds, say }: ChartProps) {
  const [at, setAt] = useState<number>()
  const count = Math.max(1, ...lines.map(({ values }) => values.length))
  const top = highest(lines)
  const shown = at ?? lastMeasured(lines)
  const point = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect()
    setAt(Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count))))
  }
  return (
    <Box className="card" p="sm">
      <Group justify="space-between" gap={4} mb={4} wrap="nowrap" align="baseline">
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {shown === undefined ? 'no measure yet' : timeAt(from, seconds, shown)}
        </Text>
      </Group>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        width="100%"
        height={HEIGHT}
        preserveAspectRatio="none"
        role="img"
        aria-label={summary(title, lines, say)}
        style={{ display: 'block', touchAction: 'pan-y' }}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setAt(undefined)}
      >
        <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} stroke="var(--line)" />
        {lines.map(({ label, values }, i) => (
          <path
            key={label}
            d={pathOf(values, top)}
            fill="none"
            stroke={COLOURS[i]}
            strokeWidth="1.5"
            strokeDasharray={STYLES[i]}
            strokeLinejoin="round"
            strokeLinecap="round"
            vectorEffect="non-scaling-stroke"
          />
        ))}
        {at !== undefined && (
          <line
            x1={xOf(at, count)}
            x2={xOf(at, count)}
            y1="0"
            y2={HEIGHT}
            stroke="currentColor"
            strokeOpacity="0.4"
            vectorEffect="non-scaling-stroke"
          />
        )}
      </svg>
      <Group gap="sm" mt={4} mih={20}>
        {lines.map(({ label, values }, i) => (
          <Group key={label} gap={5} wrap="nowrap">
            <svg width="16" height="4" aria-hidden="true">
              <line x1="0" x2="16" y1="2" y2="2" stroke={COLOURS[i]} strokeWidth="2" strokeDasharray={STYLES[i]} />
            </svg>
            <Text size="xs">
              {lines.length > 1 && `${label} `}
              {valueAt(values, shown, say)}
            </Text>
          </Group>
        ))}
        <Text size="xs" c="dimmed" ml="auto">
          {top > 0 && `max ${say(top)}`}
        </Text>
      </Group>
    </Box>
  )
}

function highest(lines: readonly Line[]): number {
  return Math.max(0, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)))
}

function lastMeasured(lines: readonly Line[]): number | undefined {
  const last = Math.max(-1, ...lines.map(({ values }) => values.findLastIndex((value) => value !== null)))
  return last < 0 ? undefined : last
}

function valueAt(values: Line['values'], at: number | undefined, say: ChartProps['say']): string {
  const value = at === undefined ? null : (values[at] ?? null)
  return value === null ? '–' : say(value)
}

function xOf(i: number, count: number): number {
  return ((i + 0.5) / count) * WIDTH
}

/** One stroke for each stretch without a gap; a value alone is a dot. */
function pathOf(values: Line['values'], top: number): string {
  let path = ''
  let drawing = false
  for (const [i, value] of values.entries()) {
    if (value !== null) {
      const y = HEIGHT - 1 - (top === 0 ? 0 : (value / top) * (HEIGHT - 4))
      const place = `${xOf(i, values.length).toFixed(1)} ${y.toFixed(1)}`
      path += drawing ? `L${place}` : `M${place}h0.01`
    }
    drawing = value !== null
  }
  return path
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

function timeAt(from: string, seconds: number, at: number): string {
  const begin = Date.parse(from) + at * seconds * 1000
  return `${CLOCK.format(begin)}–${CLOCK.format(begin + seconds * 1000)}`
}

function summary(title: string, lines: readonly Line[], say: ChartProps['say']): string {
  const last = lastMeasured(lines)
  if (last === undefined) return `${title}, last day: no measure yet`
  const parts = lines.map((line) => {
    const name = lines.length > 1 ? `${line.label} ` : ''
    return `${name}${valueAt(line.values, last, say)}, at most ${say(highest([line]))}`
  })
  return `${title}, last day: ${parts.join('; ')}`
}
