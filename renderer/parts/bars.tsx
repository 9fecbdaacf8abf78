// Two small charts of counts: bars along time, and the hours of a week. The one under the pointer is said in words.
import { Box, Group, Text } from '@mantine/core'
import { Fragment, type PointerEvent, useState } from 'react'
import './bars.css'

export interface Bar {
  /** What it stands for, as people say it. */
  label: string
  value: number
}

interface BarsProps {
  title: string
  bars: readonly Bar[]
  /** A value with its noun. */
  say: (value: number) => string
  /** Words below the chart, along its width. */
  marks: readonly string[]
}

const HEIGHT = 96

export function Bars({ title, bars, say, marks }: BarsProps) {
  const [at, setAt] = useState<number>()
  const top = Math.max(1, ...bars.map(({ value }) => value))
  const total = bars.reduce((sum, { value }) => sum + value, 0)
  const shown = at === undefined ? undefined : bars[at]
  const point = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect()
    const place = Math.floor(((event.clientX - box.left) / box.width) * bars.length)
    setAt(Math.min(bars.length - 1, Math.max(0, place)))
  }
  return (
    <Box className="card" p="md">
      <Group justify="space-between" gap={8} mb="xs" align="baseline">
        <Text fw={600}>{title}</Text>
        <Text size="sm" c="dimmed">
          {shown ? `${shown.label}: ${say(shown.value)}` : say(total)}
        </Text>
      </Group>
      <svg
        viewBox={`0 0 ${bars.length} ${HEIGHT}`}
        width="100%"
        height={HEIGHT}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${say(total)}, at most ${say(top)} in one`}
        style={{ display: 'block', touchAction: 'pan-y' }}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setAt(undefined)}
      >
        {bars.map(({ label, value }, i) => {
          const height = value === 0 ? 1 : Math.max(3, (value / top) * (HEIGHT - 2))
          const fill = value === 0 ? 'var(--line)' : 'var(--chart-1)'
          return (
            <rect
              key={label}
              x={i + 0.12}
              y={HEIGHT - height}
              width={0.76}
              height={height}
              fill={fill}
              fillOpacity={at === undefined || at === i ? 1 : 0.55}
            />
          )
        })}
      </svg>
      <Group justify="space-between" mt={4} wrap="nowrap">
        {marks.map((mark) => (
          <Text key={mark} size="xs" c="dimmed">
            {mark}
          </Text>
        ))}
      </Group>
    </Box>
  )
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
interface WeekProps {
  title: string
  /** By weekday from Monday, and by hour. */
  hours: readonly (readonly number[])[]
  say: (value: number) => string
}

/** The darker, the more. */
export function Week({ title, hours, say }: WeekProps) {
  const [at, setAt] = useState<{ day: number; hour: number }>()
  const top = Math.max(1, ...hours.flat())
  const shown = at && hours[at.day]?.[at.hour]
  return (
    <Box className="card" p="md">
      <Group justify="space-between" gap={8} mb="xs" align="baseline">
        <Text fw={600}>{title}</Text>
        <Text size="sm" c="dimmed">
          {at && shown !== undefined
            ? `${DAYS[at.day]}, ${at.hour}:00 to ${at.hour + 1}:00: ${say(shown)}`
            : 'by the clock of each author'}
        </Text>
      </Group>
      <div
        className="week"
        role="img"
        aria-label={weekSummary(title, hours, say)}
        onPointerLeave={() => setAt(undefined)}
      >
        {hours.map((row, day) => (
          <Fragment key={DAYS[day]}>
            <span className="week-label">{DAYS[day]?.slice(0, 3)}</span>
            {row.map((value, hour) => (
              <i
                // oxlint-disable-next-line react/no-array-index-key -- an hour is known by its number
                key={hour}
                style={value === 0 ? {} : { background: 'var(--chart-1)', opacity: 0.2 + 0.8 * (value / top) }}
                onPointerEnter={() => setAt({ day, hour })}
              />
            ))}
          </Fragment>
        ))}
        <span />
        {[0, 6, 12, 18].map((hour) => (
          <span key={hour} className="week-label" style={{ gridColumn: 'span 6' }}>
            {hour}:00
          </span>
        ))}
      </div>
    </Box>
  )
}

function weekSummary(title: string, hours: WeekProps['hours'], say: WeekProps['say']): string {
  const days = hours.map((row, day) => `${DAYS[day]} ${say(row.reduce((sum, value) => sum + value, 0))}`)
  return `${title}: ${days.join(', ')}`
}
